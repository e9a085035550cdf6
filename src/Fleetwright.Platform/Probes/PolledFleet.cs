using System.Collections.Concurrent;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Probes;

/// <summary>What polling knows of every device; shared by the scheduler and those who ask.</summary>
internal sealed class PolledFleet(ProbeSet probes, IOptions<ProbeOptions> options, ReadingSink sink, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, PolledDevice> _devices = new(StringComparer.Ordinal);

    /// <summary>Something is due earlier than before; the scheduler listens.</summary>
    public event Action? Changed;

    /// <summary>A device's connection was lost.</summary>
    public event Action<PolledDevice, IConnection>? Lost;

    public ICollection<PolledDevice> Devices => _devices.Values;

    public PolledDevice For(RegisteredDevice registered)
    {
        if (_devices.TryGetValue(registered.Id, out var device) && device.AddedAt == registered.Device.AddedAt)
        {
            return device;
        }

        // Removed and added again under the same id: the old one's readings are not the new one's.
        if (device is not null)
        {
            Remove(device);
        }

        return _devices.GetOrAdd(registered.Id, _ => new PolledDevice(registered, probes, options.Value, sink, OnLost));
    }

    public void Remove(PolledDevice device)
    {
        if (_devices.TryRemove(KeyValuePair.Create(device.Id, device)))
        {
            device.Detach();
            sink.Forget(device.Slots);
        }
    }

    public void NoteChange() => Changed?.Invoke();

    private void OnLost(PolledDevice device, IConnection connection)
    {
        device.MakeFrequentDue(time.GetUtcNow());
        NoteChange();
        Lost?.Invoke(device, connection);
    }
}
