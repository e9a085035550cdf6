namespace Fleetwright.Platform.Connections.Docker;

/// <summary>
/// How many calls may be under way to one engine. A device whose SSH server allows few sessions lets fewer through; the
/// gate learns how many by running into it.
/// </summary>
internal sealed class CallGate(int limit)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _limit = limit;
    private int _active;

    /// <summary>Waits for a turn; dispose what is returned to end it.</summary>
    public async Task<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_active < _limit && _waiting.Count == 0)
            {
                _active++;
                return new Turn(this, _limit == 1);
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.AddLast(turn);
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
                if (!_waiting.Remove(turn))
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
    /// The device let no further call through: from here on one at a time, over a connection that is open already. Slower
    /// by milliseconds; finding out how many more would pass costs a refused session for each try.
    /// </summary>
    public void Narrow()
    {
        lock (_lock)
        {
            _limit = 1;
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
        while (_active < _limit && _waiting.First is { } next)
        {
            _waiting.RemoveFirst();
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
