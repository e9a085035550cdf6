namespace Fleetwright.Platform.Connections;

/// <summary>
/// The kept shells of one open connection. Idle ones are used first; while callers wait, further ones are opened
/// up to the limit, which sinks when the server refuses one. One shell always stays for commands: streams take
/// the others.
/// </summary>
internal sealed class ShellPool(
    Func<CancellationToken, Task<KeptShell>> open, int limit, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Stack<KeptShell> _idle = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly HashSet<KeptShell> _all = [];
    private readonly HashSet<Task> _ending = [];
    private readonly CancellationTokenSource _closing = new();
    private int _limit = limit;
    private int _opening;
    private int _streams;
    private ConnectionException? _closed;

    /// <summary>How many shells may be open at once, as far as is known.</summary>
    public int Limit
    {
        get
        {
            lock (_lock)
            {
                return _limit;
            }
        }
    }

    /// <summary>Gives a shell for the caller alone, until <see cref="Return"/>.</summary>
    /// <exception cref="ConnectionException">None could be opened, or streams already hold all but one.</exception>
    public async Task<KeptShell> RentAsync(bool forStream, CancellationToken cancellationToken)
    {
        Waiter waiter;
        var discarded = new List<KeptShell>();
        lock (_lock)
        {
            if (_closed is not null)
            {
                throw _closed;
            }

            if (forStream)
            {
                if (_streams >= _limit - 1)
                {
                    throw TooManyStreams();
                }

                _streams++;
            }

            if (TryPopIdle(discarded) is { } shell)
            {
                DisposeLater(discarded);
                return shell;
            }

            waiter = new Waiter(forStream);
            _waiters.AddLast(waiter);
            OpenAsNeeded();
        }

        DisposeLater(discarded);
        try
        {
            return await waiter.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            lock (_lock)
            {
                if (_waiters.Remove(waiter) && forStream)
                {
                    _streams--;
                }
            }

            // It was handed over in the same moment.
            if (waiter.Task.IsCompletedSuccessfully)
            {
                Return(await waiter.Task, forStream);
            }

            throw;
        }
    }

    /// <summary>Takes a shell back; a spoiled one is closed.</summary>
    public void Return(KeptShell shell, bool forStream)
    {
        var discarded = new List<KeptShell>();
        lock (_lock)
        {
            if (forStream)
            {
                _streams--;
            }

            if (shell.IsUsable && _closed is null)
            {
                shell.IdleSince = time.GetTimestamp();
                Give(shell);
                TrimIdle(discarded);
            }
            else
            {
                _all.Remove(shell);
                discarded.Add(shell);
                OpenAsNeeded();
            }
        }

        DisposeLater(discarded);
    }

    /// <summary>Fails everyone who waits and whoever comes later with <paramref name="reason"/>.</summary>
    public void Close(ConnectionException reason)
    {
        List<KeptShell> idle;
        lock (_lock)
        {
            if (_closed is not null)
            {
                return;
            }

            _closed = reason;
            idle = [.. _idle];
            _idle.Clear();
            _all.ExceptWith(idle);
            FailWaiters(reason);
        }

        _closing.Cancel();
        DisposeLater(idle);
    }

    /// <summary>Ends every shell, also those in use, with what runs in them.</summary>
    public async ValueTask DisposeAsync()
    {
        Close(new ConnectionException(ConnectionFailure.Lost, "The connection was closed.", "Open it again."));
        KeptShell[] all;
        lock (_lock)
        {
            all = [.. _all];
            _all.Clear();
        }

        DisposeLater(all);
        Task[] ending;
        lock (_lock)
        {
            ending = [.. _ending];
        }

        // A shell may still be killing what ran in it.
        await Task.WhenAll(ending);
        _closing.Dispose();
    }

    private static ConnectionException TooManyStreams() => new(
        ConnectionFailure.TooManySessions,
        "Every channel to the device but the one for commands is in use.",
        "End another live stream of this device, raise Connections:MaxChannels, or raise MaxSessions in the device's sshd_config.");

    private KeptShell? TryPopIdle(List<KeptShell> discarded)
    {
        while (_idle.TryPop(out var shell))
        {
            if (shell.IsUsable)
            {
                return shell;
            }

            _all.Remove(shell);
            discarded.Add(shell);
        }

        return null;
    }

    private void Give(KeptShell shell)
    {
        while (_waiters.First is { } first)
        {
            _waiters.RemoveFirst();
            if (first.Value.TrySetResult(shell))
            {
                return;
            }
        }

        _idle.Push(shell);
    }

    private void TrimIdle(List<KeptShell> discarded)
    {
        if (_idle.Count < 2)
        {
            return;
        }

        var kept = _idle.Reverse().Where(s =>
        {
            var old = time.GetElapsedTime(s.IdleSince) > IdleLimit;
            if (old)
            {
                _all.Remove(s);
                discarded.Add(s);
            }

            return !old;
        }).ToArray();
        _idle.Clear();
        foreach (var shell in kept)
        {
            _idle.Push(shell);
        }
    }

    private void OpenAsNeeded()
    {
        while (_closed is null && _waiters.Count > _opening && _all.Count + _opening < _limit)
        {
            _opening++;
            _ = Task.Run(OpenOneAsync);
        }
    }

    private async Task OpenOneAsync()
    {
        KeptShell? shell = null;
        ConnectionException? failure = null;
        try
        {
            shell = await open(_closing.Token);
        }
        catch (ConnectionException e)
        {
            failure = e;
        }
        catch (Exception e)
        {
            failure = new ConnectionException(
                ConnectionFailure.Unknown, "No shell could be opened on the device.", "Look into the server's log.", e);
        }

        lock (_lock)
        {
            _opening--;
            if (shell is not null && _closed is null)
            {
                _all.Add(shell);
                Give(shell);
                return;
            }

            if (failure is not null)
            {
                OnOpenFailed(failure);
            }
        }

        if (shell is not null)
        {
            await shell.DisposeAsync();
        }
    }

    private void OnOpenFailed(ConnectionException failure)
    {
        var rest = _all.Count + _opening;
        if (rest == 0)
        {
            FailWaiters(failure);
            return;
        }

        // The others go on with the shells there are; only a refused session says what the limit is.
        if (failure.Failure == ConnectionFailure.TooManySessions)
        {
            _limit = Math.Min(_limit, Math.Max(1, rest));
            while (_streams > _limit - 1 && _waiters.LastOrDefault(w => w.ForStream) is { } last)
            {
                _waiters.Remove(last);
                _streams--;
                last.TrySetException(TooManyStreams());
            }
        }
    }

    private void FailWaiters(ConnectionException failure)
    {
        foreach (var waiter in _waiters)
        {
            if (waiter.ForStream)
            {
                _streams--;
            }

            waiter.TrySetException(failure);
        }

        _waiters.Clear();
    }

    private void DisposeLater(IReadOnlyCollection<KeptShell> shells)
    {
        foreach (var shell in shells)
        {
            var ending = shell.DisposeAsync().AsTask();
            lock (_lock)
            {
                _ending.Add(ending);
            }

            _ = ending.ContinueWith(Forget, TaskScheduler.Default);
        }
    }

    private void Forget(Task ended)
    {
        lock (_lock)
        {
            _ending.Remove(ended);
        }
    }

    private sealed class Waiter(bool forStream)
        : TaskCompletionSource<KeptShell>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public bool ForStream { get; } = forStream;
    }
}
