using System.Text;

namespace Fleetwright.Features.Systems.Parsing;

/// <summary>
/// What the script printed, by the file each line came from. `grep -H ''` puts the path before every line, so no content
/// of a file can pass for another file; the script's own lines have a ! instead of a path.
/// </summary>
internal sealed class ScriptOutput
{
    // Bounds on what a strange device can make us do; real output stays far below.
    private const int MaxBytes = 8 * 1024 * 1024;
    private const int MaxLines = 100_000;
    private const int MaxLineLength = 16 * 1024;

    private static readonly IReadOnlyList<string> None = [];
    private readonly Dictionary<string, List<string>> _lines = new(StringComparer.Ordinal);
    private readonly List<string> _plain = [];

    private ScriptOutput()
    {
    }

    /// <summary>Lines that are neither a file's nor the script's own, such as error messages.</summary>
    public IReadOnlyList<string> Plain => _plain;

    public IEnumerable<string> Files => _lines.Keys;

    public bool IsEmpty => _lines.Count == 0;

    public static ScriptOutput Read(ReadOnlySpan<byte> bytes)
    {
        var output = new ScriptOutput();
        var rest = bytes[..Math.Min(bytes.Length, MaxBytes)];
        for (var count = 0; !rest.IsEmpty && count < MaxLines; count++)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line.Length > 0)
            {
                output.Add(Encoding.UTF8.GetString(line[..Math.Min(line.Length, MaxLineLength)]), isWhole: line.Length <= MaxLineLength);
            }
        }

        return output;
    }

    /// <summary>The lines of one file; none when it is not there.</summary>
    public IReadOnlyList<string> Of(string path) => _lines.TryGetValue(path, out var lines) ? lines : None;

    public string? FirstOf(string path) => Of(path) is [var first, ..] ? first : null;

    public long? NumberOf(string path) => FirstOf(path) is { } text ? Number.Long(text) : null;

    public bool Has(string path) => _lines.ContainsKey(path);

    private void Add(string line, bool isWhole)
    {
        var colon = line[0] is '/' or '!' ? line.IndexOf(':', StringComparison.Ordinal) : -1;
        var path = colon < 0 ? null : line[..colon];

        // The start of a command line says what runs; the start of anything else may be a wrong number.
        if (!isWhole && path?.EndsWith("/cmdline", StringComparison.Ordinal) != true)
        {
            return;
        }

        if (path is null)
        {
            _plain.Add(line);
            return;
        }

        if (!_lines.TryGetValue(path, out var lines))
        {
            _lines[path] = lines = [];
        }

        lines.Add(line[(colon + 1)..].TrimEnd('\r'));
    }
}
