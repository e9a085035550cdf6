using System.Runtime.CompilerServices;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Systems;

/// <summary>What a subscription to metrics may say.</summary>
internal sealed record MetricsFilter
{
    /// <summary>Id or name of the device to watch: it is then asked every 2 seconds. Absent: every device, as it is polled.</summary>
    public string? Device { get; init; }
}

/// <summary>The metrics of machines, as they are taken. Who follows one device makes its polls fast for as long.</summary>
internal sealed class MetricsChannel(DeviceRegistry registry, Observatory observatory, SystemProbe probe, EventBus bus, TimeProvider time) : LiveChannel<MetricsFilter>
{
    private const string ReadingTaken = "reading.taken";

    private readonly LiveEvents _events = new(bus, static told => new LiveMessage
    {
        Event = told.Type == ReadingTaken ? "reading" : told.Type["device.".Length..],
        At = told.At,
        Device = told.Device,
        // A reading is what get_system_metrics gives.
        Data = LiveDevice.Shown(told),
    });

    public override string Name => "metrics";

    public override string Description =>
        "With a device: its latest metrics (snapshot), then each reading, every 2 seconds while somebody follows it. Without: each reading of every device, as it is polled. Also when a device's status changes.";

    protected override Task<IAsyncEnumerable<LiveMessage>> OpenAsync(MetricsFilter filter, CancellationToken cancellationToken) =>
        Task.FromResult(FollowAsync(filter.Device is { } named ? registry.Get(named).Id : null, cancellationToken));

    private async IAsyncEnumerable<LiveMessage> FollowAsync(string? only, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = probe.Name;
        var messages = _events.FollowAsync(
            told => (only is null || told.Device == only) && (told.Type == ReadingTaken ? told.Subject == name : told.Type is "device.status" or "device.removed"),
            only is null ? null : () => SnapshotAsync(only, cancellationToken),
            isLast: only is null ? null : static told => told.Type == "device.removed",
            cancellationToken);
        using var watch = only is null ? null : observatory.Watch(only);
        await foreach (var message in messages.WithCancellation(cancellationToken))
        {
            yield return message;
        }
    }

    private async Task<LiveMessage?> SnapshotAsync(string device, CancellationToken cancellationToken)
    {
        // Of a device that is away the answer comes at once and says so; one that was never read is asked first.
        var latest = await observatory.LatestAsync(device, probe) ?? await observatory.ObserveAsync(device, probe, null, cancellationToken);
        return new LiveMessage { Event = "snapshot", At = time.GetUtcNow(), Device = device, Data = latest };
    }
}
