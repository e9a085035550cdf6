using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>
/// One entry of GET /containers/json, of `podman ps --format json`, or of `docker ps --format '{{json .}}'`.
/// Format: https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerList
/// </summary>
public sealed record EngineContainerSummary
{
    public string? Id { get; init; }

    /// <summary>With a leading slash from the engine; further ones are links from other containers (/web/db).</summary>
    [JsonConverter(typeof(LooseWordsConverter))]
    public IReadOnlyList<string>? Names { get; init; }

    public string? Image { get; init; }

    [JsonPropertyName("ImageID")]
    public string? ImageId { get; init; }

    [JsonConverter(typeof(LooseCommandConverter))]
    public IReadOnlyList<string>? Command { get; init; }

    public DateTimeOffset? Created { get; init; }

    /// <summary>The time as text, where Created is a phrase or missing (`docker ps`, Podman).</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? ExitedAt { get; init; }

    public long? ExitCode { get; init; }

    /// <summary>A word (running), from API 1.23 on; older engines tell by the status text alone.</summary>
    [JsonConverter(typeof(EngineStateConverter))]
    public EngineState? State { get; init; }

    /// <summary>For people: "Up 3 hours (healthy)", "Exited (1) 2 days ago".</summary>
    public string? Status { get; init; }

    [JsonConverter(typeof(EnginePortsConverter))]
    public IReadOnlyList<EnginePort>? Ports { get; init; }

    [JsonConverter(typeof(LooseLabelsConverter))]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [JsonConverter(typeof(EngineMountsConverter))]
    public IReadOnlyList<EngineMount>? Mounts { get; init; }

    [JsonConverter(typeof(LooseObjectConverter<EngineNetworkSettings>))]
    public EngineNetworkSettings? NetworkSettings { get; init; }

    /// <summary>The names alone, from the command-line tools.</summary>
    [JsonConverter(typeof(LooseWordsConverter))]
    public IReadOnlyList<string>? Networks { get; init; }

    [JsonConverter(typeof(LooseObjectConverter<EngineHostConfig>))]
    public EngineHostConfig? HostConfig { get; init; }
}

/// <summary>
/// GET /containers/{id}/json, or one entry of what `docker inspect` and `podman inspect` print.
/// Format: https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerInspect
/// </summary>
public sealed record EngineContainerDetails
{
    public string? Id { get; init; }

    public string? Name { get; init; }

    public DateTimeOffset? Created { get; init; }

    public string? Path { get; init; }

    [JsonConverter(typeof(LooseCommandConverter))]
    public IReadOnlyList<string>? Args { get; init; }

    [JsonConverter(typeof(EngineStateConverter))]
    public EngineState? State { get; init; }

    /// <summary>The image's id; its name is in the configuration.</summary>
    public string? Image { get; init; }

    /// <summary>Podman: the image's name.</summary>
    public string? ImageName { get; init; }

    /// <summary>Podman: the image's digest.</summary>
    public string? ImageDigest { get; init; }

    public long? RestartCount { get; init; }

    public string? Platform { get; init; }

    [JsonConverter(typeof(LooseObjectConverter<EngineHostConfig>))]
    public EngineHostConfig? HostConfig { get; init; }

    [JsonConverter(typeof(LooseObjectConverter<EngineContainerConfig>))]
    public EngineContainerConfig? Config { get; init; }

    [JsonConverter(typeof(EngineMountsConverter))]
    public IReadOnlyList<EngineMount>? Mounts { get; init; }

    [JsonConverter(typeof(LooseObjectConverter<EngineNetworkSettings>))]
    public EngineNetworkSettings? NetworkSettings { get; init; }
}

/// <summary>How a container is; a bare word is taken as its status.</summary>
public sealed record EngineState
{
    public string? Status { get; init; }

    public bool? Running { get; init; }

    public bool? Paused { get; init; }

    public bool? Restarting { get; init; }

    public bool? Dead { get; init; }

    [JsonPropertyName("OOMKilled")]
    public bool? OomKilled { get; init; }

    public long? Pid { get; init; }

    public long? ExitCode { get; init; }

    public string? Error { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    [JsonConverter(typeof(LooseObjectConverter<EngineHealth>))]
    public EngineHealth? Health { get; init; }

    /// <summary>Health, as Podman before 4.0 names it.</summary>
    [JsonConverter(typeof(LooseObjectConverter<EngineHealth>))]
    public EngineHealth? Healthcheck { get; init; }
}

public sealed record EngineHealth
{
    /// <summary>starting, healthy, unhealthy, none or empty.</summary>
    public string? Status { get; init; }

    public long? FailingStreak { get; init; }

