using System.Buffers;
using System.Net.WebSockets;

namespace Fleetwright.Platform.Events.WebSockets;

internal enum ReceivedKind
{
    Text,
    Binary,
    Close,
    TooLarge,
}

/// <summary>A whole message; dispose it when it was read, for its memory is lent.</summary>
internal readonly struct Received(ReceivedKind kind, ReadOnlyMemory<byte> text = default, byte[]? rented = null) : IDisposable
{
    public ReceivedKind Kind => kind;

    public ReadOnlyMemory<byte> Text => text;

    public void Dispose()
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}

/// <summary>Puts a client's fragments together. What a client usually says fits a small buffer; more is lent while it is needed.</summary>
internal sealed class MessageReader(System.Net.WebSockets.WebSocket socket, int maxBytes)
{
    private readonly byte[] _small = new byte[512];

    public async ValueTask<Received> ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = _small;
        byte[]? rented = null;
        var length = 0;
        var keep = false;
        try
        {
            while (true)
            {
                var result = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return new Received(ReceivedKind.Close);
                }

                length += result.Count;
                if (length > maxBytes)
                {
                    return new Received(ReceivedKind.TooLarge);
                }

                if (result.EndOfMessage)
                {
                    keep = true;
                    return result.MessageType == WebSocketMessageType.Text
                        ? new Received(ReceivedKind.Text, buffer.AsMemory(0, length), rented)
                        : new Received(ReceivedKind.Binary, rented: rented);
                }

                if (length == buffer.Length)
                {
                    // One byte more than allowed tells that it is too large.
                    var larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 4, maxBytes + 1));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    Return(rented);
                    buffer = rented = larger;
                }
            }
        }
        finally
        {
            if (!keep)
            {
                Return(rented);
            }
        }
    }

    /// <summary>Reads on without keeping anything, until the client closes.</summary>
    public async Task SkipToCloseAsync(CancellationToken cancellationToken)
    {
        while ((await socket.ReceiveAsync(_small.AsMemory(), cancellationToken)).MessageType != WebSocketMessageType.Close)
        {
        }
    }

    private static void Return(byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
