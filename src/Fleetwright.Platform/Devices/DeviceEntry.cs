using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Platform.Devices;

/// <summary>The registry's own, changing view of one device; only touched under its lock.</summary>
internal sealed class DeviceEntry
{
    /// <summary>How far the stored "last seen" may lag behind.</summary>
    private static readonly TimeSpan LastSeenSaveInterval = TimeSpan.FromMinutes(1);

    /// <summary>A restart shorter than this does not break an "online since".</summary>
    private static readonly TimeSpan RestartTolerance = TimeSpan.FromMinutes(5);

    /// <summary>Losses that come together (several questions on one connection) are one loss.</summary>
    private static readonly TimeSpan OneLoss = TimeSpan.FromSeconds(1);

    private readonly DeviceState? _beforeStart;
    private Device _device;
    private Device _savedDevice;
    private DeviceState _savedState;
    private RegisteredDevice? _snapshot;
    private DeviceState _state;
    private DeviceFacts? _facts;
    private ConnectionFailure? _failure;
    private DateTimeOffset? _lostAt;

    public DeviceEntry(Device device)
    {
        _device = _savedDevice = device;
        _state = device.Paused ? PausedState(device.AddedAt, null) : DeviceState.Unasked;
        _savedState = DeviceState.Unasked;
    }

    private DeviceEntry(StoredDevice stored, DeviceFacts? facts)
    {
        _device = _savedDevice = stored.Device;
        _facts = facts;
        _beforeStart = stored.State;
        _savedState = stored.State;
        _state = stored.Device.Paused
            ? stored.State
            : DeviceState.Unasked with { LastSeenAt = stored.State.LastSeenAt };
    }

    public Device Device
    {
        get => _device;
        set => (_device, _snapshot) = (value, null);
    }

    public DeviceState State
    {
        get => _state;
        private set => (_state, _snapshot) = (value, null);
    }

    public DeviceFacts? Facts
    {
        get => _facts;
        set => (_facts, _snapshot) = (value, null);
    }

    public IConnection? Connection { get; set; }

    public RegisteredDevice Snapshot => _snapshot ??= new RegisteredDevice(_device, _state, _facts);

    /// <summary>A device of the store. It was not asked since the start, so its old status is not told as the present one.</summary>
    public static DeviceEntry Loaded(StoredDevice stored, DeviceFacts? facts) => new(stored, facts);

    public IConnection? TakeConnection()
    {
        var taken = Connection;
        Connection = null;
        return taken;
    }

    /// <summary>After <see cref="Device"/> was changed: forgets what no longer holds, and gives back the connection to close.</summary>
    public IConnection? Changed(Device before, DateTimeOffset at)
    {
        if (Device.Paused == before.Paused && Device.Address == before.Address)
        {
            return null;
        }

        if (Device.Address.Host != before.Address.Host)
        {
            Facts = null;
        }

        (_failure, _lostAt) = (null, null);
        State = Device.Paused ? PausedState(at, State.LastSeenAt) : DeviceState.Unasked with { LastSeenAt = State.LastSeenAt };
        return TakeConnection();
    }

    public void Answered(DateTimeOffset at)
    {
        var seen = State.LastSeenAt is { } last && last > at ? last : at;
        if (State.Status == DeviceStatus.Online)
        {
            _lostAt = _lostAt < at ? null : _lostAt;
            State = State with { LastSeenAt = seen };
            return;
        }

        if (State.Status is DeviceStatus.Offline or DeviceStatus.Unreachable && State.Since > at)
        {
            // An answer from before the failure, told late.
            return;
        }

        (_failure, _lostAt) = (null, null);
        State = new DeviceState { Status = DeviceStatus.Online, Since = SinceOf(DeviceStatus.Online, at), LastSeenAt = seen };
    }

    public void Failed(ConnectionException failure, DateTimeOffset at)
    {
        if (State.Status == DeviceStatus.Online && failure.Failure == ConnectionFailure.Lost && !LostAgain(at))
        {
            return;
        }

        var status = failure.NeedsPerson ? DeviceStatus.Unreachable : DeviceStatus.Offline;
        if (State.Status == status && _failure == failure.Failure)
        {
            return;
        }

        var since = State.Status == status ? State.Since : SinceOf(status, at);
        _failure = failure.Failure;
        State = new DeviceState
        {
            Status = status,
            Reason = failure.Message,
            Advice = failure.Advice,
            Since = since,
            LastSeenAt = State.LastSeenAt,
        };
    }

    /// <summary>Stops a device that turned out to be another one's machine.</summary>
    public IConnection? PauseBecause(string reason, string advice, DateTimeOffset at)
    {
        Device = Device with { Paused = true };
        State = PausedState(at, State.LastSeenAt) with { Reason = reason, Advice = advice };
        return TakeConnection();
    }

    /// <summary>What the store lacks: at once when the status changed, now and then when only the last answer's time did.</summary>
    public bool NeedsSaving(bool final = false) => DeviceNeedsSaving(Device) || (StateIsKnown && (
        _savedState with { LastSeenAt = null } != State with { LastSeenAt = null }
        || State.LastSeenAt - _savedState.LastSeenAt >= LastSeenSaveInterval
        || (State.LastSeenAt is not null && _savedState.LastSeenAt is null)
        || (final && State.LastSeenAt != _savedState.LastSeenAt)));

    public bool DeviceNeedsSaving(Device device) => _savedDevice != device;

    /// <summary>Not to have asked yet is no news: what the store holds says more.</summary>
    public bool StateIsKnown => State.Status != DeviceStatus.Unknown || Device.Paused;

    public void Saved(Device device, DeviceState state) => (_savedDevice, _savedState) = (device, state);

    private static DeviceState PausedState(DateTimeOffset at, DateTimeOffset? lastSeen) =>
        new() { Status = DeviceStatus.Unknown, Reason = "Paused.", Since = at, LastSeenAt = lastSeen };

    // One lost connection may be a hiccup that the next poll mends; not to be back by then is being away.
    private bool LostAgain(DateTimeOffset at)
    {
        if (_lostAt is { } first)
        {
            return at - first >= OneLoss;
        }

        _lostAt = at;
        return false;
    }

    private DateTimeOffset SinceOf(DeviceStatus status, DateTimeOffset at) =>
        State.Status == DeviceStatus.Unknown && _beforeStart is { Since: { } since } before && before.Status == status
        && State.LastSeenAt == before.LastSeenAt
        && (status != DeviceStatus.Online || at - before.LastSeenAt < RestartTolerance)
            ? since
            : at;
}
