using System.Data.Common;
using System.Text.Json;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;

namespace Fleetwright.Platform.Storage.Sqlite;

internal sealed class SqliteDeviceStore(
    SqliteDatabase database, SqliteWriter writer, SqliteReadingStore readings, SqlitePointStore points, SqliteRollups rollups) : IDeviceStore
{
    public async Task<IReadOnlyList<StoredDevice>> ListAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection.Query(
                """
                SELECT id, name, address, declared_type, tags, added_at, paused, machine_id,
                       status, status_reason, status_advice, status_since, last_seen_at
                FROM devices ORDER BY id
                """,
                Read),
            cancellationToken);

    public Task SaveAsync(Device device, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            connection => connection.Execute(
                """
                INSERT INTO devices (id, name, address, declared_type, tags, added_at, paused, machine_id, status)
                VALUES (@id, @name, @address, @type, @tags, @added, @paused, @machine, @unknown)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, declared_type = excluded.declared_type,
                    tags = excluded.tags, added_at = excluded.added_at, paused = excluded.paused, machine_id = excluded.machine_id
                """,
                ("@id", device.Id),
                ("@name", device.Name),
                ("@address", JsonSerializer.Serialize(device.Address, Json.Options)),
                ("@type", device.DeclaredType?.ToString()),
                ("@tags", JsonSerializer.Serialize(device.Tags, Json.Options)),
                ("@added", Sql.Milliseconds(device.AddedAt)),
                ("@paused", device.Paused),
                ("@machine", device.MachineId),
                ("@unknown", nameof(DeviceStatus.Unknown))),
            durable: true,
            cancellationToken);

    public Task SaveStateAsync(string deviceId, DeviceState state, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            connection => connection.Execute(
                """
                UPDATE devices SET status = @status, status_reason = @reason, status_advice = @advice,
                    status_since = @since, last_seen_at = @seen
                WHERE id = @id
                """,
                ("@id", deviceId),
                ("@status", state.Status.ToString()),
                ("@reason", state.Reason),
                ("@advice", state.Advice),
                ("@since", Sql.Milliseconds(state.Since)),
                ("@seen", Sql.Milliseconds(state.LastSeenAt))),
            durable: false,
            cancellationToken);

    public async Task<bool> RemoveAsync(string deviceId, CancellationToken cancellationToken)
    {
        var removed = await writer.WriteAsync(
            connection =>
            {
                // Millions of points may hang on it: they are set aside here and removed a few at a time afterwards.
                readings.Forget(deviceId);
                points.Forget(deviceId);
                connection.Execute(
                    "INSERT INTO removed_series (id) SELECT id FROM series WHERE device_id = @id", ("@id", deviceId));
                return connection.Execute("DELETE FROM devices WHERE id = @id", ("@id", deviceId)) > 0;
            },
            durable: true,
            cancellationToken);
        if (removed)
        {
            rollups.StartPurge();
        }

        return removed;
    }

    private static StoredDevice Read(DbDataReader row) => new(
        new Device
        {
            Id = row.GetString(0),
            Name = row.GetString(1),
            Address = JsonSerializer.Deserialize<DeviceAddress>(row.GetString(2), Json.Options) ?? DeviceAddress.Local,
            DeclaredType = Enum.TryParse<DeviceType>(row.Text(3), out var type) ? type : null,
            Tags = JsonSerializer.Deserialize<string[]>(row.GetString(4), Json.Options) ?? [],
            AddedAt = row.Time(5),
            Paused = row.GetBoolean(6),
            MachineId = row.Text(7),
        },
        new DeviceState
        {
            Status = Enum.TryParse<DeviceStatus>(row.GetString(8), out var status) ? status : DeviceStatus.Unknown,
            Reason = row.Text(9),
            Advice = row.Text(10),
            Since = row.TimeOrNull(11),
            LastSeenAt = row.TimeOrNull(12),
        });
}
