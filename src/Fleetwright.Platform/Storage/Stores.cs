using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Platform.Storage;

/// <summary>Devices as they were entered, and what was last known of them.</summary>
public interface IDeviceStore
{
    Task<IReadOnlyList<StoredDevice>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Adds the device, or replaces the one with the same id.</summary>
    Task SaveAsync(Device device, CancellationToken cancellationToken);

    Task SaveStateAsync(string deviceId, DeviceState state, CancellationToken cancellationToken);

    /// <summary>Removes the device with its readings and points; false when there was none.</summary>
    Task<bool> RemoveAsync(string deviceId, CancellationToken cancellationToken);
}

public sealed record StoredDevice(Device Device, DeviceState State);

/// <summary>The latest reading of each probe on each device.</summary>
public interface IReadingStore
{
    Task<StoredReading?> FindAsync(string deviceId, string probe, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredReading>> ListAsync(string deviceId, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps the readings as the latest ones. A reading that is not ok replaces the status and the reason, and keeps the
    /// last value that was ok together with its time. Never waits for the disk: the readings gather in memory and are
    /// written a moment later; this process finds them at once. Readings of a device that is not in the store are left out.
    /// </summary>
    Task SaveAsync(IReadOnlyList<StoredReading> readings, CancellationToken cancellationToken);
}

/// <summary>A reading in the form that any store keeps.</summary>
public sealed record StoredReading
{
    public required string DeviceId { get; init; }

    public required string Probe { get; init; }

    public required ReadingStatus Status { get; init; }

    public required DateTimeOffset ObservedAt { get; init; }

    public required TimeSpan Duration { get; init; }

    public string? Reason { get; init; }

    public string? Remedy { get; init; }

    public string? RawExcerpt { get; init; }

    /// <summary>The last value that was ok, as UTF-8 JSON; empty when there never was one.</summary>
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>When that value was observed; equals <see cref="ObservedAt"/> when the status is ok.</summary>
    public DateTimeOffset? ValueObservedAt { get; init; }
}

/// <summary>The history: points in series, and their roll-ups.</summary>
public interface IPointStore
{
    /// <summary>
    /// Never waits for the disk: the points gather in memory and are written a moment later; this process finds them at
    /// once. When the disk does not keep up, points are dropped and counted in <see cref="StoreHealth.LostWrites"/>.
    /// Values that are not finite, and points of a device that is not in the store, are left out.
    /// </summary>
    Task AppendAsync(IReadOnlyList<StoredPoint> points, CancellationToken cancellationToken);

    /// <summary>The series of a device whose metric name is <paramref name="name"/>, or all when it is null.</summary>
    Task<IReadOnlyList<Series>> ListSeriesAsync(string deviceId, string? name, CancellationToken cancellationToken);

    /// <summary>One series between two times, in at most <paramref name="maxPoints"/> buckets of equal width.</summary>
    Task<IReadOnlyList<SeriesBucket>> QueryAsync(
        long seriesId, DateTimeOffset from, DateTimeOffset until, int maxPoints, CancellationToken cancellationToken);

    /// <summary>Rolls up and removes what is past its retention; called by the server from time to time.</summary>
    Task MaintainAsync(DateTimeOffset now, CancellationToken cancellationToken);
}

public sealed record StoredPoint(string DeviceId, DateTimeOffset At, Point Point);

public sealed record Series(long Id, string DeviceId, string Name, IReadOnlyDictionary<string, string> Labels);

/// <summary>What a series did within one bucket of time.</summary>
public readonly record struct SeriesBucket(DateTimeOffset At, double Min, double Max, double Average, long Count);

/// <summary>API keys; only hashes are kept.</summary>
public interface IKeyStore
{
    Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken);

    Task<StoredKey?> FindByPrefixAsync(string prefix, CancellationToken cancellationToken);

    Task AddAsync(StoredKey key, CancellationToken cancellationToken);

    /// <summary>False when there is no such key or it was revoked already.</summary>
    Task<bool> RevokeAsync(string id, DateTimeOffset at, CancellationToken cancellationToken);

    Task TouchAsync(string id, DateTimeOffset usedAt, CancellationToken cancellationToken);
}

public sealed record StoredKey
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The part of the key that finds it; not secret.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the whole key: the key is 256 random bits, so a slow hash would add nothing.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>Who did what, through which door, with what outcome. Append only.</summary>
public interface IAuditStore
{
    Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Newest first, before the given id when one is given.</summary>
    Task<IReadOnlyList<AuditEntry>> ListAsync(long? before, int limit, CancellationToken cancellationToken);
}

public sealed record AuditEntry
{
    /// <summary>Given by the store; rising.</summary>
    public long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The key's name, or local for the command line on this machine.</summary>
    public required string Caller { get; init; }

    /// <summary>rest, mcp, websocket or cli.</summary>
    public required string Door { get; init; }

    public required string Operation { get; init; }

    public string? Device { get; init; }

    /// <summary>The arguments as JSON, secrets redacted.</summary>
    public string? Arguments { get; init; }

    /// <summary>ok, or the error's code.</summary>
    public required string Outcome { get; init; }

    public required TimeSpan Duration { get; init; }
}

/// <summary>The store as a whole: opened and migrated at start, checked, closed at the end.</summary>
public interface IStore
{
    /// <summary>Brings the schema up to date and checks the store's integrity.</summary>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>For get_server_health: engine, version, size, series, waiting writes, integrity.</summary>
    Task<StoreHealth> HealthAsync(CancellationToken cancellationToken);
}

public sealed record StoreHealth
{
    /// <summary>sqlite or postgresql, with its version.</summary>
    public required string Engine { get; init; }

    public required bool Healthy { get; init; }

    public string? Reason { get; init; }

    public long? SizeBytes { get; init; }

    public long Series { get; init; }

    /// <summary>Writes that wait in memory.</summary>
    public int PendingWrites { get; init; }

    /// <summary>Readings and points that were dropped since the start, because the disk did not keep up.</summary>
    public long LostWrites { get; init; }
}
