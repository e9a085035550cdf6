using Fleetwright.Features.Systems.Parsing;
using Fleetwright.Platform.Security;

namespace Fleetwright.Features.Systems.Processes;

/// <summary>
/// Two samples of /proc/*/stat with the command lines and owners; https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html.
/// </summary>
internal static class ProcessListParser
{
    /// <summary>How many of the largest are kept, by CPU and again by memory.</summary>
    public const int Kept = 100;

    private const double TicksPerSecond = 100; // USER_HZ, on every architecture that matters
    private const int MaxCommandLine = 1000;

    public static ProcessList? Parse(ReadOnlySpan<byte> bytes)
    {
        // No file can forge this line, because grep puts a path before each line of a file.
        var again = bytes.IndexOf("\n!again:1\n"u8);
        if (again < 0)
        {
            return null;
        }

        var first = ScriptOutput.Read(bytes[..(again + 1)]);
        var second = ScriptOutput.Read(bytes[(again + 1)..]);
        if (Uptime(first) is not { } start || Uptime(second) is not { } end || end <= start || end - start > 60)
        {
            return null;
        }

        var pageBytes = second.NumberOf("!page") is { } page and >= 4096 and <= 1 << 20 ? page : 4096;
        var memory = MemInfoParser.Parse(first.Of("/proc/meminfo"))["MemTotal"];
        var before = Stats(first);
        var now = Stats(second);
        if (now.Count == 0)
        {
            return null;
        }

        var all = now.Values.Select(stat => Metrics(stat, before.GetValueOrDefault(stat.Pid), end - start, end, pageBytes, memory)).ToList();
        var users = Users(second);
        var largest = all.OrderByDescending(static process => process.CpuPercent ?? 0).ThenByDescending(static process => process.MemoryBytes).Take(Kept)
            .Concat(all.OrderByDescending(static process => process.MemoryBytes).Take(Kept))
            .DistinctBy(static process => process.Pid)
            .Select(process => process with { CommandLine = CommandLine(second, process.Pid), User = Owner(second, process.Pid, users) });
        return new ProcessList
        {
            Total = all.Count,
            IntervalSeconds = Math.Round(end - start, 2),
            Processes = [.. largest],
            Notes = now.ContainsKey(1) ? null : ["Processes of other users are hidden from this one (hidepid)."],
        };
    }

    private static double? Uptime(ScriptOutput output) =>
        Number.Fields(output.FirstOf("/proc/uptime") ?? "") is [var seconds, ..] ? Number.Double(seconds) : null;

    private static Dictionary<int, ProcessStat> Stats(ScriptOutput output)
    {
        var stats = new Dictionary<int, ProcessStat>();
        foreach (var path in output.Files)
        {
            if (path.StartsWith("/proc/", StringComparison.Ordinal) && path.EndsWith("/stat", StringComparison.Ordinal)
                && ProcessStat.Parse(string.Join('\n', output.Of(path))) is { } stat)
            {
                stats[stat.Pid] = stat;
            }
        }

        return stats;
    }

    private static ProcessMetrics Metrics(ProcessStat now, ProcessStat? before, double seconds, double uptime, long pageBytes, long? memory)
    {
        // Without an earlier sample of the same process it began within the interval, and all its time belongs there.
        var earlier = before is not null && before.StartTicks == now.StartTicks ? before.CpuTicks : 0;
        var ticks = now.CpuTicks - earlier;
        var resident = Number.Times(now.ResidentPages, pageBytes) ?? 0;
        var running = uptime - (now.StartTicks / TicksPerSecond);
        return new ProcessMetrics
        {
            Pid = now.Pid,
            ParentPid = now.ParentPid,
            Name = now.Name,
            State = StateName(now.State),
            CpuPercent = ticks < 0 ? null : Math.Round(ticks / TicksPerSecond / seconds * 100, 1),
            MemoryBytes = resident,
            MemoryPercent = memory is > 0 ? Number.Percent(resident, memory.Value) : null,
            Threads = now.Threads,
            RunningSeconds = running < 0 ? null : Math.Round(running),
        };
    }

    private static string? CommandLine(ScriptOutput output, int pid)
    {
        var lines = output.Of($"/proc/{pid}/cmdline");
        if (lines.Count == 0)
        {
            return null;
        }

        var arguments = string.Join('\n', lines).TrimEnd('\0').Split('\0');

        // Some programs write their title over their arguments, as one text.
        var words = arguments.Length == 1 ? arguments[0].Split(' ') : arguments;
        var line = new string([.. string.Join(' ', SecretRedaction.Arguments(words)).Select(static c => char.IsControl(c) ? ' ' : c)]);
        return line.Length <= MaxCommandLine ? line : line[..MaxCommandLine] + "…";
    }

    private static string? Owner(ScriptOutput output, int pid, Dictionary<string, string> users) =>
        Number.Fields(output.FirstOf($"/proc/{pid}/status") ?? "") is ["Uid:", _, var effective, ..]
            ? users.GetValueOrDefault(effective, effective)
            : null;

    private static Dictionary<string, string> Users(ScriptOutput output)
    {
        var users = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in output.Of("/etc/passwd"))
        {
            if (line.Split(':') is [{ Length: > 0 } name, _, { Length: > 0 } id, ..])
            {
                users.TryAdd(id, name);
            }
        }

        return users;
    }

    private static string StateName(char state) => state switch
    {
        'R' => "running",
        'S' => "sleeping",
        'D' => "disk sleep",
        'Z' => "zombie",
        'T' => "stopped",
        't' => "traced",
        'I' => "idle",
        'X' or 'x' => "dead",
        'W' => "paging",
        _ => "unknown",
    };
}
