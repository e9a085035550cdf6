namespace Fleetwright.Features.Containers;

/// <summary>The containers of one device, running or not, with the engine that runs them.</summary>
public sealed record ContainerList
{
    /// <summary>docker or podman, with its version: "docker 28.2.2"; null when it is not known.</summary>
    public string? Engine { get; init; }

    /// <summary>Ordered by name.</summary>
    public required IReadOnlyList<Container> Containers { get; init; }

    /// <summary>What the list lacks and why, in sentences.</summary>
    public IReadOnlyList<string>? Notes { get; init; }
}

/// <summary>What a container is doing.</summary>
public enum ContainerState
{
    /// <summary>The engine used a word that is not known.</summary>
    Unknown,

    /// <summary>Made and never started.</summary>
    Created,
    Running,
    Paused,

    /// <summary>It ended and the engine waits to start it again.</summary>
    Restarting,
    Removing,
    Exited,

    /// <summary>The engine failed to remove it.</summary>
    Dead,
}

/// <summary>One container. Null is unknown, or not to be had from this engine.</summary>
public sealed record Container
{
    /// <summary>64 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>Without the engine's leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>As it was named when the container was made: "postgres:16".</summary>
    public string? Image { get; init; }

    public string? ImageId { get; init; }

    /// <summary>sha256:… of the image in its registry; null for images that were built here.</summary>
    public string? ImageDigest { get; init; }

    public required ContainerState State { get; init; }

    /// <summary>The engine's words: "Up 3 hours (healthy)".</summary>
    public string? StatusText { get; init; }

    /// <summary>Null when it has no health check.</summary>
    public ContainerHealth? Health { get; init; }

    /// <summary>How often the engine started it again by itself.</summary>
    public int? RestartCount { get; init; }

    /// <summary>Of its last end; null while it runs.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Whether the kernel killed it for memory.</summary>
    public bool? OomKilled { get; init; }

    /// <summary>Why the engine could not start it.</summary>
    public string? Error { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public IReadOnlyList<ContainerPort> Ports { get; init; } = [];

    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    public IReadOnlyList<ContainerNetwork> Networks { get; init; } = [];

    public string? NetworkMode { get; init; }

    /// <summary>What Compose wrote down about it; null for a container that Compose did not make.</summary>
    public ComposeInfo? Compose { get; init; }

    /// <summary>Compose's own are in <see cref="Compose"/>; values that look secret are redacted.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The program with its arguments; what looks secret is redacted.</summary>
    public string? Command { get; init; }

    /// <summary>The names of its environment variables; their values are not read.</summary>
    public IReadOnlyList<string>? EnvironmentNames { get; init; }

    /// <summary>no, always, unless-stopped, or on-failure with its limit: "on-failure:5".</summary>
    public string? RestartPolicy { get; init; }

    /// <summary>Whether it has a terminal: then its log does not tell stdout and stderr apart.</summary>
    public bool? Terminal { get; init; }

    public bool? Privileged { get; init; }

    public string? User { get; init; }

    public string? LogDriver { get; init; }

    /// <summary>What it uses of the device; null when it does not run or could not be asked.</summary>
    public ContainerUsage? Usage { get; init; }
}

/// <summary>What a container's health check says.</summary>
public sealed record ContainerHealth
{
    public required HealthStatus Status { get; init; }

    /// <summary>How many checks failed in a row.</summary>
    public int? FailingStreak { get; init; }

    /// <summary>The last checks, the newest first, at most three.</summary>
    public IReadOnlyList<HealthCheckRun> LastChecks { get; init; } = [];
}

public enum HealthStatus
{
    Unknown,
    Starting,
    Healthy,
    Unhealthy,
}

/// <summary>One run of a health check.</summary>
public sealed record HealthCheckRun
{
    public DateTimeOffset? At { get; init; }

    public int? ExitCode { get; init; }

    /// <summary>What it printed, cut after 500 characters.</summary>
    public string? Output { get; init; }
}

/// <summary>A port inside the container, and where on the device it is published.</summary>
public sealed record ContainerPort
{
    public required int Port { get; init; }

    public required string Protocol { get; init; }

    /// <summary>Null when it is exposed to other containers alone.</summary>
    public int? HostPort { get; init; }

    /// <summary>0.0.0.0 or :: is every address of the device.</summary>
    public string? HostAddress { get; init; }

    /// <summary>How many ports in a row, from these on, when more than one.</summary>
    public int? Count { get; init; }

    /// <summary>As `docker ps` writes it.</summary>
    public override string ToString()
    {
        var inside = $"{Range(Port)}/{Protocol}";
        var address = HostAddress?.Contains(':', StringComparison.Ordinal) == true ? $"[{HostAddress}]" : HostAddress;
        return HostPort is { } host ? $"{(address is null ? "" : address + ":")}{Range(host)}->{inside}" : inside;
    }

    private string Range(int first) => Count is > 1 and var count ? $"{first}-{first + count - 1}" : $"{first}";
}

/// <summary>Something of the device, or a volume, that the container sees as its own folder or file.</summary>
public sealed record ContainerMount
{
    /// <summary>bind, volume, tmpfs, …</summary>
    public string? Type { get; init; }

    /// <summary>The volume's name.</summary>
    public string? Name { get; init; }

    /// <summary>The path on the device.</summary>
    public string? Source { get; init; }

    /// <summary>The path in the container.</summary>
    public string? Destination { get; init; }

    public bool? ReadOnly { get; init; }
}

/// <summary>A network that the container is in.</summary>
public sealed record ContainerNetwork
{
    public required string Name { get; init; }

    public string? IpAddress { get; init; }

    public string? Ipv6Address { get; init; }

    public string? Gateway { get; init; }

    public string? MacAddress { get; init; }

    /// <summary>The names that others in that network know it by.</summary>
    public IReadOnlyList<string>? Aliases { get; init; }
}

/// <summary>What Compose's labels say.</summary>
public sealed record ComposeInfo
{
    public required string Project { get; init; }

    public string? Service { get; init; }

    /// <summary>Which of the service's containers it is, from 1.</summary>
    public int? Number { get; init; }

    public IReadOnlyList<ComposeDependency> DependsOn { get; init; } = [];

    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    public string? WorkingDirectory { get; init; }

    /// <summary>Made by `compose run`, for one command.</summary>
    public bool? OneOff { get; init; }
}

/// <summary>A service that has to be there first.</summary>
public sealed record ComposeDependency
{
    public required string Service { get; init; }

    /// <summary>service_started, service_healthy or service_completed_successfully; null when not told.</summary>
    public string? Condition { get; init; }

    /// <summary>Whether this one is restarted together with that one.</summary>
    public bool? Restart { get; init; }
}

/// <summary>What a running container uses. Counters rise since its start.</summary>
public sealed record ContainerUsage
{
    /// <summary>Percent of one processor: 200 is two whole ones. Null until there are two samples.</summary>
    public double? CpuPercent { get; init; }

    /// <summary>How many processors the device has for it.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Without the page cache that the kernel can take back, as the docker command counts.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The device's memory when the container has no limit of its own.</summary>
    public long? MemoryLimitBytes { get; init; }

    public long? NetworkReceivedBytes { get; init; }

    public long? NetworkSentBytes { get; init; }

    public long? BlockReadBytes { get; init; }

    public long? BlockWrittenBytes { get; init; }

    /// <summary>Processes and threads.</summary>
    public int? Pids { get; init; }

    /// <summary>Null when there is no limit.</summary>
    public int? PidsLimit { get; init; }
}
