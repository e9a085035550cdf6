namespace Fleetwright.Features.Containers;

/// <summary>Runs one action for many requests: soon after the first of them, and never faster than once a second.</summary>
internal sealed class CoalescedRefresh(TimeProvider time, Func<CancellationToken, Task> refresh)
{
    /// <summary>A restart is four events within a few milliseconds.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private int _asked;
    private int _running;

    public void Ask(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _asked, 1);
        if (Interlocked.Exchange(ref _running, 1) == 0)
        {
            _ = Task.Run(() => RunAsync(cancellationToken), CancellationToken.None);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                while (Volatile.Read(ref _asked) == 1)
                {
                    await Task.Delay(Gather, time, cancellationToken);
                    Interlocked.Exchange(ref _asked, 0);
                    await refresh(cancellationToken);
                    await Task.Delay(Rest - Gather, time, cancellationToken);
                }

                Interlocked.Exchange(ref _running, 0);
            }
            while (Volatile.Read(ref _asked) == 1 && Interlocked.Exchange(ref _running, 1) == 0);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Exchange(ref _running, 0);
        }
    }
}
