namespace Fleetwright.Platform.Events;

/// <summary>Something that happened, published once on the bus.</summary>
public sealed record FleetEvent
{
    /// <summary>What kind, dotted: device.added, device.status, reading.taken, container.state, …</summary>
    public required string Type { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The id of the device it concerns; null for the server itself.</summary>
    public string? Device { get; init; }

    /// <summary>What on the device: a probe, a container's name, …</summary>
    public string? Subject { get; init; }

    /// <summary>The details; a record that is written as JSON when a client wants it.</summary>
    public object? Data { get; init; }
}
