namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>Runs a flush some time after it was first asked for, one at a time; at once when somebody waits for it.</summary>
internal sealed class FlushSchedule : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Func<Task> _flush;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private int _asked;

    public FlushSchedule(Func<Task> flush, TimeSpan interval, TimeProvider time)
    {
        _flush = flush;
        _interval = interval;
        _timer = time.CreateTimer(_ => _ = FlushAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Flushes when the interval has passed, or now.</summary>
    public void Ask(bool now = false)
    {
        if (now)
        {
            _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
        else if (Interlocked.Exchange(ref _asked, 1) == 0)
        {
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Returns when all that was pending at the call is written, or could not be.</summary>
    public async Task FlushAsync()
    {
        await _gate.WaitAsync();
        try
        {
            Volatile.Write(ref _asked, 0);
            await _flush();
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await FlushAsync();
    }
}
