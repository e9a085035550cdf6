using Microsoft.Data.Sqlite;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>
/// Draws one series in buckets. It reads the coarsest of points, 5-minute and hourly roll-ups that is still fine enough
/// for the buckets, a finer one where that is not made yet, and a coarser one where the finer is past its retention.
/// </summary>
internal static class SqliteSeriesQuery
{
    public static List<SeriesBucket> Run(SqliteConnection connection, long seriesId, DateTimeOffset from, DateTimeOffset until, int maxPoints)
    {
        var (start, end) = (from.ToUnixTimeMilliseconds(), until.ToUnixTimeMilliseconds());
        if (end <= start)
        {
            return [];
        }

        var width = Math.Max(1, (end - start + maxPoints - 1) / maxPoints);

        // One snapshot for the state and the rows: maintenance may move rows between the two.
        using var transaction = connection.BeginTransaction(deferred: true);
        var state = RollupState.Read(connection);
        var (hoursUntil, fiveMinutesUntil) = Seams(state, width);
        return connection.Query(
            """
            SELECT (at - @start) / @width AS bucket, MIN(low), MAX(high), SUM(average * count) / SUM(count), SUM(count)
            FROM (
                SELECT at, min AS low, max AS high, average, count FROM points_1h
                WHERE series_id = @series AND at >= @start AND at < @hoursUntil AND at < @end
                UNION ALL
                SELECT at, min, max, average, count FROM points_5m
                WHERE series_id = @series AND at >= @start AND at >= @hoursUntil AND at < @fiveMinutesUntil AND at < @end
                UNION ALL
                SELECT at, value, value, value, 1 FROM points
                WHERE series_id = @series AND at >= @start AND at >= @fiveMinutesUntil AND at < @end
            ) AS pieces
            WHERE EXISTS (SELECT 1 FROM series WHERE id = @series)
            GROUP BY bucket ORDER BY bucket
            """,
            row => new SeriesBucket(
                DateTimeOffset.FromUnixTimeMilliseconds(start + row.GetInt64(0) * width),
                row.GetDouble(1),
                row.GetDouble(2),
                row.GetDouble(3),
                row.GetInt64(4)),
            ("@series", seriesId),
            ("@start", start),
            ("@end", end),
            ("@width", width),
            ("@hoursUntil", hoursUntil),
            ("@fiveMinutesUntil", fiveMinutesUntil));
    }

    /// <summary>Up to when the hourly roll-ups are read, and up to when the 5-minute ones are; points come after.</summary>
    private static (long HoursUntil, long FiveMinutesUntil) Seams(RollupState state, long width)
    {
        var hours = width >= RollupState.Hour ? state.Rolled1hUntil : state.FiveMinutesKeptFrom;
        var fiveMinutes = width >= RollupState.FiveMinutes ? state.Rolled5mUntil : state.RawKeptFrom;
        return (hours, Math.Max(hours, fiveMinutes));
    }
}

/// <summary>How far roll-ups and retention have come; milliseconds since 1970 UTC, all on the edge of a window.</summary>
internal sealed record RollupState(long Rolled5mUntil, long Rolled1hUntil, long RawKeptFrom, long FiveMinutesKeptFrom)
{
    public const long FiveMinutes = 300_000;
    public const long Hour = 3_600_000;

    public static RollupState Read(SqliteConnection connection) => connection.Query(
        "SELECT rolled_5m_until, rolled_1h_until, raw_kept_from, five_minutes_kept_from FROM rollup_state",
        row => new RollupState(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)))[0];
}
