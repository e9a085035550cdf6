using System.Text;
using System.Text.Json;
using Fleetwright.Platform.Connections;

namespace Fleetwright.Features.Logs;

/// <summary>
/// Reads what a system log has grown by, by one command each time: for devices that have no channel left for a stream. It
/// remembers where it was: the journal's cursor, or which file and how far.
/// </summary>
internal sealed class SystemLogAsker(IConnection connection, string unit, bool sudoJournal, bool sudo)
{
    /// <summary>$1 lines of the past; $2 unit; $3, $4 as in <see cref="SystemLogScript"/>; $5 cursor; $6 inode and $7 offset.</summary>
    private const string Script =
        """
        run() { if [ "$sudo" = yes ]; then sudo -n "$@"; else "$@"; fi; }
        journals() { for d in /run/log/journal/*/ /var/log/journal/*/; do [ -d "$d" ] && return 0; done; return 1; }
        if command -v journalctl >/dev/null 2>&1 && journals; then
          echo journal
          sudo=$3 lines=$1 unit=$2 cursor=$5
          set -- -q -o json --no-pager --show-cursor
          if [ -n "$unit" ]; then set -- "$@" -u "$unit"; fi
          if [ -n "$cursor" ]; then set -- "$@" --after-cursor="$cursor"; else set -- "$@" -n "$lines"; fi
          run journalctl "$@"
          exit
        fi
        sudo=$4
        for f in /var/log/syslog /var/log/messages; do
          if [ -e "$f" ]; then
            if [ "$sudo" != yes ] && [ ! -r "$f" ]; then echo "denied $f"; exit 0; fi
            run sh -c '
              most=1000000
              i=$(ls -i "$1") && i=${i%%/*} && i=$((i)) && s=$(wc -c <"$1") && s=$((s)) || exit
              if [ -z "$3" ]; then
                from=$((s > most ? s - most : 0))
                all=$((s - from))
                skip=$(tail -c +$((from + 1)) "$1" | head -c "$all" | tail -n "$2" | wc -c)
                from=$((s - skip))
              elif [ "$3" = "$i" ] && [ "$s" -ge "$4" ]; then from=$4
              else from=0; fi
              echo "file $1 $i $from"
              left=$((s - from))
              tail -c +$((from + 1)) "$1" | head -c $((left > most ? most : left))
            ' sh "$f" "$1" "$6" "$7"
            exit
          fi
        done
        echo none
        """;

    private const string CursorLine = "-- cursor: ";
    private string _cursor = "";
    private string _inode = "";
    private long _offset;

    /// <summary>journal, file PATH, denied PATH or none, and the lines since the last time.</summary>
    /// <exception cref="ConnectionException">The device could not be reached.</exception>
    public async Task<(string Origin, IReadOnlyList<string> Lines, CommandResult Result)> AskAsync(int tail, CancellationToken cancellationToken)
    {
        var result = await connection.RunAsync(
            Command.Script(Script, $"{tail}", unit, YesNo(sudoJournal), YesNo(sudo), _cursor, _inode, $"{_offset}"), cancellationToken);
        var end = result.Output.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            return ("", [], result);
        }

        var origin = Encoding.UTF8.GetString(result.Output.Span[..end]);
        var rest = result.Output[(end + 1)..];
        // What is not a whole line yet is read again.
        rest = rest[..(rest.Span.LastIndexOf((byte)'\n') + 1)];
        var lines = Encoding.UTF8.GetString(rest.Span).Split('\n')[..^1];
        if (origin == "journal")
        {
            return (origin, JournalLines(lines), result);
        }

        if (origin.StartsWith("file ", StringComparison.Ordinal) && origin.Split(' ') is [_, var path, var inode, var from] && long.TryParse(from, out var start))
        {
            (_inode, _offset) = (inode, start + rest.Length);
            return ("file " + path, lines, result);
        }

        return (origin, lines, result);
    }

    private string[] JournalLines(string[] lines)
    {
        if (lines is [.., var last] && last.StartsWith(CursorLine, StringComparison.Ordinal))
        {
            _cursor = last[CursorLine.Length..].Trim();
            return lines[..^1];
        }

        // The answer was cut: the last whole entry has its own.
        _cursor = lines.Length > 0 && CursorOf(lines[^1]) is { } own ? own : _cursor;
        return lines;
    }

    private static string? CursorOf(string entry)
    {
        try
        {
            using var document = JsonDocument.Parse(entry);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("__CURSOR", out var cursor) ? cursor.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string YesNo(bool yes) => yes ? "yes" : "no";
}
