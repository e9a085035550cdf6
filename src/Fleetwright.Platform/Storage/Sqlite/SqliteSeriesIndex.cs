using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>
/// The ids of the series that were written to lately, so that a point costs no search for its series. Used on the writer
/// alone, inside its transactions; <see cref="Forget"/> may be called by anyone.
/// </summary>
internal sealed class SqliteSeriesIndex
{
    private const int MaxKnown = 100_000;

    private readonly Dictionary<(string Device, string Name, string Labels), long> _known = [];
    private volatile bool _forget = true;

    public SqliteSeriesIndex(SqliteWriter writer) => writer.ChangedElsewhere += Forget;

    /// <summary>Points before this time (milliseconds) come after their roll-up was made. True after <see cref="Refresh"/>.</summary>
    public long LateBefore { get; private set; }

    /// <summary>What is known may no longer hold; it is read again at the next write of points.</summary>
    public void Forget() => _forget = true;

    /// <summary>To be called at the beginning of each write of points.</summary>
    public void Refresh(SqliteConnection connection)
    {
        if (_forget || _known.Count > MaxKnown)
        {
            _forget = false;
            _known.Clear();
            LateBefore = connection.Scalar<long>("SELECT late_before FROM rollup_state");
        }
    }

    /// <summary>The id of the point's series, which is made when it is new; null when its device is not in the store.</summary>
    public long? IdOf(SqliteConnection connection, StoredPoint point)
    {
        var key = (point.DeviceId, point.Point.Name, Labels: TextOf(point.Point.Labels));
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        connection.Execute(
            """
            INSERT INTO series (device_id, name, labels)
            SELECT @device, @name, @labels WHERE EXISTS (SELECT 1 FROM devices WHERE id = @device)
            ON CONFLICT (device_id, name, labels) DO NOTHING
            """,
            ("@device", key.DeviceId),
            ("@name", key.Name),
            ("@labels", key.Labels));
        var id = connection.Scalar<long>(
            "SELECT id FROM series WHERE device_id = @device AND name = @name AND labels = @labels",
            ("@device", key.DeviceId),
            ("@name", key.Name),
            ("@labels", key.Labels));
        if (id == 0)
        {
            return null;
        }

        _known[key] = id;
        return id;
    }

    /// <summary>Equal labels give equal text, in whatever order they come.</summary>
    private static string TextOf(IReadOnlyList<KeyValuePair<string, string>>? labels)
    {
        if (labels is not { Count: > 0 })
        {
            return "{}";
        }

        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in labels)
        {
            sorted[name] = value;
        }

        return JsonSerializer.Serialize(sorted, Json.Options);
    }
}
