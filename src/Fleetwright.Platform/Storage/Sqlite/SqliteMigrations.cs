using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>One numbered step of the schema: Migrations/NNNN_name.sql.</summary>
internal sealed record Migration(int Version, string Name, string Script);

/// <summary>Brings the schema up to date: each step in a transaction of its own, recorded in schema_version.</summary>
internal static class SqliteMigrations
{
    private const string ResourcePrefix = "sqlite/";

    /// <summary>The steps that this program holds, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Load();

    /// <summary>Applies the steps that are missing. Safe when several processes do so at once.</summary>
    /// <exception cref="StoreException">The store was written by a newer Fleetwright.</exception>
    public static void Apply(SqliteConnection connection, IReadOnlyList<Migration> migrations, DateTimeOffset now)
    {
        connection.Execute(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)");
        while (ApplyNext(connection, migrations, now))
        {
        }
    }

    private static bool ApplyNext(SqliteConnection connection, IReadOnlyList<Migration> migrations, DateTimeOffset now)
    {
        // The version is read inside the transaction: another process may be migrating at the same moment.
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = (int)connection.Scalar<long>("SELECT COALESCE(MAX(version), 0) FROM schema_version");
        var newest = migrations.Count == 0 ? 0 : migrations[^1].Version;
        if (version > newest)
        {
            throw new StoreException(
                $"The store has schema {version}, and this Fleetwright knows schemas up to {newest}: a newer Fleetwright wrote it.",
                "Run that newer Fleetwright, or put back a copy of fleetwright.db from before it was upgraded.");
        }

        if (migrations.FirstOrDefault(migration => migration.Version > version) is not { } next)
        {
            return false;
        }

        connection.Execute(next.Script);
        connection.Execute(
            "INSERT INTO schema_version (version, name, applied_at) VALUES (@version, @name, @at)",
            ("@version", next.Version), ("@name", next.Name), ("@at", Sql.Milliseconds(now)));
        transaction.Commit();
        return true;
    }

    private static List<Migration> Load()
    {
        var assembly = typeof(SqliteMigrations).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
                .Select(name => Read(assembly, name))
                .OrderBy(migration => migration.Version),
        ];
    }

    private static Migration Read(System.Reflection.Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource {resource} cannot be read.");
        using var reader = new StreamReader(stream);
        var name = Path.GetFileNameWithoutExtension(resource[ResourcePrefix.Length..]);
        return new Migration(int.Parse(name[..4], NumberStyles.None, CultureInfo.InvariantCulture), name[5..], reader.ReadToEnd());
    }
}
