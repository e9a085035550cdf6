using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// The open legacy sessions. An abandoned one pins memory, so a session has an idle timeout, idle ones are bounded in
/// number (the longest idle goes first), and all are.
/// </summary>
public sealed class McpSessions : BackgroundService
{
    private static readonly TimeSpan LongestReapInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, McpSession> _sessions = new(StringComparer.Ordinal);
    private readonly McpServerOptionsByEra _serverOptions;
    private readonly McpOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _loggerFactory;
    private readonly ILogger _logger;

    // Sessions outlive the request that opened them, so they resolve from the root provider, never the request's own.
    private readonly IServiceProvider _rootServices;

    internal McpSessions(
        McpServerOptionsByEra serverOptions, IOptions<McpOptions> options, TimeProvider clock,
        ILoggerFactory loggerFactory, IServiceProvider rootServices)
    {
        _serverOptions = serverOptions;
        _options = options.Value;
        _clock = clock;
        _loggerFactory = loggerFactory;
        _logger = loggerFactory.CreateLogger<McpSessions>();
        _rootServices = rootServices;
    }

    /// <summary>Sessions open now.</summary>
    public int Count => _sessions.Count;

    /// <summary>Opens a session that is already entered once; null when as many are open as may be.</summary>
    internal async Task<McpSession?> OpenAsync(ClaimsPrincipal user)
    {
        await CloseBeyondAsync(_options.MaxIdleSessions - 1);
        if (_sessions.Count >= _options.MaxSessions)
        {
            return null;
        }

        var transport = new StreamableHttpServerTransport(_loggerFactory) { SessionId = NewId() };
        var server = McpServer.Create(transport, _serverOptions.Legacy, _loggerFactory, _rootServices);
        var session = new McpSession(transport, server, McpSession.OwnerOf(user), _clock, _logger);
        session.TryEnter();
        session.Start();
        _sessions[session.Id] = session;
        return session;
    }

    internal McpSession? Find(string id) => _sessions.GetValueOrDefault(id);

    internal async Task<bool> CloseAsync(McpSession session, bool onlyIfUnused = false)
    {
        if (!session.TryBeginClose(onlyIfUnused))
        {
            return false;
        }

        _sessions.TryRemove(session.Id, out _);
        await session.CloseAsync(_options.CloseTimeout);
        return true;
    }

    /// <summary>Closes what was idle for too long, and what is idle beyond the number allowed.</summary>
    internal async Task ReapAsync()
    {
        foreach (var session in _sessions.Values)
        {
            if (session.IsUnused && session.Idle >= _options.SessionIdleTimeout)
            {
                await CloseAsync(session, onlyIfUnused: true);
            }
        }

        await CloseBeyondAsync(_options.MaxIdleSessions);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_sessions.Values.Select(session => CloseAsync(session)));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = _options.SessionIdleTimeout / 4;
        using var timer = new PeriodicTimer(interval < LongestReapInterval ? interval : LongestReapInterval, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await ReapAsync();
        }
    }

    private async Task CloseBeyondAsync(int keptIdle)
    {
        // Fewer sessions than may be idle: the common case costs one count.
        if (_sessions.Count <= keptIdle)
        {
            return;
        }

        var idle = _sessions.Values.Where(session => session.IsUnused).OrderByDescending(session => session.Idle).ToArray();
        foreach (var session in idle.Take(idle.Length - Math.Max(keptIdle, 0)))
        {
            await CloseAsync(session, onlyIfUnused: true);
        }
    }

    private static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
}
