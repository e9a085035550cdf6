using System.Text;

namespace Fleetwright.Platform.Connections;

/// <summary>The one place where text becomes part of a POSIX shell command.</summary>
public static class ShellQuoting
{
    private const char FirstByte = '\uDC80';
    private const char LastByte = '\uDCFF';

    /// <summary>
    /// One argument in single quotes, which every POSIX shell takes literally, newlines included. A byte that is
    /// not UTF-8 (0x80 to 0xFF, as in old file names) is written as the lone surrogate U+DC80 to U+DCFF.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// It holds a NUL, which no argument of a program can, or another lone surrogate, which is no character.
    /// </exception>
    public static string Quote(string argument)
    {
        if (argument.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("An argument must not contain a NUL character.", nameof(argument));
        }

        var at = IndexOfLoneSurrogate(argument, 0);
        if (at < 0)
        {
            return QuoteText(argument);
        }

        var quoted = new StringBuilder();
        var done = 0;
        for (; at >= 0; at = IndexOfLoneSurrogate(argument, done))
        {
            if (argument[at] is < FirstByte or > LastByte)
            {
                throw new ArgumentException("An argument must not contain half of a surrogate pair.", nameof(argument));
            }

            if (at > done)
            {
                quoted.Append(QuoteText(argument[done..at]));
            }

            // Raw bytes only, so the substitution has no final newline to lose.
            var value = argument[at] - FirstByte + 0x80;
            quoted.Append("\"$(printf '\\").Append(Convert.ToString(value, 8)).Append("')\"");
            done = at + 1;
        }

        return done < argument.Length ? quoted.Append(QuoteText(argument[done..])).ToString() : quoted.ToString();
    }

    /// <summary>An argument vector as one command line.</summary>
    public static string Quote(IReadOnlyList<string> arguments)
    {
        var line = new StringBuilder();
        foreach (var argument in arguments)
        {
            if (line.Length > 0)
            {
                line.Append(' ');
            }

            line.Append(Quote(argument));
        }

        return line.ToString();
    }

    private static string QuoteText(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static int IndexOfLoneSurrogate(string text, int from)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                continue;
            }

            return i;
        }

        return -1;
    }
}