    [JsonConverter(typeof(LooseListConverter<EngineHealthCheck>))]
    public IReadOnlyList<EngineHealthCheck>? Log { get; init; }
}

/// <summary>One run of a health check; the engine keeps the last five.</summary>
public sealed record EngineHealthCheck
{
    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }

    public long? ExitCode { get; init; }

    public string? Output { get; init; }
}

public sealed record EngineContainerConfig
{
    public string? Hostname { get; init; }

    public string? User { get; init; }

    public bool? Tty { get; init; }

    public string? Image { get; init; }

    [JsonConverter(typeof(LooseCommandConverter))]
    public IReadOnlyList<string>? Cmd { get; init; }

    [JsonConverter(typeof(LooseCommandConverter))]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>NAME=value; values may be secrets.</summary>
    [JsonConverter(typeof(LooseCommandConverter))]
    public IReadOnlyList<string>? Env { get; init; }

    [JsonConverter(typeof(LooseLabelsConverter))]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

public sealed record EngineHostConfig
{
    public string? NetworkMode { get; init; }

    public bool? Privileged { get; init; }

    /// <summary>Bytes; 0 is no limit.</summary>
    public long? Memory { get; init; }

    /// <summary>Billionths of a processor; 0 is no limit.</summary>
    public long? NanoCpus { get; init; }

    [JsonConverter(typeof(LooseObjectConverter<EngineRestartPolicy>))]
    public EngineRestartPolicy? RestartPolicy { get; init; }

    [JsonConverter(typeof(LooseObjectConverter<EngineLogConfig>))]
    public EngineLogConfig? LogConfig { get; init; }
}

public sealed record EngineRestartPolicy
{
    public string? Name { get; init; }

    public long? MaximumRetryCount { get; init; }
}

public sealed record EngineLogConfig
{
    public string? Type { get; init; }
}

public sealed record EngineMount
{
    /// <summary>bind, volume, tmpfs, …</summary>
    public string? Type { get; init; }

    public string? Name { get; init; }

    public string? Source { get; init; }

    public string? Destination { get; init; }

    [JsonPropertyName("RW")]
    public bool? Writable { get; init; }
}

public sealed record EngineNetworkSettings
{
    /// <summary>Of the default bridge; newer engines tell it per network alone.</summary>
    [JsonPropertyName("IPAddress")]
    public string? IpAddress { get; init; }

    public string? MacAddress { get; init; }

    public string? Gateway { get; init; }

    [JsonConverter(typeof(EnginePortsConverter))]
    public IReadOnlyList<EnginePort>? Ports { get; init; }

    [JsonConverter(typeof(LooseMapConverter<EngineEndpoint>))]
    public IReadOnlyDictionary<string, EngineEndpoint>? Networks { get; init; }
}

/// <summary>A container's place in one network.</summary>
public sealed record EngineEndpoint
{
    [JsonPropertyName("IPAddress")]
    public string? IpAddress { get; init; }

    [JsonPropertyName("GlobalIPv6Address")]
    public string? Ipv6Address { get; init; }

    public string? Gateway { get; init; }

    public string? MacAddress { get; init; }

    [JsonConverter(typeof(LooseWordsConverter))]
    public IReadOnlyList<string>? Aliases { get; init; }

    [JsonPropertyName("DNSNames")]
    [JsonConverter(typeof(LooseWordsConverter))]
    public IReadOnlyList<string>? DnsNames { get; init; }
}

/// <summary>A state as an object, or as the one word that lists have.</summary>
internal sealed class EngineStateConverter : JsonConverter<EngineState>
{
    public override EngineState? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<EngineState>)options.GetTypeInfo(typeof(EngineState)));
        }

        return Loose.Text(ref reader) is { Length: > 0 } word ? new EngineState { Status = word } : null;
    }

    public override void Write(Utf8JsonWriter writer, EngineState value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}

/// <summary>Mounts as objects, or as destinations alone (command-line tools, Podman's list).</summary>
internal sealed class EngineMountsConverter : JsonConverter<IReadOnlyList<EngineMount>>
{
    public override IReadOnlyList<EngineMount>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new LooseWordsConverter().Read(ref reader, typeToConvert, options)?.Select(Named).ToList();
        }

        var item = new LooseObjectConverter<EngineMount>();
        var mounts = new List<EngineMount>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                mounts.Add(item.Read(ref reader, typeof(EngineMount), options) ?? new EngineMount());
            }
            else if (Loose.Text(ref reader) is { } text)
            {
                mounts.Add(Named(text));
            }
        }

        return mounts;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<EngineMount> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    // Podman lists where a mount is inside the container; `docker ps` lists the volume's name or the path on the device.
    private static EngineMount Named(string text) =>
        text.StartsWith('/') ? new EngineMount { Destination = text } : new EngineMount { Type = "volume", Name = text };
}
