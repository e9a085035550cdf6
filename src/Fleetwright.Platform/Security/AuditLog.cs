using System.Threading.Channels;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Security;

/// <summary>
/// Writes down who did what. A call that changed something waits until that is written; others are written in the background
/// from a bounded queue. What could not be written is counted and logged, and never fails the call: it has happened already.
/// </summary>
public sealed partial class AuditLog : IAsyncDisposable, IDisposable
{
    private const int MaxWaiting = 10_000;
    private const int Together = 64;
    private readonly Channel<AuditEntry> _queue = Channel.CreateBounded<AuditEntry>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly IAuditStore _store;
    private readonly ILogger<AuditLog> _logger;
    private readonly Task _loop;
    private long _lost;

    public AuditLog(IAuditStore store, ILogger<AuditLog> logger)
    {
        _store = store;
        _logger = logger;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Entries that could not be written since the start.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Writes the entry, its secrets redacted once more.</summary>
    /// <param name="entry">What happened.</param>
    /// <param name="wait">Whether to return only when it is on the disk.</param>
    public async ValueTask AppendAsync(AuditEntry entry, bool wait)
    {
        var clean = entry with { Arguments = entry.Arguments is null ? null : SecretRedaction.Text(entry.Arguments) };
        if (wait)
        {
            await WriteAsync(clean);
        }
        else if (!_queue.Writer.TryWrite(clean))
        {
            Lose(clean, "too many wait already");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task RunAsync()
    {
        var together = new List<Task>(Together);
        while (await _queue.Reader.WaitToReadAsync())
        {
            together.Clear();
            while (together.Count < Together && _queue.Reader.TryRead(out var entry))
            {
                together.Add(WriteAsync(entry));
            }

            await Task.WhenAll(together);
        }
    }

    private async Task WriteAsync(AuditEntry entry)
    {
        try
        {
            await _store.AppendAsync(entry, CancellationToken.None);
        }
        catch (Exception exception)
        {
            Lose(entry, exception.Message);
        }
    }

    private void Lose(AuditEntry entry, string reason)
    {
        var lost = Interlocked.Increment(ref _lost);
        LogLost(_logger, lost, entry.Operation, entry.Caller, entry.Outcome, reason);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit log lost its entry number {Lost}: {Operation} by {Caller}, {Outcome}; {Reason}")]
    private static partial void LogLost(ILogger logger, long lost, string operation, string caller, string outcome, string reason);
}
