using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Security;

namespace Fleetwright.Features.Logs;

/// <summary>
/// Reads lines of <c>journalctl -o json</c> (https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-json-format) and of syslog
/// files, as rsyslog (RFC 3164 or ISO times) and busybox syslogd (with facility.level) write them. Whatever is not understood
/// is the line's text.
/// </summary>
internal static partial class SystemLogParser
{
    /// <summary>Of one line; a longer one is cut.</summary>
    public const int MaxTextLength = 4000;

    public static SystemLogLine FromJournal(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var entry = document.RootElement;
            if (entry.ValueKind == JsonValueKind.Object)
            {
                return new SystemLogLine
                {
                    At = Time(Text(entry, "__REALTIME_TIMESTAMP")),
                    Priority = int.TryParse(Text(entry, "PRIORITY"), NumberStyles.None, null, out var priority) && priority is >= 0 and <= 7 ? (LogPriority)priority : null,
                    Identifier = Name(Text(entry, "SYSLOG_IDENTIFIER") ?? Text(entry, "_COMM")),
                    Unit = Name(Text(entry, "_SYSTEMD_UNIT")),
                    Pid = int.TryParse(Text(entry, "_PID") ?? Text(entry, "SYSLOG_PID"), NumberStyles.None, null, out var pid) ? pid : null,
                    // Null stands for a text that journalctl found too long to print.
                    Text = Shown(Text(entry, "MESSAGE") ?? ""),
                };
            }
        }
        catch (JsonException)
        {
            // "-- Boot … --" and the like.
        }

        return new SystemLogLine { Text = Shown(line) };
    }

    public static SystemLogLine FromSyslog(string line)
    {
        var match = SyslogLine().Match(line);
        if (!match.Success)
        {
            return new SystemLogLine { Text = Shown(line) };
        }

        var stamp = match.Groups["stamp"].Value;
        var at = char.IsAsciiDigit(stamp[0])
            && DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : (DateTimeOffset?)null;
        return new SystemLogLine
        {
            At = at?.ToUniversalTime(),
            Stamp = at is null ? stamp : null,
            Priority = Level(match.Groups["level"].Value),
            Identifier = Name(match.Groups["name"].Value),
            Pid = int.TryParse(match.Groups["pid"].ValueSpan, NumberStyles.None, null, out var pid) ? pid : null,
            Text = Shown(match.Groups["text"].Value),
        };
    }

    private static DateTimeOffset? Time(string? microseconds) =>
        long.TryParse(microseconds, NumberStyles.None, null, out var since) && since < 253_402_300_799_000_000
            ? DateTimeOffset.UnixEpoch.AddTicks(since * 10)
            : null;

    // A field is a text; bytes as numbers when it is no UTF-8; a list of either when the entry has it several times.
    private static string? Text(JsonElement entry, string field) => entry.TryGetProperty(field, out var value) ? Text(value) : null;

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => SafeText(value),
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number) =>
            Encoding.UTF8.GetString([.. value.EnumerateArray().Select(item => item.TryGetByte(out var one) ? one : (byte)'?')]),
        JsonValueKind.Array => string.Join('\n', value.EnumerateArray().Select(Text).Where(item => item is not null)),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private static string? SafeText(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, written as an escape.
            return value.GetRawText();
        }
    }

    private static LogPriority? Level(string word) => word switch
    {
        "emerg" or "panic" => LogPriority.Emergency,
        "alert" => LogPriority.Alert,
        "crit" => LogPriority.Critical,
        "err" or "error" => LogPriority.Error,
        "warn" or "warning" => LogPriority.Warning,
        "notice" => LogPriority.Notice,
        "info" => LogPriority.Info,
        "debug" => LogPriority.Debug,
        _ => null,
    };

    private static string? Name(string? text) => string.IsNullOrWhiteSpace(text) ? null : TerminalText.OneLine(text, 200);

    private static string Shown(string text)
    {
        var length = text.Length;
        // A hostile megabyte is cut before it is cleaned.
        var clean = SecretRedaction.Text(TerminalText.Strip(length > MaxTextLength * 4 ? TerminalText.Cut(text, MaxTextLength * 4) : text));
        return length > MaxTextLength ? TerminalText.Cut(clean, MaxTextLength) + $"… ({length} characters)" : clean;
    }

    [GeneratedRegex(
        @"^(?<stamp>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}(?:Z|[+-][0-9]{2}:?[0-9]{2})?) \S{1,255} (?:[a-z0-9]{1,16}\.(?<level>[a-z]{1,8}) )?(?<name>[^:\[\s]{1,128})(?:\[(?<pid>[0-9]{1,9})\])?: ?(?<text>.*)$",
        RegexOptions.CultureInvariant | RegexOptions.Singleline,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex SyslogLine();
}
