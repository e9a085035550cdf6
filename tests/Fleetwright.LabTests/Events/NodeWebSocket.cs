using System.Diagnostics;
using System.Text.Json;
using Fleetwright.LabTests.Mcp;

namespace Fleetwright.LabTests.Events;

/// <summary>A connection by the package ws, in a process of its own: what is written is sent, what comes is read.</summary>
internal sealed class NodeWebSocket : IAsyncDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly List<JsonElement> _passed = [];

    private NodeWebSocket(Process process) => _process = process;

    public static async Task<NodeWebSocket> ConnectAsync(Uri url, string key, bool keyAsProtocol = false)
    {
        List<string> arguments = [Path.Combine(NodeClients.Folder, "websocket-client.mjs"), url.ToString(), key];
        if (keyAsProtocol)
        {
            arguments.Add("as-protocol");
        }

        var start = new ProcessStartInfo(Path.Combine(NodeClients.NodeFolder, "node"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
#pragma warning disable RS0030 // A foreign client, run as a person would.
        var client = new NodeWebSocket(Process.Start(start) ?? throw new InvalidOperationException("node did not start"));
#pragma warning restore RS0030
        Assert.Equal("!open fleetwright.v1", await client.LineAsync());
        return client;
    }

    public async Task SendAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Subscribes, and waits until the server says that it does.</summary>
    public async Task SubscribeAsync(string id, string channel, object filter)
    {
        await SendAsync(JsonSerializer.Serialize(new { type = "subscribe", id, channel, filter }));
        await NextAsync(message => Text(message, "type") is "ack" or "error" && Text(message, "id") == id, message =>
            Assert.True(Text(message, "type") == "ack", message.ToString()));
    }

    /// <summary>The next event of that subscription that fits; others of it before are passed over, those of other subscriptions are kept.</summary>
    public Task<JsonElement> EventAsync(string id, Func<JsonElement, bool>? fits = null) =>
        NextAsync(message => Text(message, "type") == "event" && Text(message, "id") == id && fits?.Invoke(message) != false);

    public async Task<JsonElement> NextAsync(Func<JsonElement, bool> fits, Action<JsonElement>? check = null)
    {
        var kept = _passed.FindIndex(message => fits(message));
        JsonElement found;
        if (kept >= 0)
        {
            found = _passed[kept];
            _passed.RemoveAt(kept);
        }
        else
        {
            while (!fits(found = JsonElement.Parse(await LineAsync())))
            {
                _passed.Add(found);
            }
        }

        check?.Invoke(found);
        return found;
    }

    /// <summary>The next line of the client, whatever it is.</summary>
    public async Task<string> LineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(Guard)
        ?? throw new InvalidOperationException("the client ended");

    public static string? Text(JsonElement message, string member) =>
        message.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
