using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Containers;

/// <summary>Which containers to list.</summary>
public enum ContainerFilter
{
    Running,
    Paused,
    Restarting,
    Exited,
    Created,
    Dead,
    Healthy,
    Unhealthy,

    /// <summary>Unhealthy, restarting, dead, killed for memory, or ended with an error.</summary>
    Problem,
}

/// <summary>One container in a list; get_container_details tells the rest.</summary>
public sealed record ContainerSummary
{
    /// <summary>The device's id.</summary>
    public required string Device { get; init; }

    public required string Name { get; init; }

    /// <summary>The first twelve digits.</summary>
    public required string Id { get; init; }

    public string? Image { get; init; }

    public required ContainerState State { get; init; }

    /// <summary>The engine's words: "Up 3 hours".</summary>
    public string? Status { get; init; }

    public HealthStatus? Health { get; init; }

    /// <summary>Null when the container could not be inspected.</summary>
    public int? RestartCount { get; init; }

    /// <summary>Of its last end, when it does not run.</summary>
    public int? ExitCode { get; init; }

    /// <summary>When the kernel killed it for memory.</summary>
    public bool? OomKilled { get; init; }

    public string? Project { get; init; }

    public string? Service { get; init; }

    /// <summary>As docker ps writes them.</summary>
    public IReadOnlyList<string>? Ports { get; init; }

    /// <summary>Percent of one processor.</summary>
    public double? CpuPercent { get; init; }

    public long? MemoryBytes { get; init; }

    public long? MemoryLimitBytes { get; init; }

    public required ObservationSource Source { get; init; }

    public DateTimeOffset? ObservedAt { get; init; }

    internal static ContainerSummary Of(Container container, Observation<ContainerList> seen) => new()
    {
        Device = seen.Device,
        Name = container.Name,
        Id = ShortId(container.Id),
        Image = container.Image,
        State = container.State,
        Status = container.StatusText,
        Health = container.Health?.Status,
        RestartCount = container.RestartCount,
        ExitCode = IsUp(container) ? null : container.ExitCode,
        OomKilled = container.OomKilled is true ? true : null,
        Project = container.Compose?.Project,
        Service = container.Compose?.Service,
        Ports = container.Ports.Count > 0 ? [.. container.Ports.Select(port => port.ToString())] : null,
        CpuPercent = container.Usage?.CpuPercent,
        MemoryBytes = container.Usage?.MemoryBytes,
        MemoryLimitBytes = container.Usage?.MemoryLimitBytes,
        Source = seen.Source,
        ObservedAt = seen.ObservedAt,
    };

    internal static string ShortId(string id) => id.Length > 12 ? id[..12] : id;

    internal static bool IsUp(Container container) => container.State is ContainerState.Running or ContainerState.Paused;

    internal static bool Fits(Container container, ContainerFilter filter) => filter switch
    {
        ContainerFilter.Running => container.State == ContainerState.Running,
        ContainerFilter.Paused => container.State == ContainerState.Paused,
        ContainerFilter.Restarting => container.State == ContainerState.Restarting,
        ContainerFilter.Exited => container.State == ContainerState.Exited,
        ContainerFilter.Created => container.State == ContainerState.Created,
        ContainerFilter.Dead => container.State == ContainerState.Dead,
        ContainerFilter.Healthy => container.Health?.Status == HealthStatus.Healthy,
        ContainerFilter.Unhealthy => container.Health?.Status == HealthStatus.Unhealthy,
        _ => IsProblem(container),
    };

    /// <summary>143 is the answer to a polite stop (SIGTERM), not a failure.</summary>
    internal static bool IsProblem(Container container) =>
        container.State is ContainerState.Restarting or ContainerState.Dead
        || (IsUp(container) && container.Health?.Status == HealthStatus.Unhealthy)
        || (container.State == ContainerState.Exited && (container.OomKilled is true || container.ExitCode is not (null or 0 or 143)));
}

/// <summary>One container with all that is known of it.</summary>
public sealed record ContainerDetails
{
    /// <summary>The device's id.</summary>
    public required string Device { get; init; }

    public required ObservationSource Source { get; init; }

    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>Why it is the past and not the present.</summary>
    public string? CachedBecause { get; init; }

    public required Container Container { get; init; }
}
