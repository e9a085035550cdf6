using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>
/// A thin typed client of the Docker Engine API (1.24 on; Podman's compatible socket too) over a device's connection.
/// Safe for concurrent use. Calls throw <see cref="ConnectionException"/> when the device or the socket cannot be
/// reached, and <see cref="DockerEngineException"/> when the engine does not give the answer.
/// </summary>
public sealed class DockerEngineClient : IDisposable
{
    private const int MiB = 1024 * 1024;
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(60);
    private readonly DockerTransport _transport;

    /// <param name="connection">The way to the device; not disposed here.</param>
    /// <param name="socketPath">The engine's socket on the device: /var/run/docker.sock.</param>
    public DockerEngineClient(IConnection connection, string socketPath)
    {
        SocketPath = socketPath;
        _transport = new DockerTransport(connection, socketPath);
    }

    public string SocketPath { get; }

    /// <summary>The API version that was agreed on; null before the first call.</summary>
    public Version? ApiVersion => _transport.ApiVersion;

    /// <summary>Whether Podman answers in Docker's place; known after the first call.</summary>
    public bool IsPodman => _transport.IsPodman;

    /// <summary>Containers, the stopped ones too when asked for.</summary>
    public async Task<IReadOnlyList<EngineContainerSummary>> ListContainersAsync(bool all, CancellationToken cancellationToken) =>
        await ListAsync($"containers/json?all={(all ? 1 : 0)}", 64 * MiB, EngineJsonContext.Default.EngineContainerSummary, cancellationToken);

    /// <param name="container">An id, a prefix of one, or a name.</param>
    public Task<EngineContainerDetails> InspectContainerAsync(string container, CancellationToken cancellationToken) =>
        ReadAsync($"containers/{Uri.EscapeDataString(container)}/json", Quick, 16 * MiB, EngineJsonContext.Default.EngineContainerDetails, cancellationToken);

    /// <summary>
    /// One sample. From API 1.41 on it comes without the one before it, within a second (at once from Docker 25 on); older
    /// engines take two samples a second apart.
    /// </summary>
    public async Task<EngineStats> ReadStatsAsync(string container, CancellationToken cancellationToken)
    {
        // The version has to be known to choose the question.
        if (ApiVersion is null)
        {
            await PingAsync(cancellationToken);
        }

        var oneShot = ApiVersion >= new Version(1, 41) ? "&one-shot=true" : "";
        return await ReadAsync(
            $"containers/{Uri.EscapeDataString(container)}/stats?stream=false{oneShot}", Quick, 4 * MiB, EngineJsonContext.Default.EngineStats, cancellationToken, behind: true);
    }

    /// <summary>A sample each second until the container stops.</summary>
    public IAsyncEnumerable<EngineStats> FollowStatsAsync(string container, CancellationToken cancellationToken) =>
        FollowJsonAsync($"containers/{Uri.EscapeDataString(container)}/stats?stream=true", EngineJsonContext.Default.EngineStats, null, cancellationToken);

    /// <summary>The engine's events from now (or from a time on) until cancelled or the engine ends.</summary>
    /// <param name="filters">The engine's own filters: type → container. Null is all.</param>
    /// <param name="onOpen">Called when the engine listens: from here on nothing is missed.</param>
    public IAsyncEnumerable<EngineEvent> FollowEventsAsync(
        IReadOnlyDictionary<string, IReadOnlyList<string>>? filters, long? sinceUnixNanoseconds, Action? onOpen, CancellationToken cancellationToken)
    {
        var path = "events?";
        if (filters is not null)
        {
            path += "filters=" + Uri.EscapeDataString(JsonSerializer.Serialize(filters, Json.Options)) + "&";
        }

        path += sinceUnixNanoseconds is { } since ? "since=" + DockerLogQuery.Time(since) : "";
        return FollowJsonAsync(path.TrimEnd('&', '?'), EngineJsonContext.Default.EngineEvent, onOpen, cancellationToken);
    }

    /// <summary>Lines of a container's log, with timestamps, in the order the engine sends them.</summary>
    /// <param name="terminal">Whether the container has a terminal (Config.Tty of its inspect): its log has no frames.</param>
    /// <param name="onOpen">Called when the engine has begun to answer.</param>
    public async IAsyncEnumerable<EngineLogLine> ReadLogsAsync(
        string container, DockerLogQuery query, bool terminal, Action? onOpen = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var path = $"containers/{Uri.EscapeDataString(container)}/logs{query.ToQueryString()}";
        using var response = await (query.Follow
            ? _transport.FollowAsync(path, Slow, cancellationToken)
            : _transport.OpenAsync(path, Slow, cancellationToken));
        onOpen?.Invoke();
        // From API 1.42 on the engine says itself which of the two it sends.
        var framed = response.Content.Headers.ContentType?.MediaType switch
        {
            "application/vnd.docker.multiplexed-stream" => true,
            _ => !terminal,
        };
        var decoder = new DockerLogDecoder(framed, timestamps: true);
        var lines = new List<EngineLogLine>();
        await foreach (var bytes in ReadChunksAsync(response, path, query.Follow ? null : Slow, cancellationToken))
        {
            decoder.Feed(bytes.Span, lines);
            foreach (var line in lines)
            {
                yield return line;
            }

            lines.Clear();
        }

        decoder.Finish(lines);
        foreach (var line in lines)
        {
            yield return line;
        }
    }

