using System.IO.Enumeration;
using System.Text;
using Fleetwright.Platform.Connections;

namespace Fleetwright.Platform.Devices.Import;

/// <summary>
/// Reads the Host blocks of an ssh client configuration (ssh_config(5)). The alias itself becomes the address, so that
/// ssh goes on applying ProxyJump, User, Port and the rest of the block.
/// </summary>
internal sealed class SshConfigReader
{
    private const int MaxDepth = 16;
    private const long MaxFileBytes = 1024 * 1024;
    private readonly string? _folder;
    private readonly DeviceAddress _defaults;
    private readonly List<Block> _blocks = [];
    private readonly List<string> _notes = [];

    private SshConfigReader(string? folder, DeviceAddress defaults) => (_folder, _defaults) = (folder, defaults);

    /// <param name="text">The configuration.</param>
    /// <param name="folder">What Include paths are relative to (~/.ssh); null when other files are out of reach.</param>
    /// <param name="defaults">User and key that are given to every device; normally none, as ssh knows them.</param>
    public static ImportList Read(string text, string? folder, DeviceAddress defaults)
    {
        var reader = new SshConfigReader(folder, defaults);
        reader.ReadLines(text, depth: 0);
        return new ImportList([.. reader._blocks.SelectMany(reader.Entries)], reader._notes);
    }

    private void ReadLines(string text, int depth)
    {
        Block? block = null;
        foreach (var line in text.Split('\n'))
        {
            if (Words(line) is not [var keyword, .. var arguments])
            {
                continue;
            }

            switch (keyword.ToLowerInvariant())
            {
                case "host":
                    _blocks.Add(block = new Block(arguments));
                    break;
                case "match":
                    block = null;
                    _notes.Add($"Match {DeviceValidation.Shown(string.Join(' ', arguments))}: passed over, it names no host by itself.");
                    break;
                case "hostname" when block is not null && arguments.Length > 0:
                    block.HostName ??= arguments[0];
                    break;
                case "user" when block is not null && arguments.Length > 0:
                    block.User ??= arguments[0];
                    break;
                case "include":
                    Include(arguments, depth);
                    break;
            }
        }
    }

    private IEnumerable<ImportEntry> Entries(Block block)
    {
        string? first = null;
        foreach (var alias in block.Aliases)
        {
            if (alias.AsSpan().IndexOfAny('*', '?', '!') >= 0)
            {
                yield return ImportEntry.Skipped(alias, "It is a pattern, not a host.");
            }
            else if (string.Equals(block.User, "git", StringComparison.Ordinal))
            {
                yield return ImportEntry.Skipped(alias, "It signs in as git: a Git server, not a machine to watch.");
            }
            else if (first is not null && block.HostName is { } name && !name.Contains("%h", StringComparison.Ordinal))
            {
                // One HostName for several aliases: other names of one machine.
                yield return ImportEntry.Skipped(alias, $"It is another name of {first}.");
            }
            else
            {
                first = alias;
                yield return ImportEntry.Of(new NewDevice { Name = alias, Address = _defaults with { Host = alias } });
            }
        }
    }

    private void Include(string[] patterns, int depth)
    {
        foreach (var pattern in patterns)
        {
            if (_folder is null || depth >= MaxDepth)
            {
                _notes.Add($"Include {DeviceValidation.Shown(pattern)}: not followed{(_folder is null ? "; without content, ~/.ssh/config is read here with its Includes" : ", it goes too deep")}.");
                continue;
            }

            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            var path = pattern.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(home, pattern[2..]) : Path.Combine(_folder, pattern);
            foreach (var file in Matching(path))
            {
                if (ReadFile(file) is { } text)
                {
                    ReadLines(text, depth + 1);
                }
                else
                {
                    _notes.Add($"Include {DeviceValidation.Shown(pattern)}: {Path.GetFileName(file)} could not be read.");
                }
            }
        }
    }

    // Wildcards in the last part, as people write them (config.d/*).
    private static string[] Matching(string path)
    {
        var folder = Path.GetDirectoryName(path);
        var pattern = Path.GetFileName(path);
        return folder is null || !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder)
                .Where(file => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(file), ignoreCase: false))
                .Order(StringComparer.Ordinal)];
    }

    internal static string? ReadFile(string file)
    {
        try
        {
            return new FileInfo(file).Length <= MaxFileBytes ? File.ReadAllText(file) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // "Keyword arg "an arg"", "Keyword=arg"; what follows a # that starts a word is a comment.
    private static string[] Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool quoted = false, some = false;
        foreach (var c in line)
        {
            if (c == '"')
            {
                (quoted, some) = (!quoted, true);
            }
            else if (!quoted && (char.IsWhiteSpace(c) || (c == '=' && words.Count == 0)))
            {
                End();
            }
            else if (!quoted && c == '#' && !some)
            {
                break;
            }
            else
            {
                some = true;
                word.Append(c);
            }
        }

        End();
        return [.. words.Where((text, index) => !(index == 1 && text == "="))];

        void End()
        {
            if (some)
            {
                words.Add(word.ToString());
                word.Clear();
                some = false;
            }
        }
    }

    private sealed class Block(string[] aliases)
    {
        public string[] Aliases { get; } = aliases;

        public string? HostName { get; set; }

        public string? User { get; set; }
    }
}
