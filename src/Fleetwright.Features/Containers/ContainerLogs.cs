using Fleetwright.Platform.Operations;

namespace Fleetwright.Features.Containers;

/// <summary>Where a line was written.</summary>
public enum ContainerLogStream
{
    Stdout,
    Stderr,
}

/// <summary>One line of a container's log, fit to be shown: no terminal codes, no control characters.</summary>
public sealed record ContainerLogLine
{
    /// <summary>When the engine received it.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>A container with a terminal writes everything to stdout.</summary>
    public required ContainerLogStream Stream { get; init; }

    public required string Text { get; init; }
}

/// <summary>Lines of a container's log.</summary>
public sealed record ContainerLogs
{
    /// <summary>The device's id.</summary>
    public required string Device { get; init; }

    /// <summary>The container's name.</summary>
    public required string Container { get; init; }

    /// <summary>What the lines do not hold and why.</summary>
    public IReadOnlyList<string>? Notes { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<ContainerLogLine> Lines { get; init; }
}

/// <summary>Which lines.</summary>
internal sealed record ContainerLogRequest(PointInTime? Since, PointInTime? Until, int? Tail, string? Search, ContainerLogStream? Stream);
