using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Features.Containers;

/// <summary>
/// Follows the engine's own events on every device that is online, one stream each: publishes container.state at once,
/// and has the containers read again so that all see the change before the next poll.
/// </summary>
internal sealed partial class ContainerEvents(
    DeviceRegistry registry,
    DockerEngines engines,
    Observatory observatory,
    ContainersProbe probe,
    EventBus events,
    TimeProvider time,
    ILogger<ContainerEvents> logger) : BackgroundService
{
    public const string StateChanged = "container.state";

    /// <summary>What changes a container's state; health checks alone make three other events each time they run.</summary>
    internal static readonly IReadOnlyList<string> Actions =
        ["create", "start", "restart", "pause", "unpause", "stop", "kill", "die", "oom", "destroy", "rename", "update", "health_status"];

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, Following> _following = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = events.Subscribe(change => change.Type is
            "device.added" or "device.changed" or "device.removed" or "device.status" or "device.facts");
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await ReconcileAsync(stoppingToken);
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                using var timer = time.CreateTimer(_ => Cancel(pause), null, LookAgain, Timeout.InfiniteTimeSpan);
                try
                {
                    await changes.Events.WaitToReadAsync(pause.Token);
                    while (changes.Events.TryRead(out _))
                    {
                    }
                }
                catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
                {
                    // Nothing happened for a while: events that were dropped are made good by looking.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            foreach (var following in _following.Values)
            {
                await following.EndAsync();
            }
        }
    }

    private async Task ReconcileAsync(CancellationToken stoppingToken)
    {
        var wanted = registry.List()
            .Where(device => !device.IsAway && device.State.Status == DeviceStatus.Online && device.Facts is not null)
            .Select(device => (device.Id, Path: EngineSocket.PathOf(device.Facts!)))
            .Where(device => device.Path is not null)
            .ToDictionary(device => device.Id, device => device.Path!, StringComparer.Ordinal);
        foreach (var (id, following) in _following.ToList())
        {
            if (!wanted.TryGetValue(id, out var path) || path != following.Path || following.Task.IsCompleted)
            {
                _following.Remove(id);
                await following.EndAsync();
            }
        }

        foreach (var (id, path) in wanted.Where(device => !_following.ContainsKey(device.Key)))
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            _following[id] = new Following(path, stop, Task.Run(() => FollowAsync(id, path, stop.Token), stop.Token));
        }
    }

    private async Task FollowAsync(string device, string path, CancellationToken cancellationToken)
    {
        var refresh = new CoalescedRefresh(time, cancel => RefreshAsync(device, cancel));
        var wait = Backoff.None;
        string? said = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var client = engines.Of(registry.ConnectionOf(device), path);
                await client.PingAsync(cancellationToken);
                await foreach (var told in client.FollowEventsAsync(
                    FiltersOf(client),
                    null,
                    () =>
                    {
                        // What happened while nobody listened is in the list.
                        wait = Backoff.None;
                        said = null;
                        refresh.Ask(cancellationToken);
                        LogFollowing(device);
                    },
                    cancellationToken))
                {
                    if (ContainerStateChange.Of(told) is { } change)
                    {
                        events.Publish(new FleetEvent { Type = StateChanged, At = time.GetUtcNow(), Device = device, Subject = change.Container, Data = change });
                        refresh.Ask(cancellationToken);
                    }
                }

                wait = wait.Longer(Backoff.Quick);
                LogEnded(device);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (OperationException)
            {
                // Removed or paused this moment; the next look ends this.
                return;
            }
            catch (Exception failure) when (failure is ConnectionException or DockerEngineException or ObjectDisposedException)
            {
                wait = wait.Longer(failure is ConnectionException { Failure: ConnectionFailure.SocketNotPermitted or ConnectionFailure.TooManySessions or ConnectionFailure.ForwardingRefused }
                    ? Backoff.NeedsPerson
                    : Backoff.Usual);
                // A machine without an engine is asked for ever; the same answer is news once.
                if (failure.Message != said)
                {
                    said = failure.Message;
                    LogFailed(device, failure.Message, wait.Time);
                }
            }

            try
            {
                await Task.Delay(wait.Jittered(), time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task RefreshAsync(string device, CancellationToken cancellationToken)
    {
        try
        {
            await observatory.ObserveAsync(device, probe, null, cancellationToken);
        }
        catch (OperationException)
        {
            // The device is gone.
        }
    }

    // Podman knows other names for its events and refuses filters that it does not know.
    private static Dictionary<string, IReadOnlyList<string>> FiltersOf(DockerEngineClient client)
    {
        var filters = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["type"] = ["container"] };
        if (!client.IsPodman)
        {
            filters["event"] = Actions;
        }

        return filters;
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The wait was over in the same moment.
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Following the container events of {Device}")]
    private partial void LogFollowing(string device);

    [LoggerMessage(Level = LogLevel.Information, Message = "The container events of {Device} ended; following again")]
    private partial void LogEnded(string device);

    [LoggerMessage(Level = LogLevel.Information, Message = "The container events of {Device} cannot be followed: {Why} Trying again in {Wait}")]
    private partial void LogFailed(string device, string why, TimeSpan wait);

    private sealed record Following(string Path, CancellationTokenSource Stop, Task Task)
    {
        public async Task EndAsync()
        {
            await Stop.CancelAsync();
            await Task.ContinueWith(static _ => { }, TaskScheduler.Default);
            Stop.Dispose();
        }
    }
}
