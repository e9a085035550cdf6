namespace Fleetwright.Platform.Health;

/// <summary>
/// What one feature knows to be wrong. Each feature registers its own with
/// <c>services.AddSingleton&lt;IHealthSource, ContainerHealthSource&gt;()</c>; get_fleet_overview asks all of them at once and
/// merges what they say, so it knows no feature.
/// </summary>
/// <remarks>
/// A source answers from readings that are there already, within milliseconds and without asking a device. What it has no
/// reading for goes into <see cref="HealthReport.Unknowns"/>: silence would look like health. Devices that are offline or
/// unreachable are reported by the overview itself; a source says what it last saw there, marked by
/// <see cref="Finding.ObservedAt"/>.
/// </remarks>
public interface IHealthSource
{
    /// <summary>What it looks at, in the plural: "containers".</summary>
    string Name { get; }

    Task<HealthReport> ReportAsync(CancellationToken cancellationToken);
}

/// <summary>What one source found.</summary>
public sealed record HealthReport
{
    public static readonly HealthReport Empty = new();

    /// <summary>What is wrong, in any order.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What could not be judged, because there is no reading or a failed one.</summary>
    public IReadOnlyList<UnknownHealth> Unknowns { get; init; } = [];

    /// <summary>How many there are of what, by kind: containers → running → 12.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Counts { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, int>>(StringComparer.Ordinal);
}

/// <summary>How much a finding matters; the worst first.</summary>
public enum FindingSeverity
{
    /// <summary>Something does not work, or is about to stop.</summary>
    Critical,

    /// <summary>It works and needs a person soon.</summary>
    Warning,

    /// <summary>Worth knowing.</summary>
    Info,
}

/// <summary>One thing that is wrong.</summary>
public sealed record Finding
{
    public required FindingSeverity Severity { get; init; }

    /// <summary>What kind, in snake_case, the same for the same kind of trouble everywhere: file_system_full.</summary>
    public required string Kind { get; init; }

    /// <summary>The device's id; null for the server itself.</summary>
    public string? Device { get; init; }

    /// <summary>What on the device: a container's name, a mount point, a sensor; null for the device as a whole.</summary>
    public string? Subject { get; init; }

    /// <summary>One sentence for a person, with the numbers that matter.</summary>
    public required string What { get; init; }

    /// <summary>Since when, as far as it is known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When this was observed; null when it is a state of the server or of a device's connection.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>The numbers behind it, units in the names: usedPercent, availableBytes.</summary>
    public IReadOnlyDictionary<string, double>? Evidence { get; init; }

    /// <summary>What to do about it, when that is known.</summary>
    public string? Remedy { get; init; }

    /// <summary>The operation that tells more: get_container_details.</summary>
    public string? Operation { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyDictionary<string, string>? Arguments { get; init; }
}

/// <summary>Something whose health is not known. It may be fine or not.</summary>
/// <param name="Device">The device's id; null when it concerns them all.</param>
/// <param name="Subject">What is not known: "system metrics", "containers".</param>
/// <param name="Why">One sentence for a person.</param>
/// <param name="Remedy">What to do about it, when that is known.</param>
public sealed record UnknownHealth(string? Device, string Subject, string Why, string? Remedy = null);
