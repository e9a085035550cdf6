namespace Fleetwright.Platform.Probes;

/// <summary>
/// How many devices are polled at one time. A device that does not answer must not delay another, so those that are not
/// known to answer have a lane of their own, and a poll that only waits for its device gives its place back.
/// </summary>
internal sealed class PollGate(int width, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _answering = new(width);
    private readonly SemaphoreSlim _others = new(width);

    public async Task<TResult> RunAsync<TResult>(bool isOnline, Func<Task<TResult>> poll, CancellationToken cancellationToken)
    {
        var lane = isOnline ? _answering : _others;
        await lane.WaitAsync(cancellationToken);
        Task<TResult> running;
        try
        {
            running = poll();
            if (!running.IsCompleted)
            {
                await ((Task)running).WaitAsync(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            lane.Release();
        }

        return await running;
    }

    public void Dispose()
    {
        _answering.Dispose();
        _others.Dispose();
    }
}
