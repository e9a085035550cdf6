namespace Fleetwright.Platform.Connections;

/// <summary>
/// The standard input and output of a program on the device as one stream. The kept shell becomes that program, so
/// start-up noise is already behind and closing the stream ends the program through its standard input.
/// </summary>
internal sealed class ProgramStream : Stream
{
    private readonly ShellPool _pool;
    private readonly KeptShell _shell;
    private readonly byte[] _nonce = ShellProtocol.NewNonce();
    private readonly TextTail _error = new();
    private ReadOnlyMemory<byte> _rest;
    private bool _anyRead;
    private int _disposed;

    private ProgramStream(ShellPool pool, KeptShell shell)
    {
        _pool = pool;
        _shell = shell;
        shell.Spoil(); // It will be a shell no more.
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Names the failure when the program ends without having given a byte; null leaves it a plain end.</summary>
    public Func<int, string, ConnectionException?>? ExplainEarlyEnd { get; set; }

    public static async Task<ProgramStream> StartAsync(
        ShellPool pool, KeptShell shell, Command command, CancellationToken cancellationToken)
    {
        var stream = new ProgramStream(pool, shell);
        await shell.WriteAsync(ShellProtocol.Become(stream._nonce, command));
        while (true)
        {
            var piece = await shell.Output.ReadAsync(stream._nonce, cancellationToken);
            if (piece.Kind == PieceKind.End)
            {
                throw new ShellEndedException(null, "");
            }

            if (piece.Letter == ShellProtocol.Started)
            {
                _ = stream.ReadErrorAsync();
                return stream;
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (_rest.IsEmpty)
        {
            var piece = await _shell.Output.ReadAsync(default, cancellationToken);
            if (piece.Kind == PieceKind.End)
            {
                await ThrowIfEarlyAsync();
                return 0;
            }

            _rest = piece.Data;
        }

        _anyRead = true;
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await _shell.Child.Input.WriteAsync(buffer, cancellationToken);
            await _shell.Child.Input.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            await ThrowIfEarlyAsync();
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Read it asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Write it asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _pool.Return(_shell, forStream: true);
        }

        base.Dispose(disposing);
    }

    private async Task ThrowIfEarlyAsync()
    {
        if (_anyRead || ExplainEarlyEnd is null)
        {
            return;
        }

        var exitCode = await _shell.Child.Exited.WaitAsync(ShellBatch.KillGrace);
        if (ExplainEarlyEnd(exitCode, _error.ToString()) is { } failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    private async Task ReadErrorAsync()
    {
        try
        {
            while (await _shell.Error.ReadAsync(default, CancellationToken.None) is { Kind: not PieceKind.End } piece)
            {
                _error.Append(piece.Data.Span);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Disposed.
        }
    }
}
