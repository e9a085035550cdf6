using System.Security.Claims;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>One legacy session: its transport, the server that runs on it, whose it is, and when it was last used.</summary>
internal sealed partial class McpSession(
    StreamableHttpServerTransport transport, McpServer server, string owner, TimeProvider clock, ILogger logger)
    : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task _run = Task.CompletedTask;
    private long _lastUsed = clock.GetTimestamp();
    private int _requests;
    private bool _closing;
    private bool _getTaken;

    public string Id { get; } = transport.SessionId ?? throw new ArgumentException("The transport has no session id.", nameof(transport));

    public StreamableHttpServerTransport Transport => transport;

    /// <summary>Since when nobody used it; zero while a request (a GET stream too) is open.</summary>
    public TimeSpan Idle
    {
        get
        {
            lock (_gate)
            {
                return _requests > 0 ? TimeSpan.Zero : clock.GetElapsedTime(_lastUsed);
            }
        }
    }

    public bool IsUnused
    {
        get
        {
            lock (_gate)
            {
                return _requests == 0;
            }
        }
    }

    public void Start() => _run = server.RunAsync(_stopping.Token);

    /// <summary>Only the principal that opened a session may use it: a leaked session id alone opens nothing.</summary>
    public bool BelongsTo(ClaimsPrincipal user) => string.Equals(owner, OwnerOf(user), StringComparison.Ordinal);

    public static string OwnerOf(ClaimsPrincipal user) =>
        user.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? user.Identity?.Name ?? "";

    /// <summary>Holds the session open for one request; false when it is closing.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_closing)
            {
                return false;
            }

            _requests++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _requests--;
            _lastUsed = clock.GetTimestamp();
        }
    }

    /// <summary>The transport serves one GET stream in its life.</summary>
    public bool TryTakeGetStream()
    {
        lock (_gate)
        {
            return !_getTaken && (_getTaken = true);
        }
    }

    /// <summary>Marks the session as closing, so that no request enters any more; false when another did or it is in use.</summary>
    public bool TryBeginClose(bool onlyIfUnused)
    {
        lock (_gate)
        {
            if (_closing || (onlyIfUnused && _requests > 0))
            {
                return false;
            }

            return _closing = true;
        }
    }

    /// <summary>Ends it in the order that Core needs: transport, cancellation, run, server.</summary>
    public async Task CloseAsync(TimeSpan patience)
    {
        await transport.DisposeAsync();
        await _stopping.CancelAsync();
        try
        {
            await _run.WaitAsync(patience, clock);
        }
        catch (OperationCanceledException)
        {
            // The run was cancelled just above.
        }
        catch (TimeoutException)
        {
            LogStuck(logger, Id[..6]);
        }
        catch (Exception exception)
        {
            LogRunFailed(logger, exception);
        }

        await server.DisposeAsync();
        Dispose();
    }

    public void Dispose() => _stopping.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "MCP session {SessionPrefix}… closed while a call ignored its cancellation.")]
    private static partial void LogStuck(ILogger logger, string sessionPrefix);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An MCP session ended with an error.")]
    private static partial void LogRunFailed(ILogger logger, Exception exception);
}
