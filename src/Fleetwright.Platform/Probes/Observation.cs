namespace Fleetwright.Platform.Probes;

/// <summary>Where an observation's reading came from.</summary>
public enum ObservationSource
{
    /// <summary>Asked of the device for this answer, or within the age the caller accepts.</summary>
    Live,

    /// <summary>The last reading that was stored, because the device could not be asked.</summary>
    Cached,
}

/// <summary>A reading as an operation returns it: what, when, and whether it is the present or the past.</summary>
public sealed record Observation<T>
    where T : class
{
    /// <summary>The device's id.</summary>
    public required string Device { get; init; }

    public required ReadingStatus Status { get; init; }

    public required ObservationSource Source { get; init; }

    /// <summary>When the device gave this answer; null when it never gave one.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>Why the reading is cached: the device's status and the reason for it.</summary>
    public string? CachedBecause { get; init; }

    /// <summary>Why there is no value, when the status is not ok.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do about it, when something can be done.</summary>
    public string? Remedy { get; init; }

    /// <summary>The reading itself; present when the status is ok.</summary>
    public T? Value { get; init; }
}
