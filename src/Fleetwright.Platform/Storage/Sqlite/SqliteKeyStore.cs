using System.Data.Common;
using System.Text.Json;

namespace Fleetwright.Platform.Storage.Sqlite;

internal sealed class SqliteKeyStore(SqliteDatabase database, SqliteWriter writer) : IKeyStore
{
    private const string Columns = "id, name, prefix, hash, scopes, created_at, expires_at, revoked_at, last_used_at";

    public async Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.Query($"SELECT {Columns} FROM keys ORDER BY created_at, id", Read), cancellationToken);

    public async Task<StoredKey?> FindByPrefixAsync(string prefix, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.Query($"SELECT {Columns} FROM keys WHERE prefix = @prefix", Read, ("@prefix", prefix)).FirstOrDefault(),
            cancellationToken);

    public Task AddAsync(StoredKey key, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            connection => connection.Execute(
                $"""
                INSERT INTO keys ({Columns})
                VALUES (@id, @name, @prefix, @hash, @scopes, @created, @expires, @revoked, @used)
                """,
                ("@id", key.Id),
                ("@name", key.Name),
                ("@prefix", key.Prefix),
                ("@hash", key.Hash.ToArray()),
                ("@scopes", JsonSerializer.Serialize(key.Scopes, Json.Options)),
                ("@created", Sql.Milliseconds(key.CreatedAt)),
                ("@expires", Sql.Milliseconds(key.ExpiresAt)),
                ("@revoked", Sql.Milliseconds(key.RevokedAt)),
                ("@used", Sql.Milliseconds(key.LastUsedAt))),
            durable: true,
            cancellationToken);

    public Task<bool> RevokeAsync(string id, DateTimeOffset at, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            connection => connection.Execute(
                "UPDATE keys SET revoked_at = @at WHERE id = @id AND revoked_at IS NULL", ("@id", id), ("@at", Sql.Milliseconds(at))) > 0,
            durable: true,
            cancellationToken);

    public Task TouchAsync(string id, DateTimeOffset usedAt, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            connection => connection.Execute(
                "UPDATE keys SET last_used_at = @at WHERE id = @id AND (last_used_at IS NULL OR last_used_at < @at)",
                ("@id", id),
                ("@at", Sql.Milliseconds(usedAt))),
            durable: false,
            cancellationToken);

    private static StoredKey Read(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Name = row.GetString(1),
        Prefix = row.GetString(2),
        Hash = row.Bytes(3),
        Scopes = JsonSerializer.Deserialize<string[]>(row.GetString(4), Json.Options) ?? [],
        CreatedAt = row.Time(5),
        ExpiresAt = row.TimeOrNull(6),
        RevokedAt = row.TimeOrNull(7),
        LastUsedAt = row.TimeOrNull(8),
    };
}
