using System.Globalization;
using System.Text;

namespace Fleetwright.Platform.Devices.Facts;

/// <summary>The facts script's output cut into its sections. Whatever the bytes are, reading them never throws.</summary>
internal sealed class FactsText
{
    private const int MaxValueLength = 1024;
    private readonly Dictionary<string, List<string>> _sections = new(StringComparer.Ordinal);

    private FactsText()
    {
    }

    /// <summary>The script ran to its end.</summary>
    public bool Complete { get; private set; }

    /// <summary>The tools were looked for to the last; what is not among them is not there.</summary>
    public bool FoundTools => _sections.ContainsKey("clockend");

    public static FactsText Read(ReadOnlySpan<byte> output)
    {
        var text = new FactsText();
        List<string>? section = null;
        var whole = output.LastIndexOf((byte)'\n') + 1;

        // A last line without its end was cut: half a value is worse than none.
        foreach (var line in Encoding.UTF8.GetString(output[..whole]).Split('\n'))
        {
            if (line.StartsWith("= ", StringComparison.Ordinal))
            {
                var name = line[2..].Trim();
                text.Complete |= name == "end";
                section = [];
                text._sections.TryAdd(name, section);
            }
            else if (line.StartsWith('|'))
            {
                var value = Clean(line[1..]);
                if (value.Length > 0)
                {
                    section?.Add(value);
                }
            }
        }

        return text;
    }

    public IReadOnlyList<string> Lines(string section) => _sections.GetValueOrDefault(section) ?? [];

    public string? First(string section) => Lines(section) is [var first, ..] ? first : null;

    public IEnumerable<string> SectionsStarting(string prefix) =>
        _sections.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>The rest of the first line that begins with that word: "vendor QEMU" gives QEMU.</summary>
    public string? Word(string section, string word) => Lines(section)
        .Where(line => line.StartsWith(word + " ", StringComparison.Ordinal))
        .Select(line => line[(word.Length + 1)..].Trim())
        .FirstOrDefault(value => value.Length > 0);

    /// <summary>A NAME=value of a shell-like file, without its quotes.</summary>
    public string? Assigned(string section, string name)
    {
        var line = Lines(section).FirstOrDefault(line => line.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase));
        var value = line?[(name.Length + 1)..].Trim().Trim('"', '\'').Trim();
        return string.IsNullOrEmpty(value) ? null : value;
    }

    public static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : null;

    // What a device prints is shown to people and models: one line, no control characters, of a bearable length.
    private static string Clean(string line)
    {
        var text = line.Length > MaxValueLength ? line[..MaxValueLength] : line;
        return new string([.. text.Select(c => c == '\t' ? ' ' : c).Where(c => !char.IsControl(c) && !char.IsSurrogate(c))]).Trim();
    }
}
