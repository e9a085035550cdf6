using System.Text.Json.Serialization;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>
/// One sample of GET /containers/{id}/stats; counters rise since the container's start.
/// Format: https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerStats
/// </summary>
public sealed record EngineStats
{
    /// <summary>When the engine took it; null when the container is not running.</summary>
    public DateTimeOffset? Read { get; init; }

    [JsonPropertyName("cpu_stats")]
    [JsonConverter(typeof(LooseObjectConverter<EngineCpuStats>))]
    public EngineCpuStats? Cpu { get; init; }

    /// <summary>The sample before; empty in a one-shot answer.</summary>
    [JsonPropertyName("precpu_stats")]
    [JsonConverter(typeof(LooseObjectConverter<EngineCpuStats>))]
    public EngineCpuStats? PreviousCpu { get; init; }

    [JsonPropertyName("memory_stats")]
    [JsonConverter(typeof(LooseObjectConverter<EngineMemoryStats>))]
    public EngineMemoryStats? Memory { get; init; }

    [JsonPropertyName("pids_stats")]
    [JsonConverter(typeof(LooseObjectConverter<EnginePidsStats>))]
    public EnginePidsStats? Pids { get; init; }

    [JsonPropertyName("blkio_stats")]
    [JsonConverter(typeof(LooseObjectConverter<EngineBlockStats>))]
    public EngineBlockStats? Block { get; init; }

    [JsonConverter(typeof(LooseMapConverter<EngineNetworkStats>))]
    public IReadOnlyDictionary<string, EngineNetworkStats>? Networks { get; init; }

    /// <summary>The one interface of engines before API 1.21.</summary>
    [JsonConverter(typeof(LooseObjectConverter<EngineNetworkStats>))]
    public EngineNetworkStats? Network { get; init; }
}

public sealed record EngineCpuStats
{
    [JsonPropertyName("cpu_usage")]
    [JsonConverter(typeof(LooseObjectConverter<EngineCpuUsage>))]
    public EngineCpuUsage? Usage { get; init; }

    /// <summary>Processor time of the whole device, in nanoseconds.</summary>
    [JsonPropertyName("system_cpu_usage")]
    public double? SystemNanoseconds { get; init; }

    [JsonPropertyName("online_cpus")]
    public long? OnlineCpus { get; init; }
}

public sealed record EngineCpuUsage
{
    /// <summary>Processor time of the container, in nanoseconds.</summary>
    [JsonPropertyName("total_usage")]
    public double? TotalNanoseconds { get; init; }

    /// <summary>Per processor; cgroup v1 alone has it. Kept as words, because only their number is needed.</summary>
    [JsonPropertyName("percpu_usage")]
    [JsonConverter(typeof(LooseCommandConverter))]
    public IReadOnlyList<string>? PerCpu { get; init; }
}

public sealed record EngineMemoryStats
{
    /// <summary>Bytes, page cache included.</summary>
    public double? Usage { get; init; }

    /// <summary>Bytes; the device's memory when the container has no limit.</summary>
    public double? Limit { get; init; }

    /// <summary>The counters of the memory cgroup, by the kernel's names.</summary>
    [JsonConverter(typeof(LooseNumbersConverter))]
    public IReadOnlyDictionary<string, double>? Stats { get; init; }
}

public sealed record EnginePidsStats
{
    public long? Current { get; init; }

    /// <summary>0 or near 2^64 when there is no limit.</summary>
    public double? Limit { get; init; }
}

public sealed record EngineBlockStats
{
    [JsonPropertyName("io_service_bytes_recursive")]
    [JsonConverter(typeof(LooseListConverter<EngineBlockEntry>))]
    public IReadOnlyList<EngineBlockEntry>? ServiceBytes { get; init; }
}

public sealed record EngineBlockEntry
{
    /// <summary>Read, Write, Sync, Async, Total with cgroup v1; read, write with v2.</summary>
    public string? Op { get; init; }

    public double? Value { get; init; }
}

public sealed record EngineNetworkStats
{
    [JsonPropertyName("rx_bytes")]
    public double? ReceivedBytes { get; init; }

    [JsonPropertyName("tx_bytes")]
    public double? SentBytes { get; init; }
}
