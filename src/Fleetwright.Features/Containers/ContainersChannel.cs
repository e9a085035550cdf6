using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Containers;

/// <summary>What a subscription to containers may say.</summary>
internal sealed record ContainersFilter
{
    /// <summary>Id or name of the device; absent for all.</summary>
    public string? Device { get; init; }
}

/// <summary>The containers of a device or of all: each list that is read, and each change of state as the engine tells it.</summary>
internal sealed class ContainersChannel(DeviceRegistry registry, Observatory observatory, ContainersProbe probe, EventBus bus, TimeProvider time)
    : LiveChannel<ContainersFilter>
{
    private const string ReadingTaken = "reading.taken";

    private readonly LiveEvents _events = new(bus, static told => new LiveMessage
    {
        // reading.taken is reading, container.state is state, device.removed is removed.
        Event = told.Type switch { ReadingTaken => "reading", ContainerEvents.StateChanged => "state", "device.removed" => "removed", _ => "status" },
        At = told.At,
        Device = told.Device,
        Subject = told.Type == ContainerEvents.StateChanged ? told.Subject : null,
        Data = LiveDevice.Shown(told),
    });

    public override string Name => "containers";

    public override string Description =>
        "With a device: its containers as last seen (snapshot); then, with or without, each list that is read (reading), each change of a container's state within a second (state), and each change of a device's status.";

    protected override Task<IAsyncEnumerable<LiveMessage>> OpenAsync(ContainersFilter filter, CancellationToken cancellationToken)
    {
        var only = filter.Device is { } named ? registry.Get(named).Id : null;
        var name = probe.Name;
        return Task.FromResult(_events.FollowAsync(
            told => (only is null || told.Device == only)
                && (told.Type == ReadingTaken ? told.Subject == name : told.Type is ContainerEvents.StateChanged or "device.status" or "device.removed"),
            only is null ? null : () => SnapshotAsync(only, cancellationToken),
            isLast: only is null ? null : static told => told.Type == "device.removed",
            cancellationToken));
    }

    private async Task<LiveMessage?> SnapshotAsync(string device, CancellationToken cancellationToken)
    {
        // Of a device that is away the answer comes at once and says so; one that was never read is asked first.
        var latest = await observatory.LatestAsync(device, probe) ?? await observatory.ObserveAsync(device, probe, null, cancellationToken);
        return new LiveMessage { Event = "snapshot", At = time.GetUtcNow(), Device = device, Data = latest };
    }
}
