namespace Fleetwright.Platform.Connections.Docker;

/// <summary>
/// How many calls may be under way to one engine. A device whose SSH server allows few sessions lets fewer through; the
/// gate learns how many by running into it.
/// </summary>
internal sealed class CallGate(int limit)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private readonly LinkedList<TaskCompletionSource> _waitingBehind = new();
    private int _limit = limit;
    private int _active;

    /// <summary>Waits for a turn; dispose what is returned to end it.</summary>
    /// <param name="behind">Lets all others go first: somebody waits for them, and for this only a poll does.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Turn> EnterAsync(bool behind, CancellationToken cancellationToken)
    {
        var queue = behind ? _waitingBehind : _waiting;
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_active < _limit)
            {
                _active++;
                return new Turn(this, _limit == 1);
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.AddLast(turn);
        }

        try
        {
            await turn.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                // Given in the same moment: the turn goes to the next.
                if (!queue.Remove(turn))
                {
                    LeaveLocked();
                }
            }

            throw;
        }

        lock (_lock)
        {
            return new Turn(this, _limit == 1);
        }
    }

    /// <summary>
    /// The device did not let one of the calls under way through: from here on fewer at once. Each refused call takes one
    /// off and waits for its next turn, so that as many remain as found a connection.
    /// </summary>
    public void Narrow()
    {
        lock (_lock)
        {
            _limit = Math.Max(1, Math.Min(_limit, _active) - 1);
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            LeaveLocked();
        }
    }

    private void LeaveLocked()
    {
        _active--;
        while (_active < _limit && (_waiting.First ?? _waitingBehind.First) is { } next)
        {
            next.List!.Remove(next);
            _active++;
            next.Value.TrySetResult();
        }
    }

    /// <param name="gate">Where it ends.</param>
    /// <param name="alone">No other call is under way, so a refusal is not these calls' own doing.</param>
    internal sealed class Turn(CallGate gate, bool alone) : IDisposable
    {
        private CallGate? _gate = gate;

        public bool Alone => alone;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Leave();
    }
}
