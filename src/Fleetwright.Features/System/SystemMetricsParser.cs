using Fleetwright.Features.Systems.Parsing;

namespace Fleetwright.Features.Systems;

/// <summary>Reads what <see cref="SystemScript"/> printed: text and an earlier sample in, a record out.</summary>
internal static class SystemMetricsParser
{
    private const int MaxDisks = 128;
    private const int MaxInterfaces = 64;
    private const string FirstSample = "This is the first sample since the device was connected; ask again in a second.";

    /// <summary>Null when there is nothing of a Linux system in the output.</summary>
    public static (SystemMetrics Metrics, SystemSample? Sample)? Parse(ScriptOutput output, SystemHistory history, string? virtualization)
    {
        var memory = MemInfoParser.Parse(output.Of("/proc/meminfo"));
        var sample = Sample(output);
        if (memory.Count == 0 && sample is null)
        {
            return null;
        }

        var notes = new List<string>();
        var container = ContainerView.Read(output, virtualization);
        var before = sample is null ? null : history.BaselineFor(sample);
        var seconds = sample is null || before is null ? (double?)null : sample.UptimeSeconds - before.UptimeSeconds;
        var fileSystems = FileSystemsParser.Parse(output, out var cut);
        var (load, threads) = LoadAvgParser.Parse(output.FirstOf("/proc/loadavg"));
        var stat = sample?.Stat ?? ProcStatParser.Parse(output.Of("/proc/stat"));
        var cpu = container.Cpu(sample, before, seconds) ?? HostCpu(stat, before?.Stat);
        if (!output.Has("!end"))
        {
            notes.Add("The device did not finish its answer in time; what came last (file systems, as a rule) may be missing.");
        }

        if (cut)
        {
            notes.Add("There are more file systems than are listed.");
        }

        var metrics = new SystemMetrics
        {
            Scope = container.Scope,
            UptimeSeconds = sample?.UptimeSeconds,
            BootTime = stat.BootTime,
            IntervalSeconds = seconds is { } s ? Math.Round(s, 2) : null,
            Cpu = cpu,
            Memory = container.Memory(memory, ZfsArcParser.Parse(output.Of("/proc/spl/kstat/zfs/arcstats"))),
            Swap = Swap(memory, sample, before, seconds),
            Load = load,
            Pressure = Pressure(output, container),
            FileSystems = fileSystems,
            Disks = container.SeesHostsDisks ? [] : Disks(sample, before, seconds),
            NetworkInterfaces = Interfaces(output, sample, before, seconds),
            Temperatures = container.IsContainer ? [] : TemperaturesParser.Parse(output),
            Processes = Processes(output, stat, threads),
            Notes = notes.Count > 0 ? notes : null,
        };
        return (metrics, sample);
    }

    private static SystemSample? Sample(ScriptOutput output)
    {
        var uptime = Number.Fields(output.FirstOf("/proc/uptime") ?? "");
        if (uptime.Length < 2 || Number.Double(uptime[0]) is not { } seconds || seconds > 1e10)
        {
            return null;
        }

        var disks = output.Of("!block").ToHashSet(StringComparer.Ordinal);
        disks.Remove("*"); // the pattern itself, where there is no /sys/block
        long? Paging(string name) => output.Of("/proc/vmstat").Select(Number.Fields)
            .FirstOrDefault(fields => fields.Length == 2 && fields[0] == name) is { } line ? Number.Long(line[1]) : null;
        return new SystemSample
        {
            UptimeSeconds = seconds,
            Stat = ProcStatParser.Parse(output.Of("/proc/stat")),
            Disks = DiskStatsParser.Parse(output.Of("/proc/diskstats"), disks),
            Interfaces = NetDevParser.Parse(output.Of("/proc/net/dev")),
            SwapInPages = Paging("pswpin"),
            SwapOutPages = Paging("pswpout"),
            ContainerCpuSeconds = CgroupParser.Parse(output).CpuUsageSeconds,
        };
    }

