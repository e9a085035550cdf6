namespace Fleetwright.Platform.Connections;

/// <summary>
/// One batch on one kept shell, from its first marker to its last. Holds the time limits: TERM at the limit, KILL
/// after a grace, and when even that does not end the command (a process in uninterruptible sleep) the shell is given up.
/// </summary>
internal sealed class ShellBatch : IDisposable
{
    public static readonly TimeSpan TerminationGrace = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(4);

    /// <summary>A command that does not even begin: no process can be forked, or the subshell was killed.</summary>
    public static readonly TimeSpan BeginLimit = TimeSpan.FromSeconds(15);

    private readonly KeptShell _shell;
    private readonly IReadOnlyList<Command> _commands;
    private readonly byte[] _nonce = ShellProtocol.NewNonce();
    private readonly Sink[] _sinks;
    private readonly CancellationTokenSource _givenUp = new();
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private Stage _stage = Stage.Beginning;
    private int _current;
    private int _processId;
    private int _stopAt;
    private volatile bool _ended;

    public ShellBatch(KeptShell shell, IReadOnlyList<Command> commands)
    {
        _shell = shell;
        _commands = commands;
        _stopAt = commands.Count;
        _sinks = [.. commands.Select(c => new Sink(c.OutputCapBytes))];
        _timer = shell.Time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private enum Stage
    {
        Beginning,
        Running,
        Terminating,
        Killing,
        Abandoning,
        Done,
    }

    /// <summary>
    /// Results of the commands from the first on; fewer than given when the shell had to be given up on the way,
    /// which then is spoiled. Empty after <see cref="Abandon"/>.
    /// </summary>
    /// <exception cref="ShellEndedException">The shell ended before the first command did.</exception>
    public async Task<IReadOnlyList<CommandResult>> RunAsync()
    {
        var text = ShellProtocol.Batch(_nonce, _commands);
        Arm(BeginLimit);
        var writing = _shell.WriteAsync(text);
        try
        {
            await Task.WhenAll(ReadOutputAsync(), ReadErrorAsync());
            if (!_ended)
            {
                await writing;
            }
        }
        catch (OperationCanceledException)
        {
            _shell.Spoil();
        }

        lock (_lock)
        {
            _stage = Stage.Done;
        }

        if (_ended)
        {
            _shell.Spoil();
            throw new ShellEndedException(null, "");
        }

        return [.. _sinks.Select(s => s.Result).OfType<CommandResult>()];
    }

    /// <summary>Kills what runs; <see cref="RunAsync"/> then ends soon, with the shell usable or spoiled.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            if (_stage is Stage.Abandoning or Stage.Done)
            {
                return;
            }

            _stage = Stage.Abandoning;
            Arm(KillGrace);
        }

        _ = _shell.WriteAsync(ShellProtocol.Abandon(_nonce));
    }

    public void Dispose()
    {
        _timer.Dispose();
        _givenUp.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        var started = false;
        while (true)
        {
            var piece = await _shell.Output.ReadAsync(_nonce, _givenUp.Token);
            switch (piece)
            {
                case { Kind: PieceKind.End }:
                    GiveUpOther();
                    return;
                case { Kind: PieceKind.Data } when started:
                    _sinks[_current].Output.Append(piece.Data.Span);
                    break;
                case { Letter: ShellProtocol.Started }:
                    started = true;
                    break;
                case { Letter: ShellProtocol.Begun }:
                    Begin(piece.Number);
                    break;
                case { Letter: ShellProtocol.Ended }:
                    if (End(piece.Number, piece.Flag))
                    {
                        return;
                    }

                    break;
                case { Letter: ShellProtocol.Abandoned }:
                    return;
            }
        }
    }

    private async Task ReadErrorAsync()
    {
        var started = false;
        var at = 0;
        while (true)
        {
            var piece = await _shell.Error.ReadAsync(_nonce, _givenUp.Token);
            switch (piece)
            {
                case { Kind: PieceKind.End }:
                    GiveUpOther();
                    return;
                case { Kind: PieceKind.Data } when started:
                    _sinks[at].Error.Append(piece.Data.Span);
                    break;
                case { Letter: ShellProtocol.Started }:
                    started = true;
                    break;
                case { Letter: ShellProtocol.Ended }:
                    if (++at == _commands.Count || piece.Flag)
                    {
                        return;
                    }

                    break;
                case { Letter: ShellProtocol.Abandoned }:
                    return;
            }
        }
    }

    /// <summary>One stream ended, so the other will too, unless a stray process holds it.</summary>
    private void GiveUpOther()
    {
        _ended = true;
        _shell.Spoil();
        Arm(TimeSpan.FromMilliseconds(500));
        lock (_lock)
        {
            _stage = Stage.Abandoning;
        }
    }

    private void Begin(int processId)
    {
        lock (_lock)
        {
            if (_stage != Stage.Beginning)
            {
                return;
            }

            _processId = processId;
            _sinks[_current].Begun = _shell.Time.GetTimestamp();
            _stage = Stage.Running;
            Arm(_commands[_current].TimeLimit);
        }
    }

    private bool End(int exitCode, bool leftChildren)
    {
        lock (_lock)
        {
            var timedOut = _stage is Stage.Terminating or Stage.Killing;
            if (timedOut)
            {
                // Whatever ignored the TERM of its parent's end.
                _ = _shell.WriteAsync(ShellProtocol.Kill("KILL", _processId));
            }

            _sinks[_current].Complete(_shell.Time, exitCode, timedOut);
            _current++;
            if (leftChildren)
            {
                _shell.Spoil();
                _stopAt = _current;
            }

            if (_current >= _stopAt)
            {
                Arm(BeginLimit); // for the other stream's last marker
                return true;
            }

            if (_stage != Stage.Abandoning)
            {
                _stage = Stage.Beginning;
                Arm(BeginLimit);
            }

            return false;
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            switch (_stage)
            {
                case Stage.Running:
                    _stage = Stage.Terminating;
                    Arm(TerminationGrace);
                    _ = _shell.WriteAsync(ShellProtocol.Kill("TERM", _processId));
                    return;
                case Stage.Terminating:
                    _stage = Stage.Killing;
                    Arm(KillGrace);
                    _ = _shell.WriteAsync(ShellProtocol.Kill("KILL", _processId));
                    return;
                case Stage.Killing:
                    _sinks[_current++].Complete(_shell.Time, -1, timedOut: true);
                    break;
                case Stage.Done:
                    return;
            }

            _stage = Stage.Abandoning;
        }

        try
        {
            _givenUp.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The batch ended in this very moment.
        }
    }

    private void Arm(TimeSpan due) => _timer.Change(due, Timeout.InfiniteTimeSpan);

    private sealed class Sink(int cap)
    {
        private int? _exitCode;
        private bool _timedOut;
        private TimeSpan _duration;

        public CappedBuffer Output { get; } = new(cap);

        public CappedBuffer Error { get; } = new(cap);

        public long Begun { get; set; }

        public CommandResult? Result => _exitCode is not { } code ? null : new CommandResult
        {
            ExitCode = code,
            Output = Output.Content,
            Error = Error.Content,
            Duration = _duration,
            Truncated = Output.Truncated || Error.Truncated,
            TimedOut = _timedOut,
        };

        public void Complete(TimeProvider time, int exitCode, bool timedOut)
        {
            _exitCode = timedOut ? -1 : exitCode;
            _timedOut = timedOut;
            _duration = Begun == 0 ? TimeSpan.Zero : time.GetElapsedTime(Begun);
        }
    }
}
