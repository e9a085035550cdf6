namespace Fleetwright.Features.Systems.Parsing;

/// <summary>Processor time since the boot, in ticks of 1/100 s; guest time is counted in user too, as the kernel does.</summary>
internal readonly record struct CpuTicks(
    long User, long Nice, long System, long Idle, long Iowait, long Irq, long SoftIrq, long Steal, long Guest, long GuestNice);

/// <summary>/proc/stat as far as it is used.</summary>
internal sealed record ProcStat
{
    public CpuTicks? All { get; init; }

    public required IReadOnlyDictionary<int, CpuTicks> Cores { get; init; }

    public DateTimeOffset? BootTime { get; init; }

    public int? Running { get; init; }

    public int? Blocked { get; init; }
}

/// <summary>/proc/stat; https://man7.org/linux/man-pages/man5/proc_stat.5.html. Kernels before 2.6.33 have fewer columns.</summary>
internal static class ProcStatParser
{
    private const long LatestBootSeconds = 253_402_300_799; // the end of the year 9999

    public static ProcStat Parse(IReadOnlyList<string> lines)
    {
        CpuTicks? all = null;
        var cores = new Dictionary<int, CpuTicks>();
        DateTimeOffset? boot = null;
        int? running = null, blocked = null;
        foreach (var line in lines)
        {
            var fields = Number.Fields(line);
            if (fields.Length < 2)
            {
                continue;
            }

            switch (fields[0])
            {
                case "cpu":
                    all = Ticks(fields) ?? all;
                    break;
                case "btime":
                    boot = Number.Long(fields[1]) is { } seconds and > 0 and <= LatestBootSeconds
                        ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
                    break;
                case "procs_running":
                    running = Number.Int(fields[1]);
                    break;
                case "procs_blocked":
                    blocked = Number.Int(fields[1]);
                    break;
                case var name when name.StartsWith("cpu", StringComparison.Ordinal) && Number.Int(name.AsSpan(3)) is { } core:
                    if (Ticks(fields) is { } ticks)
                    {
                        cores[core] = ticks;
                    }

                    break;
            }
        }

        return new ProcStat { All = all, Cores = cores, BootTime = boot, Running = running, Blocked = blocked };
    }

    private static CpuTicks? Ticks(string[] fields)
    {
        Span<long> values = stackalloc long[10];
        for (var i = 0; i < values.Length; i++)
        {
            if (i + 1 >= fields.Length)
            {
                // user, nice, system and idle were always there; a line without them was cut.
                return i < 4 ? null : Of(values);
            }

            // A tick count near 2^63 would overflow the sums, and no machine runs that long.
            if (Number.Long(fields[i + 1]) is not { } value || value > long.MaxValue / 16)
            {
                return null;
            }

            values[i] = value;
        }

        return Of(values);
    }

    private static CpuTicks Of(ReadOnlySpan<long> v) => new(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]);
}
