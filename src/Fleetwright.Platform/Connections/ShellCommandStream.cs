namespace Fleetwright.Platform.Connections;

/// <summary>A command whose output is followed; it has its kept shell alone and gives it back when it ends.</summary>
internal sealed class ShellCommandStream : CommandStream
{
    private readonly ShellPool _pool;
    private readonly KeptShell _shell;
    private readonly byte[] _nonce = ShellProtocol.NewNonce();
    private readonly TextTail _error = new();
    private readonly TaskCompletionSource<int> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly FollowedOutput _output;
    private Task? _readingError;
    private int _returned;

    private ShellCommandStream(ShellPool pool, KeptShell shell)
    {
        _pool = pool;
        _shell = shell;
        _output = new FollowedOutput(this);
    }

    public override Stream Output => _output;

    public override string ErrorTail => _error.ToString();

    public override Task<int> Completion => _completion.Task;

    public static ShellCommandStream Start(ShellPool pool, KeptShell shell, Command command)
    {
        var stream = new ShellCommandStream(pool, shell);
        var text = ShellProtocol.Batch(stream._nonce, [command]);
        stream._readingError = stream.ReadErrorAsync();
        _ = shell.WriteAsync(text);
        return stream;
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _returned, 1) != 0)
        {
            return;
        }

        if (!_completion.Task.IsCompleted)
        {
            _shell.Spoil();
            await _shell.WriteAsync(ShellProtocol.Abandon(_nonce)).WaitAsync(ShellBatch.KillGrace)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _completion.TrySetResult(-1);
        }
        else if (!_shell.Spoiled && _readingError is not null)
        {
            await Task.WhenAny(_readingError, Task.Delay(ShellBatch.TerminationGrace, _shell.Time));
            if (!_readingError.IsCompleted)
            {
                _shell.Spoil();
            }
        }

        await _stop.CancelAsync();
        _pool.Return(_shell, forStream: true);
        _stop.Dispose();
    }

    private async Task ReadErrorAsync()
    {
        try
        {
            var started = false;
            while (true)
            {
                var piece = await _shell.Error.ReadAsync(_nonce, _stop.Token);
                switch (piece)
                {
                    case { Kind: PieceKind.End }:
                        return;
                    case { Kind: PieceKind.Data } when started:
                        _error.Append(piece.Data.Span);
                        break;
                    case { Letter: ShellProtocol.Started }:
                        started = true;
                        break;
                    case { Letter: ShellProtocol.Ended }:
                        return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException)
        {
            // Disposed.
        }
    }

    /// <summary>Reads the shell's output until the command's end marker.</summary>
    private sealed class FollowedOutput(ShellCommandStream owner) : ReadOnlyStream
    {
        private ReadOnlyMemory<byte> _rest;
        private bool _started;
        private bool _ended;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_rest.IsEmpty && !_ended)
            {
                ObjectDisposedException.ThrowIf(Volatile.Read(ref owner._returned) != 0, owner);
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, owner._stop.Token);
                Take(await owner._shell.Output.ReadAsync(owner._nonce, stop.Token));
            }

            var count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }

        private void Take(Piece piece)
        {
            switch (piece)
            {
                case { Kind: PieceKind.Data } when _started:
                    _rest = piece.Data;
                    break;
                case { Letter: ShellProtocol.Started }:
                    _started = true;
                    break;
                case { Kind: PieceKind.End }:
                    _ended = true;
                    owner._shell.Spoil();
                    owner._completion.TrySetResult(-1);
                    break;
                case { Letter: ShellProtocol.Ended }:
                    _ended = true;
                    if (piece.Flag)
                    {
                        owner._shell.Spoil();
                    }

                    owner._completion.TrySetResult(piece.Number);
                    break;
            }
        }
    }
}
