using Fleetwright.Platform.Storage;

namespace Fleetwright.Features.Health;

/// <summary>How Fleetwright itself is doing.</summary>
public sealed record ServerHealth
{
    public required string Version { get; init; }

    public required double UptimeSeconds { get; init; }

    public required StoreHealth Store { get; init; }

    public required PollingHealth Polling { get; init; }

    public required ConnectionsHealth Connections { get; init; }

    public required EventsHealth Events { get; init; }

    public required ServerMemory Memory { get; init; }
}

/// <summary>Whether devices are asked in time.</summary>
public sealed record PollingHealth
{
    /// <summary>Devices that are asked at this moment.</summary>
    public required int Running { get; init; }

    public required int PollsPerMinute { get; init; }

    /// <summary>Polls of the last five minutes whose device could not be asked.</summary>
    public required int FailedInFiveMinutes { get; init; }

    /// <summary>How late the last poll began; null before the first.</summary>
    public double? LastLagSeconds { get; init; }

    /// <summary>The latest start of a poll in the last five minutes.</summary>
    public required double MaxLagSeconds { get; init; }

    /// <summary>Readings and points that wait for the store.</summary>
    public required int PendingWrites { get; init; }

    /// <summary>Points that were lost since the start because the store did not take them.</summary>
    public required long DroppedPoints { get; init; }

    /// <summary>The devices whose last poll took longest or failed, at most ten.</summary>
    public required IReadOnlyList<DevicePolling> Slowest { get; init; }
}

/// <summary>One device's polls.</summary>
public sealed record DevicePolling(string Device, DateTimeOffset? LastPollAt, double? LastPollSeconds, int FailuresInARow, bool Watched);

/// <summary>The ways to the devices.</summary>
/// <param name="Open">Devices with an open connection.</param>
/// <param name="Devices">Devices in all.</param>
/// <param name="Away">Devices that are offline, unreachable or paused.</param>
public sealed record ConnectionsHealth(int Open, int Devices, int Away);

/// <summary>The bus inside.</summary>
/// <param name="Listeners">How many listen now.</param>
/// <param name="Dropped">Events that listeners lost since the start because they did not keep up.</param>
public sealed record EventsHealth(int Listeners, long Dropped);

/// <summary>Memory of the process.</summary>
/// <param name="WorkingSetBytes">In physical memory, shared pages included.</param>
/// <param name="HeapBytes">Managed objects, garbage included.</param>
/// <param name="CommittedBytes">What the garbage collector holds.</param>
/// <param name="Gen2Collections">Full collections since the start.</param>
public sealed record ServerMemory(long WorkingSetBytes, long HeapBytes, long CommittedBytes, int Gen2Collections);
