using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>
/// The database file: opened, checked and migrated once, then read by a few kept connections at a time. Only
/// <see cref="SqliteWriter"/> writes; WAL lets everybody read meanwhile, in other processes too.
/// </summary>
internal sealed partial class SqliteDatabase(
    FleetwrightPaths paths, IOptions<StorageOptions> options, TimeProvider time, ILogger<SqliteDatabase> logger) : IDisposable
{
    private const int KeptReaders = 3;
    private const int WriterCacheKibibytes = 2048;
    private const int ReaderCacheKibibytes = 512;
    private const int WalLimitBytes = 16 * 1024 * 1024;

    private readonly ConcurrentBag<SqliteConnection> _readers = [];
    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile bool _open;
    private volatile bool _disposed;

    /// <summary>The file's name as messages show it: relative to the data folder.</summary>
    public string File => Path.GetFileName(paths.DatabaseFile);

    /// <summary>Opens, checks and migrates; does nothing when that was done.</summary>
    /// <exception cref="StoreException">It is damaged, newer, or cannot be opened.</exception>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_open)
        {
            return;
        }

        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (!_open)
            {
                await Task.Run(Prepare, cancellationToken);
                _open = true;
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Reads on a connection of its own. Runs where it is called: a read takes well under a millisecond as a rule.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        SqliteConnection? connection = null;
        try
        {
            connection = _readers.TryTake(out var kept) ? kept : Connect(forWriting: false);
            var result = read(connection);
            if (_readers.Count < KeptReaders && !_disposed)
            {
                _readers.Add(connection);
                connection = null;
            }

            return result;
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Explain(exception, File);
        }
        finally
        {
            connection?.Dispose();
        }
    }

    /// <summary>A new connection; the caller disposes it.</summary>
    public SqliteConnection Connect(bool forWriting)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = paths.DatabaseFile,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            ForeignKeys = true,
            DefaultTimeout = Math.Max(1, (int)options.Value.BusyTimeout.TotalSeconds),
        }.ToString());
        try
        {
            connection.Open();
            connection.Execute($"""
                PRAGMA busy_timeout = {(int)options.Value.BusyTimeout.TotalMilliseconds};
                PRAGMA synchronous = NORMAL;
                PRAGMA cache_size = -{(forWriting ? WriterCacheKibibytes : ReaderCacheKibibytes)};
                PRAGMA journal_size_limit = {WalLimitBytes};
                PRAGMA trusted_schema = OFF;
                PRAGMA query_only = {(forWriting ? "OFF" : "ON")};
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_readers.TryTake(out var connection))
        {
            connection.Dispose();
        }

        _opening.Dispose();
    }

    private void Prepare()
    {
        SqliteLibrary.Use(options.Value.Library);
        try
        {
            CreatePrivately();
            using var connection = Connect(forWriting: true);

            // 1. Before anything writes: a damaged file must stay as it was found.
            if (options.Value.CheckIntegrity)
            {
                Check(connection);
            }

            // 2. Possible in an empty file only; lets retention give space back without rewriting everything.
            if (connection.Scalar<long>("PRAGMA page_count") == 0)
            {
                connection.Execute("PRAGMA auto_vacuum = INCREMENTAL");
            }

            if (connection.Scalar<string>("PRAGMA journal_mode = WAL") is not "wal")
            {
                LogNoWal(logger, File);
            }

            // 3. The schema.

            SqliteMigrations.Apply(connection, SqliteMigrations.Embedded, time.GetUtcNow());
            LogOpened(logger, File, connection.ServerVersion, SqliteLibrary.IsSystem ? "the system's" : "bundled");
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Explain(exception, File);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new StoreException(
                $"The store {File} cannot be opened or made.",
                "Make the data folder and the files in it belong to the user that runs Fleetwright, and see that nothing else has that name.",
                exception);
        }
    }

    private void Check(SqliteConnection connection)
    {
        var findings = connection.Query("PRAGMA quick_check(3)", row => row.GetString(0));
        if (findings is not ["ok"])
        {
            throw SqliteFailures.Damaged(File, string.Join("; ", findings.Select(finding => finding.ReplaceLineEndings(" "))));
        }
    }

    /// <summary>SQLite gives its -wal and -shm files the mode of the database; it holds key hashes and the audit log.</summary>
    private void CreatePrivately()
    {
        if (System.IO.File.Exists(paths.DatabaseFile))
        {
            return;
        }

        try
        {
            using var file = new FileStream(paths.DatabaseFile, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException) when (System.IO.File.Exists(paths.DatabaseFile))
        {
            // Another process was faster.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Store {File} is open (SQLite {Version}, {Origin} library)")]
    private static partial void LogOpened(ILogger logger, string file, string version, string origin);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The file system under store {File} cannot do write-ahead logging (a network share?): readers and the writer wait for each other")]
    private static partial void LogNoWal(ILogger logger, string file);
}
