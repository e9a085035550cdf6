using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Devices;

/// <summary>
/// The devices of this fleet: what they are called, how they are reached, whether they answer. Everything is answered from
/// memory and kept in the store. Publishes device.added, device.changed, device.removed, device.status and device.facts.
/// Safe for concurrent use.
/// </summary>
public sealed partial class DeviceRegistry : IAsyncDisposable
{
    /// <summary>The name of the probe whose value is a <see cref="DeviceFacts"/>.</summary>
    public const string FactsProbeName = "facts";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DeviceEntry> _entries = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changes = new(1, 1);
    private readonly IDeviceStore _store;
    private readonly IReadingStore _readings;
    private readonly DeviceConnector _connect;
    private readonly EventBus _events;
    private readonly TimeProvider _time;
    private readonly ILogger<DeviceRegistry> _logger;
    private readonly DeviceStateWriter _writer;
    private RegisteredDevice[]? _list;

    public DeviceRegistry(
        IDeviceStore store, IReadingStore readings, DeviceConnector connect, EventBus events, TimeProvider time, ILogger<DeviceRegistry> logger)
    {
        (_store, _readings, _connect, _events, _time, _logger) = (store, readings, connect, events, time, logger);
        _writer = new DeviceStateWriter(SaveDirtyAsync);
    }

