using Fleetwright.Features.Systems.Parsing;

namespace Fleetwright.Features.Systems;

/// <summary>The counters of one moment; rates are the difference of two.</summary>
internal sealed record SystemSample
{
    /// <summary>The device's own clock since its boot, so that neither our clock nor the way there enters a rate.</summary>
    public required double UptimeSeconds { get; init; }

    public required ProcStat Stat { get; init; }

    public required IReadOnlyDictionary<string, DiskCounters> Disks { get; init; }

    public required IReadOnlyDictionary<string, NetCounters> Interfaces { get; init; }

    public long? SwapInPages { get; init; }

    public long? SwapOutPages { get; init; }

    /// <summary>A container's own processor time.</summary>
    public double? ContainerCpuSeconds { get; init; }
}

/// <summary>
/// Two earlier samples of a device. When someone asks twice within a second the newest one is too near to make a rate of,
/// and the one before it serves.
/// </summary>
internal sealed record SystemHistory(SystemSample? Older, SystemSample? Newer)
{
    public static readonly SystemHistory Empty = new(null, null);

    /// <summary>Shorter windows make shares of a few clock ticks: 100 ticks a second, 10 ms resolution of the uptime.</summary>
    private const double GoodWindowSeconds = 1;
    private const double ShortestWindowSeconds = 0.25;

    /// <summary>The sample to compare with, or null when there is none far enough away.</summary>
    public SystemSample? BaselineFor(SystemSample now)
    {
        if (Newer is not null && now.UptimeSeconds - Newer.UptimeSeconds >= GoodWindowSeconds)
        {
            return Newer;
        }

        var baseline = Older ?? Newer;
        return baseline is not null && now.UptimeSeconds - baseline.UptimeSeconds >= ShortestWindowSeconds ? baseline : null;
    }

    /// <summary>What to remember after this sample.</summary>
    public SystemHistory With(SystemSample now)
    {
        if (Newer is null || now.UptimeSeconds < Newer.UptimeSeconds)
        {
            return new SystemHistory(null, now); // the first one, or the device booted
        }

        return now.UptimeSeconds - Newer.UptimeSeconds >= GoodWindowSeconds ? new SystemHistory(Newer, now) : this;
    }
}
