using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events.Live;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>What a subscription to events may say.</summary>
internal sealed record EventsFilter
{
    /// <summary>Only types that begin so: device. or container.state.</summary>
    public string? Type { get; init; }

    /// <summary>Id or name of one device; absent for all, and for the server's own.</summary>
    public string? Device { get; init; }
}

/// <summary>Everything on the bus.</summary>
internal sealed class EventsChannel(DeviceRegistry registry, EventBus bus) : LiveChannel<EventsFilter>
{
    private readonly LiveEvents _events = new(bus, static told => new LiveMessage
    {
        Event = told.Type,
        At = told.At,
        Device = told.Device,
        Subject = told.Subject,
        Data = LiveDevice.Shown(told),
    });

    public override string Name => "events";

    public override string Description =>
        "Everything that happens, under its own type: device.status, reading.taken, container.state, …; without a filter that includes every reading of every device.";

    protected override Task<IAsyncEnumerable<LiveMessage>> OpenAsync(EventsFilter filter, CancellationToken cancellationToken)
    {
        var device = filter.Device is { } named ? registry.Get(named).Id : null;
        var type = filter.Type ?? "";
        return Task.FromResult(_events.FollowAsync(
            told => told.Type.StartsWith(type, StringComparison.Ordinal) && (device is null || told.Device == device),
            first: null,
            isLast: null,
            cancellationToken));
    }
}
