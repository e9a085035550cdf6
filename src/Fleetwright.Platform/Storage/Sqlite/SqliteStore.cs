namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>The store as a whole, on SQLite.</summary>
internal sealed class SqliteStore(
    SqliteDatabase database, SqliteWriter writer, SqliteReadingStore readings, SqlitePointStore points, FleetwrightPaths paths) : IStore
{
    public async Task OpenAsync(CancellationToken cancellationToken) => await database.OpenAsync(cancellationToken);

    public async Task<StoreHealth> HealthAsync(CancellationToken cancellationToken)
    {
        var pending = writer.Pending + readings.Pending + points.Pending;
        var lost = readings.Lost + points.Lost;
        try
        {
            var (version, series) = await database.ReadAsync(
                connection => (connection.ServerVersion, connection.Scalar<long>("SELECT COUNT(*) FROM series")), cancellationToken);
            return new StoreHealth
            {
                Engine = "sqlite " + version,
                Healthy = writer.LastFailure is null,
                Reason = writer.LastFailure is { } failure ? $"{failure.Message} {failure.NextStep}" : LossReason(lost),
                SizeBytes = SizeOf(paths.DatabaseFile) + SizeOf(paths.DatabaseFile + "-wal"),
                Series = series,
                PendingWrites = pending,
                LostWrites = lost,
            };
        }
        catch (StoreException exception)
        {
            return new StoreHealth
            {
                Engine = "sqlite",
                Healthy = false,
                Reason = $"{exception.Message} {exception.NextStep}",
                PendingWrites = pending,
                LostWrites = lost,
            };
        }
    }

    private static string? LossReason(long lost) =>
        lost == 0 ? null : $"{lost} readings and points were dropped since the start, because the disk did not keep up.";

    private static long SizeOf(string file) => new FileInfo(file) is { Exists: true } info ? info.Length : 0;
}
