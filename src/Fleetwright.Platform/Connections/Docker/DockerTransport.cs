using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>
/// HTTP to one engine over a device's connection: kept connections, the API version that both sides speak, limits on
/// time and size, and failures by name.
/// </summary>
internal sealed class DockerTransport : IDisposable
{
    /// <summary>What this client was written against; newer engines still speak it, or tell their oldest.</summary>
    private static readonly Version Newest = new(1, 51);

    private static readonly Version Oldest = new(1, 24);
    private const int MaxParallelCalls = 32;
    private const int MaxRefusals = 8;
    private const int MaxFollowRefusals = 6;
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMilliseconds(100);
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _http;
    private readonly CallGate _gate = new(MaxParallelCalls);
    private readonly SemaphoreSlim _negotiating = new(1, 1);
    private string? _prefix;

    public DockerTransport(IConnection connection, string socketPath)
    {
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) => await connection.OpenUnixSocketAsync(socketPath, cancellationToken),
            // The socket is the device's: nothing of this machine's environment belongs between.
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            ConnectTimeout = TimeSpan.FromSeconds(15),
            MaxResponseHeadersLength = 64,
        };
        _http = new HttpClient(_handler, disposeHandler: false)
        {
            BaseAddress = new Uri("http://engine/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The API version in use; null before the first call.</summary>
    public Version? ApiVersion { get; private set; }

    /// <summary>Podman answers in Docker's place.</summary>
    public bool IsPodman { get; private set; }

    /// <summary>The whole answer to a GET; with <paramref name="behind"/> other calls go first where there is a queue.</summary>
    public Task<byte[]> GetAsync(string path, TimeSpan limit, int capBytes, bool behind, CancellationToken cancellationToken) =>
        InTurnAsync(
            path,
            limit,
            behind,
            async (_, cancel) =>
            {
                using var response = await SendAsync(path, cancel);
                return await ReadBodyAsync(response, capBytes, cancel);
            },
            cancellationToken);

    /// <summary>An answer that is read as it comes and has an end. The limit is for its beginning.</summary>
    public Task<EngineAnswer> OpenAsync(string path, TimeSpan limit, CancellationToken cancellationToken) =>
        InTurnAsync(path, limit, false, async (turn, cancel) => new EngineAnswer(await SendAsync(path, cancel), turn.Keep()), cancellationToken);

    /// <summary>An answer without an end, on a connection of its own. The limit is for its beginning.</summary>
    public async Task<EngineAnswer> FollowAsync(string path, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (var refused = 0; ; refused++)
        {
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timer.CancelAfter(limit);
            try
            {
                return await NamingFailuresAsync(
                    async () => new EngineAnswer(await SendAsync(path, timer.Token), null), path, limit, cancellationToken);
            }
            catch (ConnectionException failure) when (failure.Failure == ConnectionFailure.TooManySessions && refused < MaxFollowRefusals)
            {
                // With fewer calls at once, one of their connections falls free and serves this.
                _gate.Narrow();
                await Task.Delay(RefusedPause * (refused + 1), cancellationToken);
            }
        }
    }

    private async Task<T> InTurnAsync<T>(
        string path, TimeSpan limit, bool behind, Func<KeepableTurn, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        for (var refused = 0; ; refused++)
        {
            if (refused > 0)
            {
                // A connection that was just closed still holds its session for a moment.
                await Task.Delay(RefusedPause * (refused - 1), cancellationToken);
            }

            using var turn = new KeepableTurn(await _gate.EnterAsync(behind, cancellationToken));
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timer.CancelAfter(limit);
            try
            {
                return await NamingFailuresAsync(() => call(turn, timer.Token), path, limit, cancellationToken);
            }
            catch (ConnectionException failure) when (failure.Failure == ConnectionFailure.TooManySessions && (!turn.Alone || refused < MaxRefusals))
            {
                // The connections that are open serve this call as well, one after the other.
                _gate.Narrow();
            }
        }
    }

    /// <summary>Closes what is idle. Calls that are under way go on; disposing the HttpClient would cancel them as if they had run out of time.</summary>
    public void Dispose() => _handler.Dispose();

    /// <summary>What went wrong, by name: the connection's own failure where there is one.</summary>
    public static Exception Named(Exception exception, string path) =>
        ConnectionFailureIn(exception) ?? (Exception)new DockerEngineException(
            DockerEngineFailure.Broken, $"The container engine broke off its answer to {Shown(path)}.", 0, exception);

    private async Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var prefix = _prefix ?? await NegotiateAsync(cancellationToken);
            var response = await _http.GetAsync(new Uri(prefix + path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                var message = await ErrorTextAsync(response, cancellationToken);
                if (attempt == 1 && response.StatusCode == HttpStatusCode.BadRequest
                    && message.Contains("client version", StringComparison.OrdinalIgnoreCase))
                {
                    // The engine was exchanged for another one since the version was agreed on.
                    _prefix = null;
                    continue;
                }

                throw new DockerEngineException(
                    response.StatusCode == HttpStatusCode.NotFound ? DockerEngineFailure.NotFound : DockerEngineFailure.Refused,
                    $"The container engine says: {message}",
                    (int)response.StatusCode);
            }
        }
    }

    private async Task<string> NegotiateAsync(CancellationToken cancellationToken)
    {
        await _negotiating.WaitAsync(cancellationToken);
        try
        {
            if (_prefix is { } known)
            {
                return known;
            }

            using var ping = await _http.GetAsync(new Uri("_ping", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var (engine, least) = (VersionIn(Header(ping, "Api-Version")), (Version?)null);
            IsPodman = Header(ping, "Libpod-Api-Version") is not null;
            if (engine is null || engine > Newest)
            {
                using var response = await _http.GetAsync(new Uri("version", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                var about = response.IsSuccessStatusCode
                    ? Parse(await ReadBodyAsync(response, 1024 * 1024, cancellationToken), EngineJsonContext.Default.EngineVersion, "version")
                    : null;
                (engine, least) = (VersionIn(about?.ApiVersion) ?? engine, VersionIn(about?.MinApiVersion));
                IsPodman |= about?.IsPodman == true;
            }

            if (engine is null)
            {
                throw new DockerEngineException(DockerEngineFailure.Broken, "What listens on the socket does not answer like a container engine.");
            }

            if (engine < Oldest)
            {
                throw new DockerEngineException(
                    DockerEngineFailure.TooOld, $"The container engine speaks API {engine}; Fleetwright needs {Oldest} (Docker 1.12) or newer.");
            }

            var agreed = engine > Newest ? Newest : engine;
            ApiVersion = least > agreed ? least : agreed;
            return _prefix = $"v{ApiVersion}/";
        }
        finally
        {
            _negotiating.Release();
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, int capBytes, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > capBytes)
        {
            throw TooLarge(capBytes);
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var whole = new MemoryStream((int)(response.Content.Headers.ContentLength ?? 4096));
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                if (whole.Length + count > capBytes)
                {
                    throw TooLarge(capBytes);
                }

                whole.Write(buffer, 0, count);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }

        return whole.ToArray();
    }

    private static DockerEngineException TooLarge(int capBytes) =>
        new(DockerEngineFailure.TooLarge, $"The container engine's answer is larger than {capBytes / 1024 / 1024} MiB.");

    private static async Task<string> ErrorTextAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(response, 1024 * 1024, cancellationToken);
        string? text = null;
        try
        {
            text = Parse(body, EngineJsonContext.Default.EngineError, "error")?.Message;
        }
        catch (DockerEngineException)
        {
            // Engines before API 1.24, and proxies in front of them, answer in plain text.
        }

        text = TerminalText.OneLine(text ?? System.Text.Encoding.UTF8.GetString(body), 400);
        return text.Length > 0 ? text : $"HTTP {(int)response.StatusCode}";
    }

    internal static T? Parse<T>(byte[] body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return EngineJson.Elements(body) is [var only, ..] ? EngineJson.Read(only, type) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new DockerEngineException(DockerEngineFailure.Broken, $"The container engine's answer to {Shown(what)} is not JSON.", 0, exception);
        }
    }

    private static async Task<T> NamingFailuresAsync<T>(Func<Task<T>> call, string path, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionFailureIn(exception) ?? (Exception)new DockerEngineException(
                DockerEngineFailure.TimedOut,
                string.Create(CultureInfo.InvariantCulture, $"The container engine did not answer {Shown(path)} within {limit.TotalSeconds:0.#} s."),
                0,
                exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ObjectDisposedException)
        {
            throw Named(exception, path);
        }
    }

    private static ConnectionException? ConnectionFailureIn(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is ConnectionException failure)
            {
                return failure;
            }
        }

        return null;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static Version? VersionIn(string? text) => Version.TryParse(text, out var version) ? new Version(version.Major, version.Minor) : null;

    private static string Shown(string path)
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        return "/" + (query < 0 ? path : path[..query]);
    }

    private sealed class KeepableTurn(CallGate.Turn turn) : IDisposable
    {
        private IDisposable? _turn = turn;

        public bool Alone => turn.Alone;

        public IDisposable Keep() => Interlocked.Exchange(ref _turn, null)!;

        public void Dispose() => _turn?.Dispose();
    }
}

/// <summary>An answer that is being read, with the turn that it holds.</summary>
internal sealed class EngineAnswer(HttpResponseMessage response, IDisposable? turn) : IDisposable
{
    public HttpContent Content => response.Content;

    public void Dispose()
    {
        response.Dispose();
        turn?.Dispose();
    }
}
