using Fleetwright.Platform.Health;

namespace Fleetwright.Features.Health;

/// <summary>How a fleet is doing, in one word. Unknown is not fine.</summary>
public enum FleetStatus
{
    /// <summary>Everything was looked at, lately, and nothing is wrong.</summary>
    Ok,

    /// <summary>Nothing is known to be wrong, and not everything is known.</summary>
    Unknown,
    Warning,
    Critical,
}

/// <summary>What is wrong first, then what is not known, then how many there are of what.</summary>
public sealed record FleetOverview
{
    public required DateTimeOffset At { get; init; }

    public required FleetStatus Status { get; init; }

    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>What is wrong, the worst first.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What could not be judged; it may be fine or not.</summary>
    public required IReadOnlyList<UnknownHealth> Unknowns { get; init; }

    /// <summary>devices → online → 5; containers → running → 12.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Counts { get; init; }

    /// <summary>What was left out.</summary>
    public IReadOnlyList<string>? Notes { get; init; }
}
