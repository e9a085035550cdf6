using System.Text.Json;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Platform.Probes;

/// <summary>
/// One probe on one device: its memory, its latest readings, and when it is due. The untyped face that the runner uses; a
/// reading passes through it as an object that is always a <see cref="Reading{T}"/> of the slot's own type.
/// </summary>
internal abstract class ProbeSlot(ProbeEntry entry, string deviceId)
{
    public ProbeEntry Entry { get; } = entry;

    public string DeviceId { get; } = deviceId;

    public string Name => Entry.Probe.Name;

    /// <summary>The run in progress, which all who ask meanwhile share; guarded by the device's gate.</summary>
    public Task<ConnectionException?>? Running { get; set; }

    /// <summary>When it is asked next; guarded by the device's gate.</summary>
    public DateTimeOffset DueAt { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>Its last turn found the device away; guarded by the device's gate.</summary>
    public bool Missed { get; set; }

    /// <summary>Its device was removed: nothing of it is stored any more.</summary>
    public bool Retired { get; set; }

    public ProbeMemory Memory { get; private set; } = new();

    /// <summary>When the latest reading was taken; null before the first.</summary>
    public abstract DateTimeOffset? LatestAt { get; }

    public void ForgetMemory() => Memory = new ProbeMemory();

    /// <summary>The reading that the facts already give; null when the device is to be asked.</summary>
    public abstract object? WithoutAsking(DeviceFacts facts);

    /// <summary>What to run on the device; null when the probe talks over a socket.</summary>
    public abstract Command? Script(DeviceFacts facts);

    public abstract bool ReadsCutAnswers { get; }

    public abstract object Parse(CommandResult output, ProbeContext context);

    public abstract Task<object> AskAsync(IConnection connection, ProbeContext context, CancellationToken cancellationToken);

    public abstract object Failed(string reason, ReadOnlySpan<byte> raw = default, string? remedy = null);

    /// <summary>Makes the reading the latest one, and passes it on.</summary>
    public abstract void Take(object reading, DateTimeOffset at, TimeSpan duration);

    /// <summary>Fills in what an earlier process had stored, where this one has nothing newer.</summary>
    public abstract void Load(StoredReading stored);

    /// <summary>The latest readings in the form that stores keep; null before the first.</summary>
    public abstract StoredReading? ToStored();
}

internal sealed class ProbeSlot<T>(ProbeEntry entry, Probe<T> probe, string deviceId, ReadingSink sink) : ProbeSlot(entry, deviceId)
    where T : class
{
    private readonly Lock _change = new();
    private volatile State? _state;

    public override DateTimeOffset? LatestAt => _state?.Latest.ObservedAt;

    /// <summary>Memory holds a value, so the store has nothing better.</summary>
    public bool HasValue => _state?.LatestOk is not null;

    /// <summary>The latest reading when it is not older than <paramref name="since"/>; the same object for all who ask.</summary>
    public Observation<T>? LiveSince(DateTimeOffset since) => _state is { } state && state.Latest.ObservedAt >= since ? state.Live : null;

    /// <summary>The best that can be said without asking: the last value with its own time, or why there never was one.</summary>
    public Observation<T> Cached(string because, string? advice)
    {
        if (_state is not { } state)
        {
            return new Observation<T>
            {
                Device = DeviceId,
                Status = ReadingStatus.Failed,
                Source = ObservationSource.Cached,
                CachedBecause = because,
                Reason = $"Nothing was read from it yet: {because}",
                Remedy = advice,
            };
        }

        // "There is none" is an answer; a failure or a refusal is not, so an older value says more.
        var latest = state.Latest;
        if (latest.Status is ReadingStatus.Failed or ReadingStatus.NotPermitted && state.LatestOk is { } older)
        {
            because += $" Its last answer, at {latest.ObservedAt:u}, held no value: {latest.Reason}";
            latest = older;
        }

        return ObservationOf(latest) with
        {
            Source = ObservationSource.Cached,
            CachedBecause = because,
            Remedy = latest.Remedy ?? advice,
        };
    }

    public override object? WithoutAsking(DeviceFacts facts) => probe.WithoutAsking(facts);

    public override Command? Script(DeviceFacts facts) => probe is ScriptProbe<T> script
        ? Command.Script(script.Script(facts), script.ScriptArguments(facts)) with { TimeLimit = probe.TimeLimit }
        : null;

    public override bool ReadsCutAnswers => probe is ScriptProbe<T> { ReadsCutAnswers: true };

    public override object Parse(CommandResult output, ProbeContext context) => ((ScriptProbe<T>)probe).Parse(output, context);

    public override async Task<object> AskAsync(IConnection connection, ProbeContext context, CancellationToken cancellationToken) =>
        await ((SocketProbe<T>)probe).AskAsync(connection, context, cancellationToken);

    public override object Failed(string reason, ReadOnlySpan<byte> raw = default, string? remedy = null) => Reading.Failed<T>(reason, raw, remedy);

    public override void Take(object reading, DateTimeOffset at, TimeSpan duration)
    {
        var taken = (Reading<T>)reading with { ObservedAt = at, Duration = duration };
        State state;
        lock (_change)
        {
            state = new State(taken, taken.Status == ReadingStatus.Ok ? taken : _state?.LatestOk, ObservationOf(taken));
            _state = state;
        }

        sink.Taken(this, state.Live, at, taken.Value is { } value ? probe.PointsOf(value) : []);
    }

    public override void Load(StoredReading stored)
    {
        var value = stored.Value.IsEmpty ? null : JsonSerializer.Deserialize<T>(stored.Value.Span, Json.Options);
        var ok = value is null ? null : Reading.Ok(value) with { ObservedAt = stored.ValueObservedAt ?? stored.ObservedAt };
        var latest = stored.Status == ReadingStatus.Ok && ok is not null ? ok with { Duration = stored.Duration } : new Reading<T>
        {
            Status = stored.Status == ReadingStatus.Ok ? ReadingStatus.Failed : stored.Status,
            Reason = stored.Reason ?? (stored.Status == ReadingStatus.Ok ? "The stored value is missing." : null),
            Remedy = stored.Remedy,
            RawExcerpt = stored.RawExcerpt,
            ObservedAt = stored.ObservedAt,
            Duration = stored.Duration,
        };
        lock (_change)
        {
            _state = _state is { } newer
                ? new State(newer.Latest, newer.LatestOk ?? ok, newer.Live)
                : new State(latest, ok, ObservationOf(latest));
        }
    }

    public override StoredReading? ToStored() => _state is not { Latest: var latest, LatestOk: var ok } ? null : new StoredReading
    {
        DeviceId = DeviceId,
        Probe = Name,
        Status = latest.Status,
        ObservedAt = latest.ObservedAt,
        Duration = latest.Duration,
        Reason = latest.Reason,
        Remedy = latest.Remedy,
        RawExcerpt = latest.RawExcerpt,
        Value = ok is null ? default : JsonSerializer.SerializeToUtf8Bytes(ok.Value, Json.Options),
        ValueObservedAt = ok?.ObservedAt,
    };

    private Observation<T> ObservationOf(Reading<T> reading) => new()
    {
        Device = DeviceId,
        Status = reading.Status,
        Source = ObservationSource.Live,
        ObservedAt = reading.ObservedAt,
        Reason = reading.Reason,
        Remedy = reading.Remedy,
        Value = reading.Value,
    };

    private sealed record State(Reading<T> Latest, Reading<T>? LatestOk, Observation<T> Live);
}
