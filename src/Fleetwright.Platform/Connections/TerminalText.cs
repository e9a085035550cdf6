using System.Text;

namespace Fleetwright.Platform.Connections;

/// <summary>Makes what a device printed fit to be shown: text without the codes that steer a terminal or reorder what is read.</summary>
public static class TerminalText
{
    private const char Escape = '\u001b';

    /// <summary>
    /// Takes out ANSI sequences (colours, cursor movements, titles), control characters except tab and line feed, and the
    /// characters that change the direction of the text around them. A carriage return inside a line becomes a space.
    /// </summary>
    public static string Strip(string text)
    {
        var index = text.AsSpan().IndexOfAnyExcept(Harmless);
        if (index < 0)
        {
            return text;
        }

        var clean = new StringBuilder(text.Length).Append(text, 0, index);
        while (index < text.Length)
        {
            var character = text[index];
            if (character is Escape or '\u009b' or '\u009d' or '\u0090')
            {
                index = AfterSequence(text, index);
                continue;
            }

            index++;
            if (character == '\r')
            {
                if (index < text.Length && text[index] != '\n')
                {
                    clean.Append(' ');
                }
            }
            else if (!IsSteering(character))
            {
                clean.Append(character);
            }
        }

        return clean.ToString();
    }

    /// <summary>The text as one clean line of at most so many characters; what was cut shows as "…".</summary>
    public static string OneLine(string text, int maxLength)
    {
        // Cutting first keeps a hostile megabyte from being cleaned for forty characters.
        var cut = text.Length > maxLength * 8 ? text[..(maxLength * 8)] : text;
        var line = string.Join(' ', Strip(cut).Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries));
        return line.Length > maxLength ? Cut(line, maxLength - 1) + "…" : line;
    }

    /// <summary>The first so many characters, without half a surrogate pair at the end.</summary>
    public static string Cut(string text, int maxLength)
    {
        if (text.Length <= maxLength)
        {
            return text;
        }

        return text[..(maxLength > 0 && char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
    }

    private static readonly System.Buffers.SearchValues<char> Harmless = System.Buffers.SearchValues.Create(
        [.. Enumerable.Range(0, 0x10000).Select(code => (char)code).Where(c => !IsSteering(c))]);

    private static bool IsSteering(char c) => (char.IsControl(c) && c is not ('\t' or '\n'))
        || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f' or '\ufeff';

    // ECMA-48: CSI sequences end with a byte from @ to ~; strings (OSC, DCS, …) end with BEL or ST; the others are short.
    private static int AfterSequence(string text, int start)
    {
        var index = start + 1;
        var kind = text[start] switch
        {
            '\u009b' => '[',
            '\u009d' => ']',
            '\u0090' => 'P',
            _ => index < text.Length ? text[index++] : '\0',
        };
        switch (kind)
        {
            case '[':
                while (index < text.Length && text[index] is >= ' ' and <= '?')
                {
                    index++;
                }

                return index < text.Length && text[index] is >= '@' and <= '~' ? index + 1 : index;
            case ']' or 'P' or 'X' or '^' or '_':
                // A string that never ends must not swallow the rest of the log.
                for (var end = index; end < text.Length && end - index < 4096 && text[end] != '\n'; end++)
                {
                    if (text[end] is '\a' or '\u009c')
                    {
                        return end + 1;
                    }

                    if (text[end] == Escape && end + 1 < text.Length && text[end + 1] == '\\')
                    {
                        return end + 2;
                    }
                }

                return index;
            case >= ' ' and <= '/':
                while (index < text.Length && text[index] is >= ' ' and <= '/')
                {
                    index++;
                }

                return Math.Min(index + 1, text.Length);
            case >= '0' and <= '~':
                return index;
            default:
                return start + 1;
        }
    }
}
