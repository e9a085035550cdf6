using System.Collections.Concurrent;
using System.Net.WebSockets;
using Fleetwright.Platform.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>
/// Who is connected. One sweep a second looks after all: a client that takes nothing is cut off, and one whose key was
/// revoked or has expired is sent away.
/// </summary>
public sealed partial class WebSocketClients : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a client has to answer a close.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<WebSocketClient, bool> _clients = new();
    private readonly ApiKeys _keys;
    private readonly WebSocketDoorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WebSocketClients> _logger;
    private int _count;
    private long _droppedByGone;
    private volatile bool _stopping;

    public WebSocketClients(ApiKeys keys, IOptions<WebSocketDoorOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<WebSocketClients> logger)
    {
        (_keys, _options, _time, _logger) = (keys, options.Value, time, logger);
        // Kestrel waits for its connections before the hosted services hear of the stop.
        lifetime.ApplicationStopping.Register(CloseAll);
    }

    /// <summary>How many are connected.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many subscriptions they hold.</summary>
    public int Subscriptions => _clients.Keys.Sum(client => client.Subscriptions);

    /// <summary>Events that clients lost because they did not keep up, since the start.</summary>
    public long Dropped => Interlocked.Read(ref _droppedByGone) + _clients.Keys.Sum(client => client.Dropped);

    /// <summary>Whether one more may come; it counts from now on, until <see cref="Leave"/>.</summary>
    internal bool TryEnter()
    {
        if (_stopping)
        {
            return false;
        }

        if (Interlocked.Increment(ref _count) <= _options.MaxClients)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _count);

    internal void Add(WebSocketClient client)
    {
        _clients[client] = true;
        if (_stopping)
        {
            client.Close(WebSocketCloseStatus.EndpointUnavailable, "the server stops");
        }
    }

    internal void Remove(WebSocketClient client)
    {
        if (_clients.TryRemove(client, out _))
        {
            Interlocked.Add(ref _droppedByGone, client.Dropped);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, _time);
        var keysCheckedAt = _time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var client in _clients.Keys)
                {
                    client.Sweep(CloseTimeout);
                }

                if (_time.GetElapsedTime(keysCheckedAt) >= _options.KeyCheckInterval)
                {
                    keysCheckedAt = _time.GetTimestamp();
                    await CheckKeysAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <summary>Sends away whoever came in by a key that does not hold any more. One question to the store, however many there are.</summary>
    private async Task CheckKeysAsync(CancellationToken cancellationToken)
    {
        if (_clients.Keys.All(client => client.KeyId is null))
        {
            return;
        }

        HashSet<string> active;
        try
        {
            active = [.. (await _keys.ListAsync(cancellationToken)).Where(key => key.State == ApiKeyState.Active).Select(key => key.Id)];
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Asked again at the next turn; a store that is gone for good ends the server by other ways.
            LogKeysNotRead(exception.Message);
            return;
        }

        foreach (var client in _clients.Keys.Where(client => client.KeyId is { } id && !active.Contains(id)))
        {
            LogKeyEnded(client.Caller.Name);
            client.Close(WebSocketCloseStatus.PolicyViolation, "the key was revoked or has expired");
        }
    }

    private void CloseAll()
    {
        _stopping = true;
        foreach (var client in _clients.Keys)
        {
            client.Close(WebSocketCloseStatus.EndpointUnavailable, "the server stops");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys of the WebSocket clients could not be checked: {Why}")]
    private partial void LogKeysNotRead(string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "A WebSocket client of '{Caller}' is sent away: its key was revoked or has expired")]
    private partial void LogKeyEnded(string caller);
}
