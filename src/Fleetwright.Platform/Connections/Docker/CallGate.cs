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
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_active < _limit && _waiting.Count == 0)
            {
                _active++;
                return new Turn(this);
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

        return new Turn(this);
    }

    /// <summary>The device let no further call through. False when there is nothing left to give up.</summary>
    public bool Shrink()
    {
        lock (_lock)
        {
            if (_limit == 1)
            {
                return false;
            }

            _limit = Math.Max(1, Math.Min(_limit, _active) - 1);
            return true;
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

    private sealed class Turn(CallGate gate) : IDisposable
    {
        private CallGate? _gate = gate;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Leave();
    }
}
