using System.Data.Common;
using Fleetwright.Platform.Probes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>
/// The latest readings. Saving puts them in memory, where a newer one of the same probe replaces an older one, and writes
/// them together a moment later; reading writes first what is pending, so this process always sees what it saved.
/// </summary>
internal sealed class SqliteReadingStore : IReadingStore, IAsyncDisposable, IDisposable
{
    private const long MaxPendingBytes = 32 * 1024 * 1024;
    private const string Columns =
        "device_id, probe, status, observed_at, duration, reason, remedy, raw_excerpt, value, value_observed_at";

    private readonly SqliteDatabase _database;
    private readonly SqliteWriter _writer;
    private readonly FlushSchedule _schedule;
    private readonly Lock _gate = new();
    private Dictionary<(string Device, string Probe), StoredReading> _pending = [];
    private long _pendingBytes;
    private long _lost;

    public SqliteReadingStore(SqliteDatabase database, SqliteWriter writer, IOptions<StorageOptions> options, TimeProvider time)
    {
        _database = database;
        _writer = writer;
        _schedule = new FlushSchedule(FlushAsync, options.Value.FlushInterval, time);
    }

    /// <summary>Readings that were dropped since the start, because the disk did not keep up.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public int Pending
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>The device is removed: what is pending of it must not reach one that is added under the same id.</summary>
    public void Forget(string deviceId)
    {
        lock (_gate)
        {
            foreach (var key in _pending.Keys.Where(key => key.Device == deviceId).ToList())
            {
                _pendingBytes -= _pending[key].Value.Length;
                _pending.Remove(key);
            }
        }
    }

    public async Task<StoredReading?> FindAsync(string deviceId, string probe, CancellationToken cancellationToken)
    {
        await FlushPendingAsync();
        return await _database.ReadAsync(
            connection => connection.Query(
                $"SELECT {Columns} FROM readings WHERE device_id = @device AND probe = @probe",
                Read,
                ("@device", deviceId),
                ("@probe", probe)).FirstOrDefault(),
            cancellationToken);
    }

    public async Task<IReadOnlyList<StoredReading>> ListAsync(string deviceId, CancellationToken cancellationToken)
    {
        await FlushPendingAsync();
        return await _database.ReadAsync(
            connection => connection.Query(
                $"SELECT {Columns} FROM readings WHERE device_id = @device ORDER BY probe", Read, ("@device", deviceId)),
            cancellationToken);
    }

    public Task SaveAsync(IReadOnlyList<StoredReading> readings, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var reading in readings)
            {
                Keep(reading);
            }
        }

        _schedule.Ask();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _schedule.DisposeAsync();

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private void Keep(StoredReading reading)
    {
        var key = (reading.DeviceId, reading.Probe);
        var newest = reading;
        var before = 0L;
        if (_pending.TryGetValue(key, out var pending))
        {
            before = pending.Value.Length;
            newest = pending.ObservedAt > reading.ObservedAt ? WithValueOf(pending, reading) : WithValueOf(reading, pending);
        }

        if (_pendingBytes - before + newest.Value.Length > MaxPendingBytes)
        {
            Interlocked.Increment(ref _lost);
            return;
        }

        _pending[key] = newest;
        _pendingBytes += newest.Value.Length - before;
    }

    /// <summary>A reading that is not ok keeps the last value that was.</summary>
    private static StoredReading WithValueOf(StoredReading newer, StoredReading older) =>
        newer.Status != ReadingStatus.Ok && newer.Value.IsEmpty
            ? newer with { Value = older.Value, ValueObservedAt = older.ValueObservedAt ?? ValueTime(older) }
            : newer;

    private static DateTimeOffset? ValueTime(StoredReading reading) =>
        reading.ValueObservedAt ?? (reading.Status == ReadingStatus.Ok ? reading.ObservedAt : null);

    private Task FlushPendingAsync() => Pending > 0 || _writer.Pending > 0 ? _schedule.FlushAsync() : Task.CompletedTask;

    private async Task FlushAsync()
    {
        Dictionary<(string Device, string Probe), StoredReading> taken;
        lock (_gate)
        {
            if (_pending.Count == 0)
            {
                return;
            }

            (taken, _pending, _pendingBytes) = (_pending, [], 0);
        }

        try
        {
            await _writer.WriteAsync(connection => Write(connection, taken.Values), durable: false, CancellationToken.None);
        }
        catch (StoreException failure) when (!failure.MayPass)
        {
            Interlocked.Add(ref _lost, taken.Count);
        }
        catch (StoreException)
        {
            // The writer has logged it. They go back, unless newer ones have come.
            lock (_gate)
            {
                foreach (var reading in taken.Values)
                {
                    Keep(reading);
                }
            }

            _schedule.Ask();
        }
    }

    private static int Write(SqliteConnection connection, IEnumerable<StoredReading> readings)
    {
        // A reading of a device that was removed meanwhile is left out.
        const string upsert = $"""
            INSERT INTO readings ({Columns})
            SELECT @device, @probe, @status, @at, @duration, @reason, @remedy, @excerpt, @value, @valueAt
            WHERE EXISTS (SELECT 1 FROM devices WHERE id = @device)
            ON CONFLICT (device_id, probe) DO UPDATE SET status = excluded.status, observed_at = excluded.observed_at,
                duration = excluded.duration, reason = excluded.reason, remedy = excluded.remedy, raw_excerpt = excluded.raw_excerpt,
                value = COALESCE(excluded.value, readings.value),
                value_observed_at = COALESCE(excluded.value_observed_at, readings.value_observed_at)
            WHERE excluded.observed_at >= readings.observed_at
            """;
        var written = 0;
        foreach (var reading in readings)
        {
            written += connection.Execute(
                upsert,
                ("@device", reading.DeviceId),
                ("@probe", reading.Probe),
                ("@status", reading.Status.ToString()),
                ("@at", Sql.Milliseconds(reading.ObservedAt)),
                ("@duration", Sql.Microseconds(reading.Duration)),
                ("@reason", reading.Reason),
                ("@remedy", reading.Remedy),
                ("@excerpt", reading.RawExcerpt),
                ("@value", reading.Value.IsEmpty ? null : reading.Value.ToArray()),
                ("@valueAt", reading.Value.IsEmpty ? null : Sql.Milliseconds(ValueTime(reading))));
        }

        return written;
    }

    private static StoredReading Read(DbDataReader row) => new()
    {
        DeviceId = row.GetString(0),
        Probe = row.GetString(1),
        Status = Enum.TryParse<ReadingStatus>(row.GetString(2), out var status) ? status : ReadingStatus.Failed,
        ObservedAt = row.Time(3),
        Duration = row.Duration(4),
        Reason = row.Text(5),
        Remedy = row.Text(6),
        RawExcerpt = row.Text(7),
        Value = row.Bytes(8),
        ValueObservedAt = row.TimeOrNull(9),
    };
}
