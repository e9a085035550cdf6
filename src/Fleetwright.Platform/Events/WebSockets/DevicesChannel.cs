using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events.Live;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>What a subscription to devices may say.</summary>
internal sealed record DevicesFilter
{
    /// <summary>Id or name of one device; absent for all.</summary>
    public string? Device { get; init; }
}

/// <summary>The registry, live.</summary>
internal sealed class DevicesChannel(DeviceRegistry registry, EventBus bus, TimeProvider time) : LiveChannel<DevicesFilter>
{
    private const string Prefix = "device.";

    private readonly LiveEvents _events = new(bus, static told => new LiveMessage
    {
        // device.added is added, device.status is status, …
        Event = told.Type[Prefix.Length..],
        At = told.At,
        Device = told.Device,
        Data = LiveDevice.Shown(told),
    });

    public override string Name => "devices";

    public override string Description =>
        "All devices first (snapshot), then each that is added, changed or removed, each change of status, and what a device was newly found to be (facts).";

    protected override Task<IAsyncEnumerable<LiveMessage>> OpenAsync(DevicesFilter filter, CancellationToken cancellationToken)
    {
        var only = filter.Device is { } named ? registry.Get(named).Id : null;
        return Task.FromResult(_events.FollowAsync(
            told => told.Type.StartsWith(Prefix, StringComparison.Ordinal) && (only is null || told.Device == only),
            () => Task.FromResult<LiveMessage?>(Snapshot(only)),
            isLast: only is null ? null : static told => told.Type == "device.removed",
            cancellationToken));
    }

    private LiveMessage Snapshot(string? only) => new()
    {
        Event = "snapshot",
        At = time.GetUtcNow(),
        Device = only,
        Data = new LiveDeviceList([.. registry.List().Where(device => only is null || device.Id == only).Select(LiveDevice.Of)]),
    };
}
