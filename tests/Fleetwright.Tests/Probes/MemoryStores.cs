using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Tests.Probes;

/// <summary>Stores that survive a restart of what is tested, and can be made to fail.</summary>
internal sealed class MemoryStores : IDeviceStore, IReadingStore, IPointStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StoredDevice> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Device, string Probe), StoredReading> _readings = [];
    private readonly List<StoredPoint> _points = [];

    public Exception? Failure { get; set; }

    public int ReadingSaves { get; private set; }

    public int ReadingLists { get; private set; }

    public IReadOnlyList<StoredPoint> Points
    {
        get
        {
            lock (_gate)
            {
                return [.. _points];
            }
        }
    }

    public StoredReading? Reading(string device, string probe)
    {
        lock (_gate)
        {
            return _readings.GetValueOrDefault((device, probe));
        }
    }

    Task<IReadOnlyList<StoredDevice>> IDeviceStore.ListAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<StoredDevice>>([.. _devices.Values]);
        }
    }

    Task IDeviceStore.SaveAsync(Device device, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _devices[device.Id] = new StoredDevice(device, _devices.GetValueOrDefault(device.Id)?.State ?? DeviceState.Unasked);
            return Task.CompletedTask;
        }
    }

    Task IDeviceStore.SaveStateAsync(string deviceId, DeviceState state, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_devices.TryGetValue(deviceId, out var stored))
            {
                _devices[deviceId] = stored with { State = state };
            }

            return Task.CompletedTask;
        }
    }

    Task<bool> IDeviceStore.RemoveAsync(string deviceId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var key in _readings.Keys.Where(key => key.Device == deviceId).ToList())
            {
                _readings.Remove(key);
            }

            _points.RemoveAll(point => point.DeviceId == deviceId);
            return Task.FromResult(_devices.Remove(deviceId));
        }
    }

    Task<StoredReading?> IReadingStore.FindAsync(string deviceId, string probe, CancellationToken cancellationToken) =>
        Task.FromResult(Reading(deviceId, probe));

    Task<IReadOnlyList<StoredReading>> IReadingStore.ListAsync(string deviceId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ReadingLists++;
            return Failure is null
                ? Task.FromResult<IReadOnlyList<StoredReading>>([.. _readings.Values.Where(reading => reading.DeviceId == deviceId)])
                : Task.FromException<IReadOnlyList<StoredReading>>(Failure);
        }
    }

    Task IReadingStore.SaveAsync(IReadOnlyList<StoredReading> readings, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Failure is not null)
            {
                return Task.FromException(Failure);
            }

            ReadingSaves++;
            foreach (var reading in readings)
            {
                // As a table with a foreign key: a reading of a device that is not there fails the whole batch.
                if (!_devices.ContainsKey(reading.DeviceId))
                {
                    return Task.FromException(new InvalidOperationException("FOREIGN KEY constraint failed"));
                }

                _readings[(reading.DeviceId, reading.Probe)] = reading;
            }

            return Task.CompletedTask;
        }
    }

    Task IPointStore.AppendAsync(IReadOnlyList<StoredPoint> points, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Failure is not null)
            {
                return Task.FromException(Failure);
            }

            _points.AddRange(points);
            return Task.CompletedTask;
        }
    }

    Task<IReadOnlyList<Series>> IPointStore.ListSeriesAsync(string deviceId, string? name, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task<IReadOnlyList<SeriesBucket>> IPointStore.QueryAsync(
        long seriesId, DateTimeOffset from, DateTimeOffset until, int maxPoints, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IPointStore.MaintainAsync(DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();
}
