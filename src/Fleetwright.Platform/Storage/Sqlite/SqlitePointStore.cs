using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>
/// Points and their series. Appending puts points in a bounded memory and writes them together a moment later; when the
/// disk does not keep up, new points are dropped and counted. Asking writes first what is pending.
/// </summary>
internal sealed class SqlitePointStore : IPointStore, IAsyncDisposable, IDisposable
{
    private const int FlushAt = 5000;

    private readonly SqliteDatabase _database;
    private readonly SqliteWriter _writer;
    private readonly SqliteSeriesIndex _index;
    private readonly SqliteRollups _rollups;
    private readonly FlushSchedule _schedule;
    private readonly int _maxPending;
    private readonly Lock _gate = new();
    private List<StoredPoint> _pending = [];
    private long _lost;

    public SqlitePointStore(
        SqliteDatabase database, SqliteWriter writer, SqliteSeriesIndex index, SqliteRollups rollups, IOptions<StorageOptions> options, TimeProvider time)
    {
        _database = database;
        _writer = writer;
        _index = index;
        _rollups = rollups;
        _maxPending = options.Value.MaxPendingPoints;
        _schedule = new FlushSchedule(FlushAsync, options.Value.FlushInterval, time);
    }

    /// <summary>Points that were dropped since the start, because the disk did not keep up.</summary>
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
            _pending.RemoveAll(point => point.DeviceId == deviceId);
        }

        _index.Forget();
    }

    public Task AppendAsync(IReadOnlyList<StoredPoint> points, CancellationToken cancellationToken)
    {
        int pending;
        lock (_gate)
        {
            foreach (var point in points)
            {
                if (!double.IsFinite(point.Point.Value))
                {
                    continue;
                }

                if (_pending.Count < _maxPending)
                {
                    _pending.Add(point);
                }
                else
                {
                    Interlocked.Increment(ref _lost);
                }
            }

            pending = _pending.Count;
        }

        _schedule.Ask(now: pending >= FlushAt);
        return Task.CompletedTask;
    }

    public async Task<IReadOnlyList<Series>> ListSeriesAsync(string deviceId, string? name, CancellationToken cancellationToken)
    {
        await FlushPendingAsync();
        return await _database.ReadAsync(
            connection => connection.Query(
                """
                SELECT id, device_id, name, labels FROM series
                WHERE device_id = @device AND (@name IS NULL OR name = @name) ORDER BY name, labels
                """,
                row => new Series(
                    row.GetInt64(0),
                    row.GetString(1),
                    row.GetString(2),
                    JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(3), Json.Options) ?? []),
                ("@device", deviceId),
                ("@name", name)),
            cancellationToken);
    }

    public async Task<IReadOnlyList<SeriesBucket>> QueryAsync(
        long seriesId, DateTimeOffset from, DateTimeOffset until, int maxPoints, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPoints, 1);
        await FlushPendingAsync();
        return await _database.ReadAsync(
            connection => SqliteSeriesQuery.Run(connection, seriesId, from, until, maxPoints), cancellationToken);
    }

    public async Task MaintainAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _schedule.FlushAsync();
        await _rollups.MaintainAsync(now, cancellationToken);
    }

    public ValueTask DisposeAsync() => _schedule.DisposeAsync();

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private Task FlushPendingAsync() => Pending > 0 || _writer.Pending > 0 ? _schedule.FlushAsync() : Task.CompletedTask;

    private async Task FlushAsync()
    {
        List<StoredPoint> taken;
        lock (_gate)
        {
            if (_pending.Count == 0)
            {
                return;
            }

            (taken, _pending) = (_pending, []);
        }

        try
        {
            await _writer.WriteAsync(connection => Write(connection, taken), durable: false, CancellationToken.None);
        }
        catch (StoreException failure)
        {
            // The writer has logged it. Series made in that transaction are gone; the points wait for the next try.
            _index.Forget();
            lock (_gate)
            {
                var room = failure.MayPass ? Math.Min(taken.Count, _maxPending - _pending.Count) : 0;
                Interlocked.Add(ref _lost, taken.Count - room);
                _pending.InsertRange(0, taken.Take(room));
            }

            _schedule.Ask();
        }
    }

    private int Write(SqliteConnection connection, List<StoredPoint> points)
    {
        _index.Refresh(connection);
        using var insert = connection.CreateCommand();
        insert.CommandText =
            "INSERT INTO points (series_id, at, value) VALUES (@series, @at, @value) ON CONFLICT (series_id, at) DO UPDATE SET value = excluded.value";
        var (series, at, value) = (insert.Parameters.Add("@series", SqliteType.Integer),
            insert.Parameters.Add("@at", SqliteType.Integer), insert.Parameters.Add("@value", SqliteType.Real));
        var late = new Dictionary<long, long>();
        foreach (var point in points)
        {
            if (_index.IdOf(connection, point) is not { } id)
            {
                continue; // The device was removed meanwhile.
            }

            var milliseconds = point.At.ToUnixTimeMilliseconds();
            (series.Value, at.Value, value.Value) = (id, milliseconds, point.Point.Value);
            insert.ExecuteNonQuery();
            if (milliseconds < _index.LateBefore)
            {
                late[id] = Math.Min(milliseconds, late.GetValueOrDefault(id, long.MaxValue));
            }
        }

        foreach (var (id, since) in late)
        {
            connection.Execute(
                """
                INSERT INTO late_points (series_id, since) VALUES (@id, @since)
                ON CONFLICT (series_id) DO UPDATE SET since = excluded.since WHERE excluded.since < late_points.since
                """,
                ("@id", id),
                ("@since", since));
        }

        return points.Count;
    }
}
