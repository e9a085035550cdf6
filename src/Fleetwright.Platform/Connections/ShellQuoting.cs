using System.Text;

namespace Fleetwright.Platform.Connections;

/// <summary>The one place where text becomes part of a POSIX shell command.</summary>
public static class ShellQuoting
{
    /// <summary>
    /// One argument in single quotes, which every POSIX shell takes literally, newlines included.
    /// </summary>
    /// <exception cref="ArgumentException">It holds a NUL, which no argument of a program can.</exception>
    public static string Quote(string argument)
    {
        if (argument.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("An argument must not contain a NUL character.", nameof(argument));
        }

        return "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
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
}