    /// <summary>Every device, ordered by id.</summary>
    public IReadOnlyList<RegisteredDevice> List()
    {
        lock (_gate)
        {
            return _list ??= [.. _entries.Values.Select(entry => entry.Snapshot).OrderBy(device => device.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>The device with that id or name; null when there is none.</summary>
    public RegisteredDevice? Find(string idOrName)
    {
        lock (_gate)
        {
            return FindEntry(idOrName)?.Snapshot;
        }
    }

    /// <exception cref="OperationException">Not found; names what there is.</exception>
    public RegisteredDevice Get(string idOrName) => Find(idOrName) ?? throw NotFound(idOrName);

    /// <summary>The way to a device; made on first need, the same one for everybody until the address changes.</summary>
    /// <exception cref="OperationException">There is no such device, or it is paused.</exception>
    public IConnection ConnectionOf(string deviceId)
    {
        lock (_gate)
        {
            var entry = FindEntry(deviceId) ?? throw NotFound(deviceId);
            if (entry.Device.Paused)
            {
                throw new OperationException(OperationError.DeviceAway, $"'{entry.Device.Name}' is paused, so it is not connected to.",
                    $"Resume it first: update_device with device={entry.Device.Id} and paused=false.");
            }

            return entry.Connection ??= _connect(entry.Device.Id, entry.Device.Address);
        }
    }

    /// <summary>Adds the machine Fleetwright runs on, under its host name, when there is no device at all: the first start.</summary>
    /// <returns>The added device; null when there were devices.</returns>
    public async Task<RegisteredDevice?> EnsureLocalDeviceAsync(CancellationToken cancellationToken) => List().Count > 0
        ? null
        : await AddAsync(new NewDevice { Name = Environment.MachineName, Address = DeviceAddress.Local }, cancellationToken);

    /// <summary>How many devices have an open way to them at this moment.</summary>
    public int OpenConnections
    {
        get
        {
            lock (_gate)
            {
                return _entries.Values.Count(static entry => entry.Connection is { IsOpen: true });
            }
        }
    }

    /// <summary>Reads the store; called once at start, before anything is polled.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            foreach (var stored in await _store.ListAsync(cancellationToken))
            {
                var facts = await LoadFactsAsync(stored.Device.Id, cancellationToken);
                lock (_gate)
                {
                    _entries.TryAdd(stored.Device.Id, DeviceEntry.Loaded(stored, facts));
                    _list = null;
                }
            }
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Adds a device and keeps it.</summary>
    /// <exception cref="OperationException">Something about it is not valid, or it is there already.</exception>
    public Task<RegisteredDevice> AddAsync(NewDevice device, CancellationToken cancellationToken) =>
        AddAsync(device, connection: null, cancellationToken);

    /// <summary>Adds a device together with a connection that is open already, which the registry then owns.</summary>
    internal async Task<RegisteredDevice> AddAsync(NewDevice device, IConnection? connection, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            var added = new DeviceEntry(Check(device)) { Connection = connection };
            await _store.SaveAsync(added.Device, cancellationToken);
            lock (_gate)
            {
                _entries.Add(added.Device.Id, added);
                _list = null;
                Publish("device.added", added, added.Snapshot);
                _writer.Mark(added.Device.Id);
            }

            return added.Snapshot;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Changes a device. A changed address or a pause closes its connection.</summary>
    /// <exception cref="OperationException">There is no such device, or the change is not valid.</exception>
    public async Task<RegisteredDevice> UpdateAsync(string idOrName, DeviceChange change, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        IConnection? closed;
        RegisteredDevice result;
        try
        {
            var current = Get(idOrName).Device;
            var device = Apply(change, current);
            await _store.SaveAsync(device, cancellationToken);
            lock (_gate)
            {
                var entry = _entries[device.Id];
                var was = entry.State;
                // Facts may have brought a machine-id while the store was writing.
                entry.Device = device with { MachineId = entry.Device.MachineId };
                closed = entry.Changed(current, _time.GetUtcNow());
                _list = null;
                result = entry.Snapshot;
                Publish("device.changed", entry, result);
                PublishStatus(entry, was);
                _writer.Mark(device.Id);
            }
        }
        finally
        {
            _changes.Release();
        }

        await CloseAsync(closed);
        return result;
    }

    /// <summary>Removes a device with everything that was kept of it, and closes its connection.</summary>
    /// <exception cref="OperationException">There is no such device.</exception>
    public async Task<Device> RemoveAsync(string idOrName, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        DeviceEntry removed;
        try
        {
            var id = Get(idOrName).Id;
            await _store.RemoveAsync(id, cancellationToken);
            lock (_gate)
            {
                _entries.Remove(id, out removed!);
                _list = null;
                Publish("device.removed", removed, removed.Device);
            }
        }
        finally
        {
            _changes.Release();
        }

        await CloseAsync(removed.Connection);
        return removed.Device;
    }

    /// <summary>Closes a device's connection, so that the next use starts afresh, without waiting for a backoff.</summary>
    public async Task ReconnectAsync(string deviceId)
    {
        IConnection? closed = null;
        lock (_gate)
        {
            if (_entries.TryGetValue(deviceId, out var entry))
            {
                closed = entry.TakeConnection();
            }
        }

        await CloseAsync(closed);
    }

    /// <summary>
    /// Takes a connection that was just opened to that address, when the device's own is not open (it may be waiting out a
    /// backoff); else closes it.
    /// </summary>
    internal async Task AdoptAsync(string deviceId, DeviceAddress address, IConnection fresh)
    {
        var closed = fresh;
        lock (_gate)
        {
            if (_entries.TryGetValue(deviceId, out var entry) && !entry.Device.Paused && entry.Device.Address == address
                && entry.Connection is not { IsOpen: true })
            {
                (closed, entry.Connection) = (entry.Connection, fresh);
            }
        }

        await CloseAsync(closed);
    }

    /// <summary>Saves what is not saved yet and closes every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        IConnection?[] connections;
        lock (_gate)
        {
            connections = [.. _entries.Values.Select(entry => entry.TakeConnection())];
        }

        await Task.WhenAll(connections.Select(CloseAsync));
        await _writer.DisposeAsync();
        await SaveDirtyAsync(null, CancellationToken.None);
        _changes.Dispose();
    }

    private DeviceEntry? FindEntry(string idOrName)
    {
        if (_entries.TryGetValue(idOrName, out var entry))
        {
            return entry;
        }

        return _entries.Values.FirstOrDefault(candidate => string.Equals(candidate.Device.Name, idOrName, StringComparison.OrdinalIgnoreCase)
            || string.Equals(candidate.Device.Id, idOrName, StringComparison.OrdinalIgnoreCase));
    }

    private OperationException NotFound(string asked)
    {
        var known = List().Select(device => device.Name).ToList();
        var near = DeviceNames.NearMisses(asked, known);
        var next = known.Count == 0 ? "There are no devices yet; add one with add_device."
            : near.Count > 0 ? $"Did you mean {string.Join(" or ", near)}?"
            : known.Count <= 10 ? $"The devices are: {string.Join(", ", known)}."
            : $"There are {known.Count} devices; list_devices names them.";
        return OperationException.NotFound($"There is no device '{DeviceValidation.Shown(asked)}'.", next);
    }

    private async Task CloseAsync(IConnection? connection)
    {
        if (connection is null)
        {
            return;
        }

        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception exception)
        {
            LogCloseFailed(exception);
        }
    }

    private void Publish(string type, DeviceEntry entry, object data) =>
        _events.Publish(new FleetEvent { Type = type, At = _time.GetUtcNow(), Device = entry.Device.Id, Data = data });

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection could not be closed cleanly")]
    private partial void LogCloseFailed(Exception exception);
}
