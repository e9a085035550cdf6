using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>
/// Makes the roll-ups and removes what is past its retention, a few series at a time, so that other writes get in between.
/// Every step can be cut off by a crash: it is done again the next time, with the same result.
/// </summary>
internal sealed partial class SqliteRollups(
    SqliteDatabase database, SqliteWriter writer, SqliteSeriesIndex index, IOptions<StorageOptions> options, ILogger<SqliteRollups> logger)
    : IDisposable
{
    private const int SeriesTogether = 16;

    // A window is closed this long after its end: polls and their flush take a moment.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim _one = new(1, 1);

    public async Task MaintainAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await RollUpAsync(now, cancellationToken);
            await PurgeAsync(cancellationToken);
            await RetainAsync(now, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Removes the points of removed devices in the background; what is cut off is done by the next maintenance.</summary>
    public void StartPurge() => _ = Task.Run(async () =>
    {
        try
        {
            await PurgeAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is StoreException or ObjectDisposedException or System.Threading.Channels.ChannelClosedException)
        {
            LogPurgeCutOff(logger, exception.Message);
        }
    });

    public void Dispose() => _one.Dispose();

    private async Task RollUpAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var closed5m = Floor(now - Grace, RollupState.FiveMinutes);
        var closed1h = Floor(now - Grace, RollupState.Hour);

        // 1. From here on, a point before the edge counts as late and is rolled up the next time.
        var (state, series) = await writer.WriteAsync(
            connection =>
            {
                index.Forget();
                connection.Execute("UPDATE rollup_state SET late_before = @closed WHERE late_before < @closed", ("@closed", closed5m));
                return (RollupState.Read(connection), connection.Query("SELECT id FROM series ORDER BY id", row => row.GetInt64(0)));
            },
            durable: false,
            cancellationToken);

        // 2. Each series, up to the edge.
        foreach (var some in series.Chunk(SeriesTogether))
        {
            await writer.WriteAsync(
                connection =>
                {
                    foreach (var id in some)
                    {
                        RollUp(connection, id, state, closed5m, closed1h);
                    }

                    return some.Length;
                },
                durable: false,
                cancellationToken);
        }

        // 3. Only now may a question rely on them.
        await writer.WriteAsync(
            connection => connection.Execute(
                """
                UPDATE rollup_state SET
                    rolled_5m_until = CASE WHEN rolled_5m_until < @m THEN @m ELSE rolled_5m_until END,
                    rolled_1h_until = CASE WHEN rolled_1h_until < @h THEN @h ELSE rolled_1h_until END
                """,
                ("@m", closed5m),
                ("@h", closed1h)),
            durable: false,
            cancellationToken);
    }

    private static void RollUp(SqliteConnection connection, long id, RollupState state, long closed5m, long closed1h)
    {
        var late = connection.Query("SELECT since FROM late_points WHERE series_id = @id", row => row.GetInt64(0), ("@id", id));
        var since = late.Count > 0 ? late[0] - late[0] % RollupState.Hour : long.MaxValue;
        connection.Execute(
            """
            INSERT INTO points_5m (series_id, at, min, max, average, count)
            SELECT series_id, at - at % 300000 AS starts, MIN(value), MAX(value), AVG(value), COUNT(*)
            FROM points WHERE series_id = @id AND at >= @from AND at < @until GROUP BY series_id, starts
            ON CONFLICT (series_id, at) DO UPDATE SET min = excluded.min, max = excluded.max, average = excluded.average, count = excluded.count
            """,
            ("@id", id),
            ("@from", Math.Min(since, state.Rolled5mUntil)),
            ("@until", closed5m));
        connection.Execute(
            """
            INSERT INTO points_1h (series_id, at, min, max, average, count)
            SELECT series_id, at - at % 3600000 AS starts, MIN(min), MAX(max), SUM(average * count) / SUM(count), SUM(count)
            FROM points_5m WHERE series_id = @id AND at >= @from AND at < @until GROUP BY series_id, starts
            ON CONFLICT (series_id, at) DO UPDATE SET min = excluded.min, max = excluded.max, average = excluded.average, count = excluded.count
            """,
            ("@id", id),
            ("@from", Math.Min(since, state.Rolled1hUntil)),
            ("@until", closed1h));
        if (late.Count > 0)
        {
            connection.Execute("DELETE FROM late_points WHERE series_id = @id", ("@id", id));
        }
    }

    private async Task RetainAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // On the edge of an hour, so that no window is ever rolled up again from half of its points.
        var rawFrom = Floor(now - options.Value.RawRetention, RollupState.Hour);
        var fiveMinutesFrom = Floor(now - options.Value.FiveMinuteRetention, RollupState.Hour);
        var hoursFrom = Floor(now - options.Value.HourRetention, RollupState.Hour);
        var series = await writer.WriteAsync(
            connection =>
            {
                var before = RollupState.Read(connection);
                if (before.RawKeptFrom >= rawFrom && before.FiveMinutesKeptFrom >= fiveMinutesFrom)
                {
                    return [];
                }

                connection.Execute(
                    "UPDATE rollup_state SET raw_kept_from = @raw, five_minutes_kept_from = @five",
                    ("@raw", Math.Max(rawFrom, before.RawKeptFrom)),
                    ("@five", Math.Max(fiveMinutesFrom, before.FiveMinutesKeptFrom)));
                connection.Execute(
                    "DELETE FROM audit WHERE at < @cut", ("@cut", Sql.Milliseconds(now - options.Value.AuditRetention)));
                return connection.Query("SELECT id FROM series ORDER BY id", row => row.GetInt64(0));
            },
            durable: false,
            cancellationToken);
        foreach (var some in series.Chunk(SeriesTogether))
        {
            await writer.WriteAsync(
                connection => some.Sum(id =>
                    connection.Execute("DELETE FROM points WHERE series_id = @id AND at < @cut", ("@id", id), ("@cut", rawFrom))
                    + connection.Execute("DELETE FROM points_5m WHERE series_id = @id AND at < @cut", ("@id", id), ("@cut", fiveMinutesFrom))
                    + connection.Execute("DELETE FROM points_1h WHERE series_id = @id AND at < @cut", ("@id", id), ("@cut", hoursFrom))),
                durable: false,
                cancellationToken);
        }

        if (series.Count > 0)
        {
            await writer.WriteAsync(RemoveEmptySeries, durable: false, cancellationToken);
        }
    }

    private int RemoveEmptySeries(SqliteConnection connection)
    {
        index.Forget();
        var removed = connection.Execute(
            """
            DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM points WHERE series_id = series.id)
                AND NOT EXISTS (SELECT 1 FROM points_5m WHERE series_id = series.id)
                AND NOT EXISTS (SELECT 1 FROM points_1h WHERE series_id = series.id)
            """);

        // The pragma frees a page with each step.
        connection.Query("PRAGMA incremental_vacuum(4000)", _ => 0);
        return removed;
    }

    private async Task PurgeAsync(CancellationToken cancellationToken)
    {
        var removed = await database.ReadAsync(
            connection => connection.Query("SELECT id FROM removed_series", row => row.GetInt64(0)), cancellationToken);
        foreach (var id in removed)
        {
            await writer.WriteAsync(
                connection =>
                    connection.Execute("DELETE FROM points WHERE series_id = @id", ("@id", id))
                    + connection.Execute("DELETE FROM points_5m WHERE series_id = @id", ("@id", id))
                    + connection.Execute("DELETE FROM points_1h WHERE series_id = @id", ("@id", id))
                    + connection.Execute("DELETE FROM late_points WHERE series_id = @id", ("@id", id))
                    + connection.Execute("DELETE FROM removed_series WHERE id = @id", ("@id", id)),
                durable: false,
                cancellationToken);
        }
    }

    private static long Floor(DateTimeOffset time, long window)
    {
        var milliseconds = Math.Max(0, time.ToUnixTimeMilliseconds());
        return milliseconds - milliseconds % window;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Removing the points of removed devices was cut off, and goes on at the next maintenance: {Reason}")]
    private static partial void LogPurgeCutOff(ILogger logger, string reason);
}
