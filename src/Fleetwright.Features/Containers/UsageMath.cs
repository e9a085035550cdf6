using Fleetwright.Platform.Connections.Docker;

namespace Fleetwright.Features.Containers;

/// <summary>
/// Makes of the engine's counters what `docker stats` shows.
/// Source: https://github.com/docker/cli/blob/v28.2.2/cli/command/container/stats_helpers.go
/// </summary>
internal static class UsageMath
{
    /// <summary>A limit above this is the kernel's way to write "none".</summary>
    private const double NoLimit = 1L << 60;

    /// <param name="stats">The sample.</param>
    /// <param name="previous">A sample of the same run of the container taken before; null leaves it to the sample's own predecessor.</param>
    /// <returns>Null when the sample holds nothing: the container does not run.</returns>
    public static ContainerUsage? Of(EngineStats stats, CpuSample? previous)
    {
        var memory = Memory(stats.Memory);
        var cpu = CpuSample.Of(stats);
        if (memory is null && cpu is null)
        {
            return null;
        }

        var count = Processors(stats);
        var (read, written) = Block(stats.Block);
        return new ContainerUsage
        {
            CpuPercent = cpu is null ? null : CpuPercent(cpu, previous ?? Predecessor(stats), count),
            CpuCount = count,
            MemoryBytes = memory,
            MemoryLimitBytes = stats.Memory?.Limit is > 0 and < NoLimit and var limit ? (long)limit : null,
            NetworkReceivedBytes = Network(stats, network => network.ReceivedBytes),
            NetworkSentBytes = Network(stats, network => network.SentBytes),
            BlockReadBytes = read,
            BlockWrittenBytes = written,
            Pids = stats.Pids?.Current is >= 0 and <= int.MaxValue and var pids ? (int)pids : null,
            PidsLimit = stats.Pids?.Limit is > 0 and < int.MaxValue and var most ? (int)most : null,
        };
    }

    private static double? CpuPercent(CpuSample now, CpuSample? before, int? processors)
    {
        if (before is null || now.ContainerNanoseconds < before.ContainerNanoseconds)
        {
            return null;
        }

        var used = now.ContainerNanoseconds - before.ContainerNanoseconds;
        // The device's own processor time is the better clock: it stands still when the device does.
        if (now.SystemNanoseconds - before.SystemNanoseconds is > 0 and var system && processors is { } count)
        {
            return Math.Round(used / system * count * 100, 2);
        }

        return (now.At - before.At)?.TotalNanoseconds is > 0 and var passed ? Math.Round(used / passed * 100, 2) : null;
    }

    private static CpuSample? Predecessor(EngineStats stats) =>
        stats.PreviousCpu is { SystemNanoseconds: > 0, Usage.TotalNanoseconds: { } total } previous
            ? new CpuSample(null, total, previous.SystemNanoseconds)
            : null;

    private static int? Processors(EngineStats stats)
    {
        if (stats.Cpu?.OnlineCpus is > 0 and <= 65536 and var online)
        {
            return (int)online;
        }

        return stats.Cpu?.Usage?.PerCpu is { Count: > 0 } each ? each.Count : null;
    }

    // cgroup v1 names the reclaimable cache total_inactive_file, v2 inactive_file; engines before 1.19 tell neither, only cache.
    private static long? Memory(EngineMemoryStats? memory)
    {
        if (memory?.Usage is not { } usage || usage < 0)
        {
            return null;
        }

        var counters = memory.Stats;
        var reclaimable = counters is null ? 0
            : counters.TryGetValue("total_inactive_file", out var v1) ? v1
            : counters.TryGetValue("inactive_file", out var v2) ? v2
            : counters.GetValueOrDefault("cache");
        return (long)Math.Min(reclaimable > 0 && reclaimable < usage ? usage - reclaimable : usage, long.MaxValue);
    }

    private static long? Network(EngineStats stats, Func<EngineNetworkStats, double?> which)
    {
        IEnumerable<EngineNetworkStats> networks = stats.Networks?.Values ?? (stats.Network is { } only ? [only] : []);
        return Sum(networks.Select(which));
    }

    private static (long? Read, long? Written) Block(EngineBlockStats? block)
    {
        // An empty list is an engine that counts and counted nothing yet, or a kernel that does not count: not known.
        long? Of(string operation) => Sum((block?.ServiceBytes ?? [])
            .Where(entry => string.Equals(entry.Op, operation, StringComparison.OrdinalIgnoreCase))
            .Select(entry => entry.Value));
        return (Of("read"), Of("write"));
    }

    private static long? Sum(IEnumerable<double?> values)
    {
        double? sum = null;
        foreach (var value in values)
        {
            sum = value is >= 0 ? (sum ?? 0) + value : sum;
        }

        return sum is { } total ? (long)Math.Min(total, long.MaxValue) : null;
    }
}

/// <summary>A container's processor time at one moment, kept to make a rate with the next one.</summary>
internal sealed record CpuSample(DateTimeOffset? At, double ContainerNanoseconds, double? SystemNanoseconds)
{
    public static CpuSample? Of(EngineStats stats) =>
        stats.Cpu?.Usage?.TotalNanoseconds is { } total && (total > 0 || stats.Read is not null)
            ? new CpuSample(stats.Read, total, stats.Cpu.SystemNanoseconds is > 0 and var system ? system : null)
            : null;
}
