using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Fleetwright.Platform.Operations;

/// <summary>
/// Writes an operation's JSON for reading: "key: value" lines, and lists of objects as tables whose column names stand once.
/// Holds the same content as the JSON in about half the characters; models get it as text, people on the command line.
/// </summary>
public sealed class CompactText
{
    private readonly StringBuilder _text = new();
    private readonly bool _aligned;

    private CompactText(bool aligned) => _aligned = aligned;

    /// <param name="json">The result of an operation.</param>
    /// <param name="aligned">Pad the columns of tables, for a terminal.</param>
    public static string Of(JsonElement json, bool aligned = false)
    {
        var writer = new CompactText(aligned);
        writer.Write(json, 0);
        return writer._text.ToString().TrimEnd();
    }

    /// <summary>Cuts a text that is too long for a model at a line's end, and says how to get the rest.</summary>
    public static string Cut(string text, int maxCharacters, string howToNarrow)
    {
        if (text.Length <= maxCharacters)
        {
            return text;
        }

        var note = $"\n… cut here: {text.Length} characters in all. {howToNarrow}";
        var room = Math.Max(0, maxCharacters - note.Length);
        var end = room == 0 ? -1 : text.LastIndexOf('\n', room - 1);
        return text[..(end > room / 2 ? end : room)] + note;
    }

    private void Write(JsonElement json, int depth)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in json.EnumerateObject())
                {
                    WriteProperty(property.Name, property.Value, depth);
                }

                break;
            case JsonValueKind.Array:
                WriteArray(json, depth);
                break;
            default:
                Line(depth, Scalar(json));
                break;
        }
    }

    private void WriteProperty(string name, JsonElement value, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when IsFlat(value) && Inline(value) is { Length: <= 100 } inline:
                Line(depth, $"{name}: {inline}");
                break;
            case JsonValueKind.Object:
                Line(depth, name + ":");
                Write(value, depth + 1);
                break;
            case JsonValueKind.Array when value.GetArrayLength() == 0:
                Line(depth, name + ": none");
                break;
            case JsonValueKind.Array when value.EnumerateArray().All(IsScalar):
                Line(depth, $"{name}: {string.Join(", ", value.EnumerateArray().Select(Scalar))}");
                break;
            case JsonValueKind.Array:
                Line(depth, $"{name}:");
                WriteArray(value, depth + 1);
                break;
            default:
                WriteScalarProperty(name, Scalar(value), depth);
                break;
        }
    }

    private void WriteScalarProperty(string name, string text, int depth)
    {
        if (!text.Contains('\n', StringComparison.Ordinal))
        {
            Line(depth, $"{name}: {text}");
            return;
        }

        Line(depth, name + ":");
        foreach (var line in text.Split('\n'))
        {
            Line(depth + 1, line);
        }
    }

    private void WriteArray(JsonElement array, int depth)
    {
        var items = array.EnumerateArray().ToList();
        if (items.Count > 0 && items.All(item => item.ValueKind == JsonValueKind.Object))
        {
            WriteTable(items, depth);
            return;
        }

        foreach (var item in items)
        {
            if (IsScalar(item))
            {
                Line(depth, "- " + Scalar(item));
            }
            else
            {
                Line(depth, "-");
                Write(item, depth + 1);
            }
        }
    }

    private void WriteTable(List<JsonElement> rows, int depth)
    {
        var columns = rows.SelectMany(row => row.EnumerateObject().Select(property => property.Name)).Distinct(StringComparer.Ordinal).ToList();
        var cells = rows.ConvertAll(row => columns.ConvertAll(column => row.TryGetProperty(column, out var value) ? Cell(value) : ""));
        cells.Insert(0, columns);
        var widths = columns.Select((_, index) => Math.Min(40, cells.Max(row => row[index].Length))).ToList();
        foreach (var row in cells)
        {
            Line(depth, string.Join(_aligned ? "  " : " | ", row.Select((cell, index) => _aligned && index < row.Count - 1 ? cell.PadRight(widths[index]) : cell)).TrimEnd());
        }
    }

    private static string Cell(JsonElement value) => (value.ValueKind switch
    {
        JsonValueKind.Object => Inline(value),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Object ? "{" + Inline(item) + "}" : Cell(item))),
        _ => Scalar(value),
    }).ReplaceLineEndings(" ");

    private static string Inline(JsonElement value) =>
        string.Join(", ", value.EnumerateObject().Select(property => $"{property.Name}={Cell(property.Value)}"));

    private static bool IsFlat(JsonElement value) => value.EnumerateObject().All(property => IsScalar(property.Value));

    private static bool IsScalar(JsonElement value) => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);

    private static string Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Clean(value.GetString()!),
        JsonValueKind.Number when value.TryGetInt64(out var whole) => whole.ToString(CultureInfo.InvariantCulture),
        JsonValueKind.Number => Math.Round(value.GetDouble(), 4).ToString("0.####", CultureInfo.InvariantCulture),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "none",
    };

    // What a device printed must not steer the terminal it is shown on.
    private static string Clean(string text) => text.Any(c => char.IsControl(c) && c is not '\n' and not '\t')
        ? new string([.. text.Where(c => !char.IsControl(c) || c is '\n' or '\t')])
        : text;

    private void Line(int depth, string text) => _text.Append(' ', depth * 2).Append(text).Append('\n');
}
