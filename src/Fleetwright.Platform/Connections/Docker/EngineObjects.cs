using System.Text.Json.Serialization;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>GET /version.</summary>
public sealed record EngineVersion
{
    public string? Version { get; init; }

    public string? ApiVersion { get; init; }

    [JsonPropertyName("MinAPIVersion")]
    public string? MinApiVersion { get; init; }

    public string? Os { get; init; }

    public string? Arch { get; init; }

    public string? KernelVersion { get; init; }

    [JsonConverter(typeof(LooseListConverter<EngineComponent>))]
    public IReadOnlyList<EngineComponent>? Components { get; init; }

    /// <summary>Whether Podman answers in Docker's place.</summary>
    [JsonIgnore]
    public bool IsPodman => Components?.Any(part => part.Name?.Contains("podman", StringComparison.OrdinalIgnoreCase) == true) == true;
}

public sealed record EngineComponent
{
    public string? Name { get; init; }

    public string? Version { get; init; }
}

/// <summary>GET /info.</summary>
public sealed record EngineInfo
{
    [JsonPropertyName("ID")]
    public string? Id { get; init; }

    public string? Name { get; init; }

    public string? ServerVersion { get; init; }

    public string? Driver { get; init; }

    /// <summary>1 or 2.</summary>
    public string? CgroupVersion { get; init; }

    public string? OperatingSystem { get; init; }

    public string? KernelVersion { get; init; }

    public string? DockerRootDir { get; init; }

    [JsonPropertyName("NCPU")]
    public long? CpuCount { get; init; }

    [JsonPropertyName("MemTotal")]
    public long? MemoryBytes { get; init; }

    public long? Containers { get; init; }

    public long? ContainersRunning { get; init; }

    public long? ContainersPaused { get; init; }

    public long? ContainersStopped { get; init; }

    public long? Images { get; init; }

    [JsonConverter(typeof(LooseCommandConverter))]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>One entry of GET /images/json.</summary>
public sealed record EngineImage
{
    public string? Id { get; init; }

    [JsonConverter(typeof(LooseWordsConverter))]
    public IReadOnlyList<string>? RepoTags { get; init; }

    /// <summary>name@sha256:…, one for each registry name it was pulled by.</summary>
    [JsonConverter(typeof(LooseWordsConverter))]
    public IReadOnlyList<string>? RepoDigests { get; init; }

    public DateTimeOffset? Created { get; init; }

    [JsonPropertyName("Size")]
    public long? SizeBytes { get; init; }

    /// <summary>How many containers use it; −1 when the engine did not count.</summary>
    public long? Containers { get; init; }

    [JsonConverter(typeof(LooseLabelsConverter))]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>One entry of GET /networks.</summary>
public sealed record EngineNetwork
{
    public string? Id { get; init; }

    public string? Name { get; init; }

    public string? Driver { get; init; }

    public string? Scope { get; init; }

    public bool? Internal { get; init; }

    [JsonConverter(typeof(LooseLabelsConverter))]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>GET /volumes.</summary>
public sealed record EngineVolumes
{
    [JsonConverter(typeof(LooseListConverter<EngineVolume>))]
    public IReadOnlyList<EngineVolume>? Volumes { get; init; }
}

public sealed record EngineVolume
{
    public string? Name { get; init; }

    public string? Driver { get; init; }

    public string? Mountpoint { get; init; }

    public string? Scope { get; init; }

    [JsonConverter(typeof(LooseLabelsConverter))]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Only GET /system/df fills it.</summary>
    [JsonConverter(typeof(LooseObjectConverter<EngineVolumeUsage>))]
    public EngineVolumeUsage? UsageData { get; init; }
}

public sealed record EngineVolumeUsage
{
    /// <summary>−1 when the volume's driver cannot tell.</summary>
    [JsonPropertyName("Size")]
    public long? SizeBytes { get; init; }

    public long? RefCount { get; init; }
}

/// <summary>GET /system/df: what takes up the engine's disk.</summary>
public sealed record EngineDiskUsage
{
    /// <summary>All image layers together.</summary>
    [JsonPropertyName("LayersSize")]
    public long? LayersBytes { get; init; }

    [JsonConverter(typeof(LooseListConverter<EngineImage>))]
    public IReadOnlyList<EngineImage>? Images { get; init; }

    [JsonConverter(typeof(LooseListConverter<EngineContainerSize>))]
    public IReadOnlyList<EngineContainerSize>? Containers { get; init; }

    [JsonConverter(typeof(LooseListConverter<EngineVolume>))]
    public IReadOnlyList<EngineVolume>? Volumes { get; init; }

    [JsonConverter(typeof(LooseListConverter<EngineBuildCache>))]
    public IReadOnlyList<EngineBuildCache>? BuildCache { get; init; }
}

public sealed record EngineContainerSize
{
    public string? Id { get; init; }

    [JsonConverter(typeof(LooseWordsConverter))]
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>What the container itself has written.</summary>
    [JsonPropertyName("SizeRw")]
    public long? WrittenBytes { get; init; }

    [JsonPropertyName("SizeRootFs")]
    public long? TotalBytes { get; init; }
}

public sealed record EngineBuildCache
{
    public string? Id { get; init; }

    [JsonPropertyName("Size")]
    public long? SizeBytes { get; init; }

    public bool? InUse { get; init; }
}

/// <summary>One entry of the engine's event stream.</summary>
public sealed record EngineEvent
{
    /// <summary>container, image, network, volume, daemon, …; absent before API 1.22.</summary>
    public string? Type { get; init; }

    /// <summary>start, die, "health_status: unhealthy", …</summary>
    public string? Action { get; init; }

    /// <summary>The action, as engines before API 1.22 name it.</summary>
    public string? Status { get; init; }

    [JsonConverter(typeof(LooseObjectConverter<EngineActor>))]
    public EngineActor? Actor { get; init; }

    public string? Id { get; init; }

    public string? From { get; init; }

    /// <summary>Unix seconds.</summary>
    public long? Time { get; init; }

    /// <summary>Unix nanoseconds.</summary>
    public long? TimeNano { get; init; }
}

public sealed record EngineActor
{
    [JsonPropertyName("ID")]
    public string? Id { get; init; }

    /// <summary>name, image, exitCode and the container's labels.</summary>
    [JsonConverter(typeof(LooseLabelsConverter))]
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }
}

/// <summary>What the engine answers when it will not do something.</summary>
internal sealed record EngineError
{
    public string? Message { get; init; }

    /// <summary>Podman's underlying reason.</summary>
    public string? Cause { get; init; }
}
