using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>
/// The one writer of this process. Writes that come together share a transaction, each behind a savepoint of its own, so
/// that one that fails takes no other with it. A write is acknowledged when its transaction is committed, and not before.
/// </summary>
internal sealed partial class SqliteWriter : IAsyncDisposable, IDisposable
{
    private const int MaxTogether = 64;

    private readonly SqliteDatabase _database;
    private readonly ILogger<SqliteWriter> _logger;
    private readonly Channel<Write> _queue = Channel.CreateBounded<Write>(new BoundedChannelOptions(10_000) { SingleReader = true });
    private readonly Task _loop;
    private SqliteConnection? _connection;
    private int _pending;
    private bool _disposed;

    // Only the loop touches these.
    private bool _synchronousIsFull;
    private long _dataVersion;

    public SqliteWriter(SqliteDatabase database, ILogger<SqliteWriter> logger)
    {
        _database = database;
        _logger = logger;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Raised on the writer, inside the transaction, when another process has changed the store since the last one.</summary>
    public event Action? ChangedElsewhere;

    /// <summary>Writes that wait or are under way.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Why the last transaction failed; null when it did not.</summary>
    public StoreException? LastFailure { get; private set; }

    /// <summary>
    /// Runs the work in a transaction. A durable write survives the loss of power too; others survive the death of the
    /// process, and lose at most the last moments before the power failed.
    /// </summary>
    /// <exception cref="StoreException">It was not written.</exception>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, bool durable, CancellationToken cancellationToken)
    {
        await _database.OpenAsync(cancellationToken);
        var write = new Write<T>(work, durable, cancellationToken);
        Interlocked.Increment(ref _pending);
        try
        {
            await _queue.Writer.WriteAsync(write, cancellationToken);
        }
        catch
        {
            Interlocked.Decrement(ref _pending);
            throw;
        }

        return await write.Result;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _queue.Writer.TryComplete();
        await _loop;
        _connection?.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task RunAsync()
    {
        var together = new List<Write>(MaxTogether);
        while (await _queue.Reader.WaitToReadAsync())
        {
            together.Clear();
            while (together.Count < MaxTogether && _queue.Reader.TryRead(out var write))
            {
                together.Add(write);
            }

            Commit(together);
            Interlocked.Add(ref _pending, -together.Count);
        }
    }

    private void Commit(List<Write> writes)
    {
        try
        {
            var connection = _connection ??= _database.Connect(forWriting: true);
            SetSynchronous(connection, writes.Exists(write => write.Durable));
            connection.Execute("BEGIN IMMEDIATE");
            try
            {
                NoticeOthers(connection);
                foreach (var write in writes)
                {
                    RunBehindSavepoint(connection, write);
                }

                connection.Execute("COMMIT");
            }
            catch
            {
                RollBack(connection);
                throw;
            }

            LastFailure = null;
            foreach (var write in writes)
            {
                write.Acknowledge();
            }
        }
        catch (Exception exception)
        {
            var failure = exception is SqliteException sqlite ? SqliteFailures.Explain(sqlite, _database.File) : exception;
            LastFailure = failure as StoreException
                ?? new StoreException($"The store failed: {exception.Message}", "This is a defect of Fleetwright; please report it.", exception);
            LogFailed(_logger, writes.Count, LastFailure.Message);
            foreach (var write in writes)
            {
                write.Fail(failure);
            }
        }
    }

    private void RunBehindSavepoint(SqliteConnection connection, Write write)
    {
        connection.Execute("SAVEPOINT one_write");
        try
        {
            write.Run(connection);
        }
        catch (Exception exception)
        {
            // A full disk or an I/O error ends the whole transaction: then nothing of it was written.
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) != 0)
            {
                throw;
            }

            connection.Execute("ROLLBACK TO one_write");
            var failure = exception is SqliteException sqlite ? SqliteFailures.Explain(sqlite, _database.File) : exception;
            if (failure is not OperationCanceledException)
            {
                LogFailed(_logger, 1, failure.Message);
            }

            write.Fail(failure);
        }

        connection.Execute("RELEASE one_write");
    }

    private void SetSynchronous(SqliteConnection connection, bool full)
    {
        if (full != _synchronousIsFull)
        {
            connection.Execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _synchronousIsFull = full;
        }
    }

    private void NoticeOthers(SqliteConnection connection)
    {
        // data_version changes when somebody else commits. It is read under the write lock, so it stays true until COMMIT.
        var version = connection.Scalar<long>("PRAGMA data_version");
        if (version != _dataVersion)
        {
            _dataVersion = version;
            ChangedElsewhere?.Invoke();
        }
    }

    private static void RollBack(SqliteConnection connection)
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
        {
            connection.Execute("ROLLBACK");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} writes to the store failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, int count, string reason);

    private abstract class Write(bool durable)
    {
        public bool Durable { get; } = durable;

        public abstract void Run(SqliteConnection connection);

        public abstract void Acknowledge();

        public abstract void Fail(Exception exception);
    }

    private sealed class Write<T>(Func<SqliteConnection, T> work, bool durable, CancellationToken cancellationToken) : Write(durable)
    {
        // Continuations must not run on the writer.
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Result => _done.Task;

        public override void Run(SqliteConnection connection)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _result = work(connection);
        }

        public override void Acknowledge() => _done.TrySetResult(_result!); // Run has set it, or Fail came first.

        public override void Fail(Exception exception)
        {
            if (exception is OperationCanceledException)
            {
                _done.TrySetCanceled(cancellationToken);
            }
            else
            {
                _done.TrySetException(exception);
            }
        }
    }
}
