using Fleetwright.Features.Systems.Processes;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Systems;

/// <summary>What people and models ask about one machine.</summary>
internal sealed class SystemOperations(Observatory observatory, SystemProbe system, ProcessesProbe processes, TimeProvider time)
{
    private const int DefaultLimit = 15;

    /// <summary>Long enough for shares of a processor's 10 ms ticks to mean something.</summary>
    private static readonly TimeSpan SecondSample = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// CPU (with iowait, steal, each core), memory (truly available; swap, ZFS ARC), load, pressure, file systems with inodes, disk and network rates, temperatures and uptime of one device.
    /// </summary>
    /// <param name="device">Name or id.</param>
    [Operation("get_system_metrics", "GET /api/devices/{device}/metrics")]
    public async Task<Observation<SystemMetrics>> GetSystemMetricsAsync(string device, CancellationToken cancellationToken)
    {
        var observation = await observatory.ObserveAsync(device, system, maxAge: null, cancellationToken);
        if (observation is not { Source: ObservationSource.Live, Value: { IntervalSeconds: null, UptimeSeconds: not null } })
        {
            return observation;
        }

        // Shares and rates need two samples, and this was the first: whoever asks once gets them, too.
        await Task.Delay(SecondSample, time, cancellationToken);
        return await observatory.ObserveAsync(device, system, maxAge: null, cancellationToken);
    }

    /// <summary>The processes of one device that use the most CPU or memory now, with owner and command line (secrets redacted).</summary>
    /// <param name="device">Name or id.</param>
    /// <param name="sort">cpu or memory.</param>
    /// <param name="limit">1 to 100.</param>
    [Operation("list_processes", "GET /api/devices/{device}/processes")]
    public async Task<Observation<ProcessList>> ListProcessesAsync(
        string device, ProcessOrder sort = ProcessOrder.Cpu, int limit = DefaultLimit, CancellationToken cancellationToken = default)
    {
        if (limit is < 1 or > ProcessListParser.Kept)
        {
            throw OperationException.Invalid("limit", $"{limit} is out of range.", $"Use a number from 1 to {ProcessListParser.Kept}.");
        }

        var observation = await observatory.ObserveAsync(device, processes, maxAge: null, cancellationToken);
        return observation.Value is { } list
            ? observation with { Value = list with { Processes = [.. Ordered(list.Processes, sort).Take(limit)] } }
            : observation;
    }

    private static IOrderedEnumerable<ProcessMetrics> Ordered(IReadOnlyList<ProcessMetrics> list, ProcessOrder sort) =>
        sort == ProcessOrder.Memory
            ? list.OrderByDescending(static process => process.MemoryBytes).ThenBy(static process => process.Pid)
            : list.OrderByDescending(static process => process.CpuPercent ?? -1).ThenByDescending(static process => process.MemoryBytes);
}