    public async Task<IReadOnlyList<EngineImage>> ListImagesAsync(CancellationToken cancellationToken) =>
        await ListAsync("images/json", 64 * MiB, EngineJsonContext.Default.EngineImage, cancellationToken);

    public async Task<IReadOnlyList<EngineNetwork>> ListNetworksAsync(CancellationToken cancellationToken) =>
        await ListAsync("networks", 32 * MiB, EngineJsonContext.Default.EngineNetwork, cancellationToken);

    public async Task<IReadOnlyList<EngineVolume>> ListVolumesAsync(CancellationToken cancellationToken) =>
        (await ReadAsync("volumes", Quick, 32 * MiB, EngineJsonContext.Default.EngineVolumes, cancellationToken)).Volumes ?? [];

    public Task<EngineInfo> ReadInfoAsync(CancellationToken cancellationToken) =>
        ReadAsync("info", Quick, 4 * MiB, EngineJsonContext.Default.EngineInfo, cancellationToken);

    public Task<EngineVersion> ReadVersionAsync(CancellationToken cancellationToken) =>
        ReadAsync("version", Quick, MiB, EngineJsonContext.Default.EngineVersion, cancellationToken);

    /// <summary>What takes up the engine's disk; the engine measures it, which can take a minute.</summary>
    public Task<EngineDiskUsage> ReadDiskUsageAsync(CancellationToken cancellationToken) =>
        ReadAsync("system/df", Slow, 64 * MiB, EngineJsonContext.Default.EngineDiskUsage, cancellationToken);

    /// <summary>Agrees on an API version, and so finds out whether an engine answers.</summary>
    public Task PingAsync(CancellationToken cancellationToken) => _transport.GetAsync("_ping", Quick, MiB, false, cancellationToken);

    public void Dispose() => _transport.Dispose();

    private async Task<T> ReadAsync<T>(
        string path, TimeSpan limit, int capBytes, JsonTypeInfo<T> type, CancellationToken cancellationToken, bool behind = false)
        where T : class =>
        DockerTransport.Parse(await _transport.GetAsync(path, limit, capBytes, behind, cancellationToken), type, path)
            ?? throw new DockerEngineException(DockerEngineFailure.Broken, "The container engine's answer is empty.");

    private async Task<List<T>> ListAsync<T>(string path, int capBytes, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var body = await _transport.GetAsync(path, Quick, capBytes, false, cancellationToken);
        try
        {
            return [.. EngineJson.Elements(body).Select(element => EngineJson.Read(element, type)).OfType<T>()];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new DockerEngineException(DockerEngineFailure.Broken, $"The container engine's answer to {path} is not JSON.", 0, exception);
        }
    }

    // One JSON value to a line; what is not JSON is passed over, so that one bad line does not end the stream.
    private async IAsyncEnumerable<T> FollowJsonAsync<T>(
        string path, JsonTypeInfo<T> type, Action? onOpen, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        using var response = await _transport.FollowAsync(path, Slow, cancellationToken);
        onOpen?.Invoke();
        var splitter = new LineSplitter(4 * MiB);
        await foreach (var bytes in ReadChunksAsync(response, path, null, cancellationToken))
        {
            foreach (var line in splitter.Feed(bytes.Span))
            {
                T? value = null;
                try
                {
                    value = DockerTransport.Parse(line, type, path);
                }
                catch (DockerEngineException)
                {
                }

                if (value is not null)
                {
                    yield return value;
                }
            }
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadChunksAsync(
        EngineAnswer response, string path, TimeSpan? limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[32 * 1024];
        while (true)
        {
            // The limit is for each wait: a long log may take long, a silent engine may not.
            if (limit is { } patience)
            {
                timer.CancelAfter(patience);
            }

            int count;
            try
            {
                count = await body.ReadAsync(buffer, timer.Token);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new DockerEngineException(DockerEngineFailure.TimedOut, "The container engine stopped sending its answer.", 0, exception);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                throw DockerTransport.Named(exception, path);
            }

            if (count == 0)
            {
                yield break;
            }

            yield return buffer.AsMemory(0, count);
        }
    }
}
