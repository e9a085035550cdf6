using System.Text.Json;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// Two streams that carry one JSON-RPC message a line. The end of the input is told only when what was asked before it has
/// been answered: `echo REQUEST | fleetwright mcp` gets its answer, which the SDK would cancel at the end of the input.
/// </summary>
internal sealed class AnsweredBeforeEnd
{
    // Some requests get no answer; the client that has gone is not waited for longer than this.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private TaskCompletionSource? _waiting;

    public AnsweredBeforeEnd(Stream input, Stream output, TimeProvider time)
    {
        _time = time;
        Input = new Tap(input, Asked, AllAnsweredAsync);
        Output = new Tap(output, Answered, static _ => Task.CompletedTask);
    }

    public Stream Input { get; }

    public Stream Output { get; }

    private void Asked(JsonElement message)
    {
        if (!message.TryGetProperty("method", out var method))
        {
            return;
        }

        if (message.TryGetProperty("id", out var id))
        {
            lock (_open)
            {
                _open.Add(id.GetRawText());
            }
        }
        else if (method.ValueEquals("notifications/cancelled") && message.TryGetProperty("params", out var given)
            && given.ValueKind == JsonValueKind.Object && given.TryGetProperty("requestId", out var cancelled))
        {
            Close(cancelled.GetRawText());
        }
    }

    private void Answered(JsonElement message)
    {
        if (!message.TryGetProperty("method", out _) && message.TryGetProperty("id", out var id))
        {
            Close(id.GetRawText());
        }
    }

    private void Close(string id)
    {
        lock (_open)
        {
            _open.Remove(id);
            if (_open.Count == 0)
            {
                _waiting?.TrySetResult();
            }
        }
    }

    private async Task AllAnsweredAsync(CancellationToken cancellationToken)
    {
        Task all;
        lock (_open)
        {
            _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_open.Count == 0)
            {
                _waiting.TrySetResult();
            }

            all = _waiting.Task;
        }

        try
        {
            await all.WaitAsync(Longest, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The end is told anyway.
        }
    }

    /// <summary>Passes bytes on, and shows each whole message that is an object.</summary>
    private sealed class Tap(Stream inner, Action<JsonElement> seen, Func<CancellationToken, Task> beforeEnd) : Stream
    {
        private readonly MemoryStream _line = new();

        public override bool CanRead => inner.CanRead;

        public override bool CanWrite => inner.CanWrite;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // A read of the terminal cannot be cancelled; whoever waits for it can stop waiting.
            var read = await inner.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(cancellationToken);
            if (read == 0 && buffer.Length > 0)
            {
                if (_line.Length > 0)
                {
                    // The last message lacks its line's end, without which nobody takes it for one.
                    buffer.Span[0] = (byte)'\n';
                    read = 1;
                }
                else
                {
                    await beforeEnd(cancellationToken);
                }
            }

            Look(buffer.Span[..read]);
            return read;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            await inner.FlushAsync(cancellationToken);
            Look(buffer.Span);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
                _line.Dispose();
            }

            base.Dispose(disposing);
        }

        private void Look(ReadOnlySpan<byte> bytes)
        {
            int end;
            while ((end = bytes.IndexOf((byte)'\n')) >= 0)
            {
                _line.Write(bytes[..end]);
                Show();
                _line.SetLength(0);
                bytes = bytes[(end + 1)..];
            }

            _line.Write(bytes);
        }

        private void Show()
        {
            try
            {
                using var message = JsonDocument.Parse(_line.GetBuffer().AsMemory(0, (int)_line.Length));
                if (message.RootElement.ValueKind == JsonValueKind.Object)
                {
                    seen(message.RootElement);
                }
            }
            catch (JsonException)
            {
                // No message: nothing answers it.
            }
        }
    }
}
