using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Fleetwright.Tests.Events;

/// <summary>A client by .NET's own ClientWebSocket.</summary>
internal sealed class DoorClient : IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private readonly byte[] _buffer = new byte[64 * 1024];

    private DoorClient(ClientWebSocket socket) => Socket = socket;

    public ClientWebSocket Socket { get; }

    public static async Task<DoorClient> ConnectAsync(Uri url, string key)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + key);
        socket.Options.AddSubProtocol("fleetwright.v1");
        await socket.ConnectAsync(url, CancellationToken.None);
        return new DoorClient(socket);
    }

    public Task SendAsync(string text, bool end = true) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, end);

    public Task SendAsync(byte[] bytes, WebSocketMessageType type, bool end = true) => Socket.SendAsync(bytes, type, end, CancellationToken.None);

    public Task SubscribeAsync(string id, string channel, string filter = "{}") =>
        SendAsync($$"""{"type":"subscribe","id":"{{id}}","channel":"{{channel}}","filter":{{filter}}}""");

    /// <summary>The next message; a close is null.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        using var limit = new CancellationTokenSource(Guard);
        var length = 0;
        var message = new MemoryStream();
        while (true)
        {
            var result = await Socket.ReceiveAsync(_buffer, limit.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(_buffer, 0, result.Count);
            length += result.Count;
            if (result.EndOfMessage)
            {
                return JsonElement.Parse(message.GetBuffer().AsSpan(0, length));
            }
        }
    }

    /// <summary>The next message of that type, others left out.</summary>
    public async Task<JsonElement> NextAsync(string type)
    {
        while (await NextAsync() is { } message)
        {
            if (message.GetProperty("type").GetString() == type)
            {
                return message;
            }
        }

        throw new InvalidOperationException($"The server closed with {Socket.CloseStatus} before it said '{type}'.");
    }

    /// <summary>Whatever comes until the server closes; the code it closed with.</summary>
    public async Task<WebSocketCloseStatus?> ClosedAsync()
    {
        while (await NextAsync() is not null)
        {
        }

        return Socket.CloseStatus;
    }

    public void Dispose() => Socket.Dispose();
}

/// <summary>A client that speaks frames by hand.</summary>
internal sealed class RawClient(Socket socket) : IDisposable
{
    public Socket Socket => socket;

    public static async Task<RawClient> UpgradeAsync(Socket socket, Uri url, string key)
    {
        var request = $"GET /ws HTTP/1.1\r\nHost: {url.Host}:{url.Port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: fleetwright.v1, bearer.{key}\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        var client = new RawClient(socket);
        var answer = new StringBuilder();
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var one = new byte[1];
            Assert.Equal(1, await socket.ReceiveAsync(one));
            answer.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 101", answer.ToString(), StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Protocol: fleetwright.v1\r\n", answer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(key, answer.ToString(), StringComparison.Ordinal);
        return client;
    }

    /// <summary>One frame, masked with zeros.</summary>
    public async Task SendFrameAsync(int opcode, string payload, bool final = true)
    {
        var bytes = Encoding.UTF8.GetBytes(payload);
        Assert.True(bytes.Length < 126);
        byte[] frame = [(byte)((final ? 0x80 : 0) | opcode), (byte)(0x80 | bytes.Length), 0, 0, 0, 0, .. bytes];
        await socket.SendAsync(frame);
    }

    /// <summary>One small frame of the server.</summary>
    public async Task<(int Opcode, byte[] Payload)> ReadFrameAsync()
    {
        var head = await ReadAsync(2);
        var length = head[1] & 0x7f;
        if (length == 126)
        {
            var more = await ReadAsync(2);
            length = (more[0] << 8) | more[1];
        }

        return (head[0] & 0x0f, await ReadAsync(length));
    }

    public void Dispose() => socket.Dispose();

    private async Task<byte[]> ReadAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var got = await socket.ReceiveAsync(bytes.AsMemory(read), limit.Token);
            Assert.True(got > 0, "the server hung up");
            read += got;
        }

        return bytes;
    }
}
