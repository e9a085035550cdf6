using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Events.WebSockets;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Events;

/// <summary>
/// Every message of the server, as clients see it, in messages.txt beside this file: a change of the protocol shows there.
/// FLEETWRIGHT_WRITE_SNAPSHOTS=1 writes it anew.
/// </summary>
public sealed class MessageFormTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task Messages_AllOfThem_AreAsCommitted()
    {
        var file = Path.Combine(Root(), "tests", "Fleetwright.Tests", "Events", "messages.txt");
        var now = string.Join('\n', Messages()) + "\n";
        if (Environment.GetEnvironmentVariable("FLEETWRIGHT_WRITE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(file, now, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), now);
    }

    [Fact]
    public void Messages_AllOfThem_AreJson() => Assert.All(Messages(), message => JsonElement.Parse(message));

    private static IEnumerable<string> Messages()
    {
        var failure = OperationException.NotFound("There is no device 'nas'.", "list_devices names them.");
        var channels = new JsonArray(new JsonObject { ["name"] = "devices", ["description"] = "…", ["scope"] = "read", ["filter"] = new JsonObject() });
        yield return Text(WebSocketProtocol.Hello("h", channels, new WebSocketDoorOptions()));
        yield return Text(WebSocketProtocol.Ack("m1", "subscribe", "metrics"));
        yield return Text(WebSocketProtocol.Ack("m1", "unsubscribe", "metrics"));
        yield return Text(WebSocketProtocol.Pong("p", At));
        yield return Text(WebSocketProtocol.Pong(null, At));
        yield return Text(WebSocketProtocol.Error("m1", failure));
        yield return Text(WebSocketProtocol.Error(null, failure));
        yield return Text(WebSocketProtocol.Dropped(3, 7, [("m1", 2), ("l1", 1)]));
        yield return Text(WebSocketProtocol.End("l1", "logs", 12, failure));
        yield return Text(WebSocketProtocol.End("l1", "logs", 12, failure: null));
        var state = new DeviceState { Status = DeviceStatus.Offline, Reason = "Connection refused.", Advice = "Start sshd.", Since = At };
        yield return Event(new LiveMessage
        {
            Event = "status", At = At, Device = "nas", Subject = "x\"y", Data = LiveDevice.Shown(new()
            {
                Type = "device.status", At = At, Data = new DeviceStatusChange("nas", DeviceStatus.Online, state),
            }),
        });
        yield return Event(new LiveMessage { Event = "first", At = At });
    }

    private static string Event(LiveMessage message)
    {
        var outbound = new OutboundMessage(message.Body, WebSocketProtocol.EventStart("m\"1", "devices"), 4);
        var buffer = new byte[outbound.MaxLength];
        return Encoding.UTF8.GetString(buffer, 0, outbound.CopyTo(buffer));
    }

    private static string Text(byte[] message) => Encoding.UTF8.GetString(message);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Fleetwright.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run inside the repository.");
        }

        return folder.FullName;
    }
}
