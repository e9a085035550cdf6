using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Probes;

/// <summary>
/// Where operations ask about devices: a live reading when the device answers, the last one with the reason when it does
/// not, and at once when it is known to be away. Works with and without the scheduler running.
/// </summary>
public sealed partial class Observatory
{
    /// <summary>Beyond the probe's own limit: the way there and back, and the wait for a turn.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    /// <summary>The first contact opens a connection, too.</summary>
    private static readonly TimeSpan FirstContactMargin = TimeSpan.FromSeconds(15);

    private readonly DeviceRegistry _registry;
    private readonly PolledFleet _fleet;
    private readonly ProbeRunner _runner;
    private readonly PollMeter _meter;
    private readonly ReadingSink _sink;
    private readonly IReadingStore _store;
    private readonly ProbeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Observatory> _logger;

    internal Observatory(
        DeviceRegistry registry,
        PolledFleet fleet,
        ProbeRunner runner,
        PollMeter meter,
        ReadingSink sink,
        IReadingStore store,
        IOptions<ProbeOptions> options,
        TimeProvider time,
        ILogger<Observatory> logger)
    {
        (_registry, _fleet, _runner, _meter, _sink, _store, _time, _logger) = (registry, fleet, runner, meter, sink, store, time, logger);
        _options = options.Value;
    }

    /// <summary>How the polling fares.</summary>
    public ProbeStatistics Statistics
    {
        get
        {
            var (perMinute, failures, lastLag, maxLag) = _meter.Read();
            return new ProbeStatistics
            {
                Running = _meter.Running,
                PollsPerMinute = perMinute,
                FailedPollsInFiveMinutes = failures,
                LastLag = lastLag,
                MaxLagInFiveMinutes = maxLag,
                PendingWrites = _sink.Pending,
                DroppedPoints = _sink.DroppedPoints,
                Devices = [.. _fleet.Devices.Select(device => device.Statistics).OrderBy(device => device.Device, StringComparer.Ordinal)],
            };
        }
    }

    /// <summary>What a probe sees on a device.</summary>
    /// <param name="maxAge">A reading in memory that is not older will do; null or zero asks the device.</param>
    /// <exception cref="OperationException">There is no such device.</exception>
    public Task<Observation<T>> ObserveAsync<T>(string deviceIdOrName, Probe<T> probe, TimeSpan? maxAge, CancellationToken cancellationToken)
        where T : class => ObserveAsync(_registry.Get(deviceIdOrName), probe, maxAge, cancellationToken);

    /// <summary>The same for a device that was looked up already.</summary>
    public Task<Observation<T>> ObserveAsync<T>(RegisteredDevice device, Probe<T> probe, TimeSpan? maxAge, CancellationToken cancellationToken)
        where T : class
    {
        var polled = _fleet.For(device);
        var slot = polled.SlotOf(probe);
        if (device.IsAway)
        {
            return CachedAsync(polled, slot, WhyAway(device), device.State.Advice);
        }

        // A status that is not known yet is found out by asking; what memory holds then is from before the start.
        if (maxAge is { } age && device.State.Status == DeviceStatus.Online && slot.LiveSince(_time.GetUtcNow() - age) is { } fresh)
        {
            return Task.FromResult(fresh);
        }

        return AskAsync(device, polled, slot, cancellationToken);
    }

    /// <summary>What a probe sees on every device, or on those that are wanted; in the order of the registry.</summary>
    public async Task<IReadOnlyList<Observation<T>>> ObserveFleetAsync<T>(
        Probe<T> probe, Func<RegisteredDevice, bool>? which, TimeSpan? maxAge, CancellationToken cancellationToken)
        where T : class
    {
        var devices = _registry.List().Where(which ?? (_ => true)).ToList();
        var observations = new Observation<T>[devices.Count];
        // Twice the polls' width: those who wait for a device that is silent must not hold up the others.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxConcurrentDevices * 2, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, devices.Count, parallel, async (i, cancel) =>
            observations[i] = await ObserveAsync(devices[i], probe, maxAge, cancel));
        return observations;
    }

    /// <summary>The latest reading without asking the device, whatever its age; null when nothing was ever read.</summary>
    /// <exception cref="OperationException">There is no such device.</exception>
    public async Task<Observation<T>?> LatestAsync<T>(string deviceIdOrName, Probe<T> probe)
        where T : class
    {
        var device = _registry.Get(deviceIdOrName);
        var polled = _fleet.For(device);
        var slot = polled.SlotOf(probe);
        if (slot.LatestAt is null || device.IsAway)
        {
            var cached = await CachedAsync(polled, slot, device.IsAway ? WhyAway(device) : $"{device.Name} was not asked.", device.State.Advice);
            return cached.ObservedAt is null ? null : cached;
        }

        return slot.LiveSince(DateTimeOffset.MinValue);
    }

    /// <summary>
    /// Polls the live probes of a device every few seconds until what is returned is disposed. Any number may watch.
    /// </summary>
    /// <exception cref="OperationException">There is no such device.</exception>
    public IDisposable Watch(string deviceIdOrName)
    {
        var polled = _fleet.For(_registry.Get(deviceIdOrName));
        polled.Watch(_time.GetUtcNow());
        _fleet.NoteChange();
        return new Watcher(polled);
    }

    private async Task<Observation<T>> AskAsync<T>(RegisteredDevice device, PolledDevice polled, ProbeSlot<T> slot, CancellationToken cancellationToken)
        where T : class
    {
        var askedAt = _time.GetUtcNow();
        var limit = slot.Entry.Probe.TimeLimit + Margin;
        if (device.State.Status != DeviceStatus.Online || (device.Facts is null && polled.FactsSlot is not null))
        {
            limit += FirstContactMargin;
        }

        ConnectionException? away;
        try
        {
            away = await _runner.RunAsync(polled, [slot]).WaitAsync(limit, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            away = new ConnectionException(ConnectionFailure.TimedOut, $"No answer within {limit.TotalSeconds:0.#} s.", "Ask again; get_server_health tells whether polls are late.");
        }

        // Joined with others' questions in one run, this one may have been answered while another was not.
        if ((away is null ? slot.LiveSince(DateTimeOffset.MinValue) : slot.LiveSince(askedAt + TimeSpan.FromTicks(1))) is { } live)
        {
            return live;
        }

        return await CachedAsync(polled, slot, $"{device.Name} did not answer: {away?.Message}", away?.Advice);
    }

    private async Task<Observation<T>> CachedAsync<T>(PolledDevice polled, ProbeSlot<T> slot, string because, string? advice)
        where T : class
    {
        if (!slot.HasValue)
        {
            try
            {
                await polled.LoadAsync(_store);
            }
            catch (Exception exception)
            {
                LogLoadFailed(exception, polled.Id);
            }
        }

        return slot.Cached(because, advice);
    }

    private static string WhyAway(RegisteredDevice device)
    {
        var state = device.State;
        var what = device.Device.Paused ? "paused" : state.Status == DeviceStatus.Unreachable ? "unreachable" : "offline";
        var since = state.Since is { } at ? $" since {at:u}" : "";
        var why = state.Reason is null or "Paused." ? "." : $": {state.Reason}";
        return $"{device.Name} is {what}{since}{why}";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The stored readings of {Device} could not be read")]
    private partial void LogLoadFailed(Exception exception, string device);

    private sealed class Watcher(PolledDevice device) : IDisposable
    {
        private PolledDevice? _device = device;

        public void Dispose() => Interlocked.Exchange(ref _device, null)?.Unwatch();
    }
}
