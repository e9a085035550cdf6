namespace Fleetwright.Platform.Connections;

/// <summary>
/// A POSIX sh that stays, behind a child process's streams. It runs one thing at a time: a batch, a stream, or one
/// program that it becomes. Whoever rents it from <see cref="ShellPool"/> has it alone.
/// </summary>
internal sealed class KeptShell : IAsyncDisposable
{
    private static readonly TimeSpan HelloRepeat = TimeSpan.FromSeconds(2);
    private readonly ChildProcess _child;
    private readonly SemaphoreSlim _writing = new(1, 1);

    private KeptShell(ChildProcess child, TimeProvider time)
    {
        _child = child;
        Time = time;
        Output = new MarkerReader(child.Output);
        Error = new MarkerReader(child.Error);
    }

    public TimeProvider Time { get; }

    public MarkerReader Output { get; }

    public MarkerReader Error { get; }

    /// <summary>The process on this machine: sh itself, or the ssh that leads to it.</summary>
    public ChildProcess Child => _child;

    /// <summary>False once it ended or was left in a state that cannot be trusted.</summary>
    public bool IsUsable => !_child.Exited.IsCompleted && !Spoiled;

    public bool Spoiled { get; private set; }

    /// <summary>When it was last given back, as a timestamp of <see cref="Time"/>.</summary>
    public long IdleSince { get; set; }

    /// <summary>Waits until the shell behind <paramref name="child"/> answers, skipping whatever start-up files print.</summary>
    /// <exception cref="ShellEndedException">It ended, or did not answer within <paramref name="limit"/>.</exception>
    public static async Task<KeptShell> OpenAsync(
        ChildProcess child, TimeProvider time, TimeSpan limit, CancellationToken cancellationToken)
    {
        var shell = new KeptShell(child, time);
        try
        {
            await shell.GreetAsync(limit, cancellationToken);
            return shell;
        }
        catch
        {
            await shell.DisposeAsync();
            throw;
        }
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> text)
    {
        await _writing.WaitAsync();
        try
        {
            await _child.Input.WriteAsync(text);
            await _child.Input.FlushAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The shell has gone; its readers see the end of its output and say so.
            Spoiled = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Never give this shell another command; the pool disposes it.</summary>
    public void Spoil() => Spoiled = true;

    public ValueTask DisposeAsync()
    {
        Spoiled = true;
        return _child.DisposeAsync();
    }

    private async Task GreetAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var token = ShellProtocol.NewNonce();
        var noise = new TextTail();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var limitTimer = Time.CreateTimer(_ => TryCancel(stop), null, limit, Timeout.InfiniteTimeSpan);

        // A start-up file may have read a line of the first hello away.
        using var repeat = Time.CreateTimer(_ => _ = WriteAsync(ShellProtocol.Hello(token)), null, HelloRepeat, HelloRepeat);
        await WriteAsync(ShellProtocol.Hello(token));
        try
        {
            var both = await Task.WhenAll(
                SkipToAsync(Output, token, noise, stop.Token), SkipToAsync(Error, token, noise, stop.Token));
            if (both[0] && both[1])
            {
                return;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ShellEndedException(null, noise.ToString());
        }

        throw new ShellEndedException(await _child.Exited.WaitAsync(limit, cancellationToken), noise.ToString());
    }

    private static async Task<bool> SkipToAsync(
        MarkerReader reader, byte[] token, TextTail noise, CancellationToken cancellationToken)
    {
        while (true)
        {
            var piece = await reader.ReadAsync(token, cancellationToken);
            switch (piece.Kind)
            {
                case PieceKind.End:
                    return false;
                case PieceKind.Marker when piece.Letter == ShellProtocol.Ready:
                    return true;
                case PieceKind.Data:
                    noise.Append(piece.Data.Span);
                    break;
            }
        }
    }

    private static void TryCancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It was in time after all.
        }
    }
}

/// <summary>A kept shell could not be started, or ended while it was needed.</summary>
internal sealed class ShellEndedException(int? exitCode, string said) : Exception("The shell ended.")
{
    /// <summary>Of the local process; null when it did not end but kept silent.</summary>
    public int? ExitCode { get; } = exitCode;

    /// <summary>The last that came instead of an answer.</summary>
    public string Said { get; } = said;
}
