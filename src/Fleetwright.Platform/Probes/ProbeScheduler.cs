using System.Threading.Channels;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Probes;

/// <summary>
/// Polls every device on its own clock. One loop and one timer for the whole fleet: it starts what is due, and sleeps until
/// something else is, or until something happens to a device.
/// </summary>
internal sealed partial class ProbeScheduler : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StartStep = TimeSpan.FromMilliseconds(250);

    // A frozen device is lost after 12 s; with this it is known to be away within 15 s, while the attempt to reach it goes on.
    private static readonly TimeSpan LossGrace = TimeSpan.FromSeconds(2);

    private readonly DeviceRegistry _registry;
    private readonly PolledFleet _fleet;
    private readonly ProbeRunner _runner;
    private readonly PollMeter _meter;
    private readonly EventBus _events;
    private readonly ProbeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ProbeScheduler> _logger;
    private readonly PollGate _gate;
    private bool _registryChanged;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public ProbeScheduler(
        DeviceRegistry registry,
        PolledFleet fleet,
        ProbeRunner runner,
        PollMeter meter,
        EventBus events,
        IOptions<ProbeOptions> options,
        TimeProvider time,
        ILogger<ProbeScheduler> logger)
    {
        (_registry, _fleet, _runner, _meter, _events, _time, _logger) = (registry, fleet, runner, meter, events, time, logger);
        _options = options.Value;
        _gate = new PollGate(_options.MaxConcurrentDevices, time);
    }

    public override void Dispose()
    {
        base.Dispose();
        _gate.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = _events.Subscribe(
            e => e.Type.StartsWith("device.", StringComparison.Ordinal) && e.Type != "device.facts");
        void OnLost(PolledDevice device, IConnection connection) => _ = ReportUnlessBackAsync(device, connection, stoppingToken);
        _fleet.Changed += Wake;
        _fleet.Lost += OnLost;
        try
        {
            await using var timer = _time.CreateTimer(static loop => ((ProbeScheduler)loop!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            var listening = ListenAsync(subscription, stoppingToken);
            FollowRegistry(atStart: true);
            while (!stoppingToken.IsCancellationRequested)
            {
                var sleep = StartDuePolls(stoppingToken);
                timer.Change(sleep, Timeout.InfiniteTimeSpan);
                await _wake.Reader.ReadAsync(stoppingToken);
                if (Interlocked.Exchange(ref _registryChanged, false) || sleep >= LongestSleep)
                {
                    FollowRegistry(atStart: false);
                }
            }

            await listening;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
        finally
        {
            _fleet.Lost -= OnLost;
            _fleet.Changed -= Wake;
        }
    }

    // The attempt that follows a loss may take as long as a connection may; until then askers would wait for a device that is gone.
    private async Task ReportUnlessBackAsync(PolledDevice device, IConnection connection, CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(LossGrace, _time, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (device.IsWithout(connection))
        {
            _registry.ReportFailure(
                device.Id,
                new ConnectionException(
                    ConnectionFailure.TimedOut,
                    $"{device.Id}: The connection was lost, and the device does not answer.",
                    "Check that the device is on and no firewall drops its SSH port; it is tried again by itself."),
                _time.GetUtcNow());
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task ListenAsync(EventSubscription subscription, CancellationToken cancellationToken)
    {
        await foreach (var happened in subscription.Events.ReadAllAsync(cancellationToken))
        {
            // Back, and not by a poll of ours: what was missed is asked at once.
            if (happened is { Type: "device.status", Device: { } id } && _registry.Find(id) is { State.Status: DeviceStatus.Online } registered)
            {
                _fleet.For(registered).MakeMissedDue(_time.GetUtcNow());
            }
            else if (happened is { Type: "device.changed", Device: { } changed } && _registry.Find(changed) is { Device.Paused: false } device)
            {
                _fleet.For(device).MakeDue(_time.GetUtcNow());
            }

            Volatile.Write(ref _registryChanged, true);
            Wake();
        }
    }

    // The events only say when to look: one that was dropped changes nothing about what the registry holds.
    private void FollowRegistry(bool atStart)
    {
        var now = _time.GetUtcNow();
        var registered = _registry.List();
        var known = new HashSet<PolledDevice>(registered.Count);
        var first = TimeSpan.Zero;
        var step = registered.Count == 0 ? TimeSpan.Zero : _options.StartSpread / registered.Count;
        step = step < StartStep ? step : StartStep;
        foreach (var each in registered)
        {
            var device = _fleet.For(each);
            known.Add(device);
            var resumed = device.WasPaused && !each.Device.Paused;
            device.WasPaused = each.Device.Paused;
            if (device.IsNew || resumed)
            {
                device.MakeDue(now + first);
                first += atStart ? step : TimeSpan.Zero;
            }
        }

        foreach (var gone in _fleet.Devices.Where(device => !known.Contains(device)))
        {
            _fleet.Remove(gone);
        }
    }

    /// <returns>How long nothing else is due.</returns>
    private TimeSpan StartDuePolls(CancellationToken stoppingToken)
    {
        var now = _time.GetUtcNow();
        var next = now + LongestSleep;
        foreach (var device in _fleet.Devices.Where(device => !device.WasPaused))
        {
            var due = device.NextDue();
            if (due <= now)
            {
                var slots = device.TakeDue(now);
                if (slots.Count > 0)
                {
                    _ = PollAsync(device, slots, due, stoppingToken);
                }

                due = device.NextDue();
            }

            next = due < next ? due : next;
        }

        return next > now ? next - now : TimeSpan.Zero;
    }

    private async Task PollAsync(PolledDevice device, List<ProbeSlot> slots, DateTimeOffset due, CancellationToken stoppingToken)
    {
        try
        {
            var isOnline = _registry.Find(device.Id) is { State.Status: DeviceStatus.Online };
            await _gate.RunAsync(isOnline, () => PollNowAsync(device, slots, due), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped while it waited.
        }
        catch (Exception defect)
        {
            LogDefect(defect, device.Id);
        }
        finally
        {
            Wake();
        }
    }

    private async Task<ConnectionException?> PollNowAsync(PolledDevice device, List<ProbeSlot> slots, DateTimeOffset due)
    {
        var started = _time.GetUtcNow();
        _meter.PollStarted(started - due);
        device.PollStarted(started);
        var away = await _runner.RunAsync(device, slots);
        device.PollEnded(_time.GetUtcNow() - started);
        if (away is not null)
        {
            _meter.PollFailed();
        }

        return away;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Polling {Device} failed inside Fleetwright")]
    private partial void LogDefect(Exception exception, string device);
}