    private static CpuMetrics HostCpu(ProcStat now, ProcStat? before)
    {
        var count = now.Cores.Count > 0 ? now.Cores.Count : (int?)null;
        if (now.All is not { } ticks)
        {
            return new CpuMetrics { LogicalCount = count, Reason = "The device does not show /proc/stat." };
        }

        if (before?.All is not { } earlier)
        {
            return new CpuMetrics { LogicalCount = count, Reason = FirstSample };
        }

        if (CpuShares.Between(earlier, ticks) is not { } shares)
        {
            return new CpuMetrics { LogicalCount = count, Reason = "The kernel's counters began again within the interval; the next reading has a share." };
        }

        return new CpuMetrics
        {
            LogicalCount = count,
            UsedPercent = shares.Used,
            UserPercent = shares.User,
            NicePercent = shares.Nice,
            SystemPercent = shares.System,
            InterruptPercent = shares.Interrupt,
            IowaitPercent = shares.Iowait,
            StealPercent = shares.Steal,
            GuestPercent = shares.Guest,
            IdlePercent = shares.Idle,
            Cores = [.. Cores(now, before)],
        };
    }

    private static IEnumerable<CpuCoreMetrics> Cores(ProcStat now, ProcStat before)
    {
        foreach (var (core, ticks) in now.Cores.OrderBy(static pair => pair.Key))
        {
            if (before.Cores.TryGetValue(core, out var earlier) && CpuShares.Between(earlier, ticks) is { } shares)
            {
                yield return new CpuCoreMetrics(core, shares.Used, shares.Iowait, shares.Steal);
            }
        }
    }

    private static SwapMetrics? Swap(MemInfo memory, SystemSample? now, SystemSample? before, double? seconds) =>
        MemInfoParser.Swap(memory) is not { } swap || seconds is not { } s ? MemInfoParser.Swap(memory) : swap with
        {
            InPagesPerSecond = now?.SwapInPages is { } i && before?.SwapInPages is { } j ? Number.Rate(i, j, s) : null,
            OutPagesPerSecond = now?.SwapOutPages is { } o && before?.SwapOutPages is { } p ? Number.Rate(o, p, s) : null,
        };

    private static PressureMetrics? Pressure(ScriptOutput output, ContainerView container)
    {
        PressureResource? Of(string resource) =>
            (container.IsContainer ? PressureParser.Parse(output.Of($"/sys/fs/cgroup/{resource}.pressure")) : null)
            ?? PressureParser.Parse(output.Of("/proc/pressure/" + resource));
        var (cpu, memory, io) = (Of("cpu"), Of("memory"), Of("io"));
        return cpu is null && memory is null && io is null ? null : new PressureMetrics { Cpu = cpu, Memory = memory, Io = io };
    }

    private static IReadOnlyList<DiskMetrics> Disks(SystemSample? now, SystemSample? before, double? seconds) =>
        now is null ? [] : [.. now.Disks.OrderBy(static disk => disk.Key, StringComparer.Ordinal).Take(MaxDisks).Select(disk =>
            DiskStatsParser.Rates(disk.Key, disk.Value, before is not null && before.Disks.TryGetValue(disk.Key, out var b) ? b : null, seconds))];

    private static IReadOnlyList<NetworkInterfaceMetrics> Interfaces(
        ScriptOutput output, SystemSample? now, SystemSample? before, double? seconds) =>
        now is null ? [] : [.. now.Interfaces.OrderBy(static item => item.Key, StringComparer.Ordinal).Take(MaxInterfaces).Select(item =>
            NetDevParser.Rates(
                item.Key, output.FirstOf($"/sys/class/net/{item.Key}/operstate")?.Trim(), item.Value,
                before is not null && before.Interfaces.TryGetValue(item.Key, out var b) ? b : null, seconds))];

    private static ProcessCounts Processes(ScriptOutput output, ProcStat stat, int? threads)
    {
        var kills = output.Of("/proc/vmstat").Select(Number.Fields).FirstOrDefault(static fields => fields.Length == 2 && fields[0] == "oom_kill");
        return new ProcessCounts
        {
            Total = output.FirstOf("!processes") is { } total ? Number.Int(total) : null,
            Threads = threads,
            Running = stat.Running,
            Blocked = stat.Blocked,
            OutOfMemoryKills = kills is null ? null : Number.Long(kills[1]),
        };
    }
}
