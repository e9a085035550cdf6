using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Platform.Probes;

/// <summary>What polling knows of one device: its slots, its clock, and how its last polls went. Safe for concurrent use.</summary>
internal sealed class PolledDevice
{
    // Below this nothing is gained by a second look at the same connection.
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BootTimeTolerance = TimeSpan.FromSeconds(60);

    private readonly ProbeSet _probes;
    private readonly ProbeOptions _options;
    private readonly Action<PolledDevice, IConnection> _lost;
    private IConnection? _connection;
    private DateTimeOffset? _bootTime;
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;
    private int _watchers;
    private int _failures;
    private Task? _loaded;

    public PolledDevice(RegisteredDevice device, ProbeSet probes, ProbeOptions options, ReadingSink sink, Action<PolledDevice, IConnection> lost)
    {
        (Id, AddedAt, _probes, _options, _lost) = (device.Id, device.Device.AddedAt, probes, options, lost);
        Slots = [.. probes.Entries.Select(entry => entry.CreateSlot(Id, sink))];
        Sessions = new SemaphoreSlim(options.MaxConcurrentRunsPerDevice);
    }

    public string Id { get; }

    /// <summary>Tells this device from an earlier one of the same id.</summary>
    public DateTimeOffset AddedAt { get; }

    /// <summary>Guards the slots' running and due fields and everything here.</summary>
    public Lock Gate { get; } = new();

    /// <summary>In the order of the probe set.</summary>
    public IReadOnlyList<ProbeSlot> Slots { get; }

    /// <summary>Bounds the round trips that run at one time.</summary>
    public SemaphoreSlim Sessions { get; }

    /// <summary>Whether the registry had it paused when last looked at; the scheduler's own.</summary>
    public bool WasPaused { get; set; }

    /// <summary>It has no clock yet: nothing was ever made due.</summary>
    public bool IsNew { get; private set; } = true;

    public ProbeSlot? FactsSlot => _probes.FactsIndex < 0 ? null : Slots[_probes.FactsIndex];

    public DateTimeOffset? LastPollAt { get; private set; }

    public TimeSpan? LastPollDuration { get; private set; }

    public bool IsWatched => Volatile.Read(ref _watchers) > 0;

    public DevicePollStatistics Statistics => new(Id, LastPollAt, LastPollDuration, Volatile.Read(ref _failures), IsWatched);

    public ProbeSlot<T> SlotOf<T>(Probe<T> probe)
        where T : class => (ProbeSlot<T>)Slots[_probes.IndexOf(probe)];

    /// <summary>Everything that is polled at all becomes due, for instance because the device was added or resumed.</summary>
    public void MakeDue(DateTimeOffset at)
    {
        lock (Gate)
        {
            IsNew = false;
            _notBefore = DateTimeOffset.MinValue;
            foreach (var slot in Slots.Where(IsScheduled))
            {
                slot.DueAt = at;
            }
        }
    }

    /// <summary>What was missed while the device was away becomes due; false when nothing was.</summary>
    public bool MakeMissedDue(DateTimeOffset at)
    {
        lock (Gate)
        {
            _notBefore = DateTimeOffset.MinValue;
            var any = false;
            foreach (var slot in Slots.Where(slot => slot.Missed && IsScheduled(slot)))
            {
                slot.DueAt = at;
                any = true;
            }

            return any;
        }
    }

    /// <summary>Its connection was lost: the most frequent probes look at once whether it is still there.</summary>
    public void MakeFrequentDue(DateTimeOffset at)
    {
        lock (Gate)
        {
            var shortest = Slots.Where(IsScheduled).Select(slot => slot.Entry.Interval).DefaultIfEmpty(Timeout.InfiniteTimeSpan).Min();
            foreach (var slot in Slots.Where(slot => IsScheduled(slot) && slot.Entry.Interval == shortest))
            {
                slot.DueAt = at;
            }
        }
    }

    /// <summary>When something is due next.</summary>
    public DateTimeOffset NextDue()
    {
        lock (Gate)
        {
            var due = DateTimeOffset.MaxValue;
            foreach (var slot in Slots)
            {
                due = slot.DueAt < due ? slot.DueAt : due;
            }

            return due > _notBefore ? due : _notBefore;
        }
    }

    /// <summary>
    /// Takes what is due, together with what would be soon, so that one round trip serves all; and gives each its next turn.
    /// A probe whose last turn still runs is passed over.
    /// </summary>
    public List<ProbeSlot> TakeDue(DateTimeOffset now)
    {
        var jitter = Jitter();
        var taken = new List<ProbeSlot>(Slots.Count);
        lock (Gate)
        {
            foreach (var slot in Slots.Where(IsScheduled))
            {
                var interval = IsWatched && slot.Entry.IsLive ? Shorter(slot.Entry.Interval, _options.LiveInterval) : slot.Entry.Interval;
                if (slot.DueAt > now && (slot.DueAt == DateTimeOffset.MaxValue || slot.DueAt - now > interval * _options.Jitter))
                {
                    continue;
                }

                // The same shift for all keeps probes of one interval together.
                slot.DueAt = now + (interval * (1 + jitter));
                if (slot.Running is null)
                {
                    taken.Add(slot);
                }
            }
        }

        return taken;
    }

