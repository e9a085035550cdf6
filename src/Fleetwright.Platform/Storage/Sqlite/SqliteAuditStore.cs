namespace Fleetwright.Platform.Storage.Sqlite;

internal sealed class SqliteAuditStore(SqliteDatabase database, SqliteWriter writer) : IAuditStore
{
    public Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            connection => connection.Execute(
                """
                INSERT INTO audit (at, caller, door, operation, device, arguments, outcome, duration)
                VALUES (@at, @caller, @door, @operation, @device, @arguments, @outcome, @duration)
                """,
                ("@at", Sql.Milliseconds(entry.At)),
                ("@caller", entry.Caller),
                ("@door", entry.Door),
                ("@operation", entry.Operation),
                ("@device", entry.Device),
                ("@arguments", entry.Arguments),
                ("@outcome", entry.Outcome),
                ("@duration", Sql.Microseconds(entry.Duration))),
            durable: true,
            cancellationToken);

    public async Task<IReadOnlyList<AuditEntry>> ListAsync(long? before, int limit, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.Query(
                """
                SELECT id, at, caller, door, operation, device, arguments, outcome, duration
                FROM audit WHERE id < @before ORDER BY id DESC LIMIT @limit
                """,
                row => new AuditEntry
                {
                    Id = row.GetInt64(0),
                    At = row.Time(1),
                    Caller = row.GetString(2),
                    Door = row.GetString(3),
                    Operation = row.GetString(4),
                    Device = row.Text(5),
                    Arguments = row.Text(6),
                    Outcome = row.GetString(7),
                    Duration = row.Duration(8),
                },
                ("@before", before ?? long.MaxValue),
                ("@limit", limit)),
            cancellationToken);
}