    public void PollStarted(DateTimeOffset at) => LastPollAt = at;

    public void PollEnded(TimeSpan duration) => LastPollDuration = duration;

    /// <summary>The device was away when these were asked: they, and the facts, are asked again soon, and later if that is in vain.</summary>
    public void Away(IReadOnlyList<ProbeSlot> slots, DateTimeOffset now, bool needsPerson)
    {
        lock (Gate)
        {
            var failures = Math.Min(_failures++, 16);
            var longest = needsPerson ? _options.UnreachableRetryInterval : _options.RetryInterval;
            var delay = needsPerson ? longest : Shorter(longest, FirstRetry * Math.Pow(2, failures));
            _notBefore = now + (delay * (1 + Jitter()));
            foreach (var slot in slots.Where(IsScheduled))
            {
                slot.Missed = true;
                slot.DueAt = _notBefore;
            }

            // It may come back as something else: updated, rebooted, replaced.
            if (FactsSlot is { } facts && IsScheduled(facts))
            {
                facts.Missed = true;
                facts.DueAt = _notBefore;
            }
        }
    }

    public void Answered(IEnumerable<ProbeSlot> slots)
    {
        lock (Gate)
        {
            _failures = 0;
            _notBefore = DateTimeOffset.MinValue;
            foreach (var slot in slots)
            {
                slot.Missed = false;
            }
        }
    }

    /// <summary>It was answered without asking, which says nothing of whether the device is there.</summary>
    public void Settled(ProbeSlot slot)
    {
        lock (Gate)
        {
            slot.Missed = false;
        }
    }

    /// <summary>Empties the probes' memories when the device booted since the facts were last read.</summary>
    public void NoteBootTime(DateTimeOffset? bootTime)
    {
        if (bootTime is null)
        {
            return;
        }

        // Clocks are set and rounded: only a later boot is another boot.
        if (_bootTime is { } known && bootTime - known > BootTimeTolerance)
        {
            foreach (var slot in Slots.Where(slot => slot != FactsSlot))
            {
                slot.ForgetMemory();
            }
        }

        _bootTime = bootTime;
    }

    public void Watch(DateTimeOffset now)
    {
        lock (Gate)
        {
            if (_watchers++ == 0)
            {
                foreach (var slot in Slots.Where(slot => slot.Entry.IsLive && slot.DueAt > now))
                {
                    slot.DueAt = now;
                }
            }
        }
    }

    public void Unwatch() => Interlocked.Decrement(ref _watchers);

    /// <summary>Hears of the connection's loss; the registry makes a new connection when the address changes.</summary>
    public void Attach(IConnection connection)
    {
        lock (Gate)
        {
            if (ReferenceEquals(_connection, connection))
            {
                return;
            }

            Detach();
            _connection = connection;
            connection.Lost += OnLost;
        }
    }

    public void Detach()
    {
        lock (Gate)
        {
            if (_connection is not null)
            {
                _connection.Lost -= OnLost;
                _connection = null;
            }
        }
    }

    /// <summary>Whether this connection is still the device's own, and closed.</summary>
    public bool IsWithout(IConnection connection)
    {
        lock (Gate)
        {
            return ReferenceEquals(_connection, connection) && !connection.IsOpen;
        }
    }

    /// <summary>Reads from the store what an earlier process had found; once, at first need.</summary>
    public async Task LoadAsync(IReadingStore store)
    {
        Task loading;
        lock (Gate)
        {
            loading = _loaded ??= LoadSlotsAsync(store);
        }

        try
        {
            await loading;
        }
        catch
        {
            lock (Gate)
            {
                _loaded = ReferenceEquals(_loaded, loading) ? null : _loaded;
            }

            throw;
        }
    }

    private async Task LoadSlotsAsync(IReadingStore store)
    {
        await Task.Yield(); // out of the lock
        foreach (var stored in await store.ListAsync(Id, CancellationToken.None))
        {
            if (_probes.TryGetIndex(stored.Probe, out var index))
            {
                Slots[index].Load(stored);
            }
        }
    }

    // Not a secret, so any random number will do.
#pragma warning disable CA5394
    private double Jitter() => ((Random.Shared.NextDouble() * 2) - 1) * _options.Jitter;
#pragma warning restore CA5394

    private void OnLost(ConnectionException failure)
    {
        IConnection? connection;
        lock (Gate)
        {
            connection = _connection;
        }

        if (connection is not null)
        {
            _lost(this, connection);
        }
    }

    private static bool IsScheduled(ProbeSlot slot) => slot.Entry.Interval != Timeout.InfiniteTimeSpan;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
