using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;

namespace Fleetwright.Tests.Events;

public sealed class WebSocketDoorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connect_WithoutKey_IsRefused()
    {
        await using var host = await DoorHost.StartAsync();

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => DoorClient.ConnectAsync(host.Url, "fw_wrong"));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, host.Clients.Count);
    }

    [Fact]
    public async Task Connect_ForeignPage_IsRefused()
    {
        await using var host = await DoorHost.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + host.AdminKey);
        socket.Options.SetRequestHeader("Origin", "https://evil.example");

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(host.Url, Cancel));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_KeyAsSubProtocol_IsTakenAndNotSaidBack()
    {
        await using var host = await DoorHost.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("fleetwright.v1");
        socket.Options.AddSubProtocol("bearer." + host.AdminKey);

        await socket.ConnectAsync(host.Url, Cancel);

        Assert.Equal("fleetwright.v1", socket.SubProtocol);
    }

    [Fact]
    public async Task Connect_OtherSubProtocol_IsRefused()
    {
        await using var host = await DoorHost.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + host.AdminKey);
        socket.Options.AddSubProtocol("fleetwright.v9");

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(host.Url, Cancel));
        Assert.Contains("400", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_PlainGet_IsToldWhatItIs()
    {
        await using var host = await DoorHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Http };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + host.AdminKey);

        using var answer = await http.GetAsync("/ws", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("fleetwright.v1", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_MoreThanMayBe_IsRefusedUntilOneLeaves()
    {
        await using var host = await DoorHost.StartAsync(new() { ["WebSocket:MaxClients"] = "2" });
        var first = await host.ConnectAsync();
        await host.ConnectAsync();

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => host.ConnectAsync());
        Assert.Contains("429", refused.Message, StringComparison.Ordinal);

        await first.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await Eventually.IsTrue(() => host.Clients.Count == 1, "the first has left");
        await host.ConnectAsync();
    }

    [Fact]
    public async Task Hello_Version1_TellsLimitsAndChannels()
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();

        await client.SendAsync("""{"type":"hello","version":1}""");

        var hello = await client.NextAsync("hello");
        Assert.Equal("fleetwright.v1", hello.GetProperty("protocol").GetString());
        Assert.Equal(65536, hello.GetProperty("limits").GetProperty("maxMessageBytes").GetInt32());
        Assert.Equal(
            ["devices", "events", "secret", "test", "two", "two"],
            hello.GetProperty("channels").EnumerateArray().Select(channel => channel.GetProperty("name").GetString()));
        var filter = hello.GetProperty("channels")[0].GetProperty("filter");
        Assert.StartsWith("Id or name", filter.GetProperty("properties").GetProperty("device").GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "invalid")]
    [InlineData("""{"type":"fly"}""", "invalid")]
    [InlineData("""{"type":"hello","version":9}""", "invalid")]
    [InlineData("""{"type":"subscribe","id":"x","channel":"nothing"}""", "notFound")]
    [InlineData("""{"type":"subscribe","id":"x","channel":"devices","filter":{"devise":"nas"}}""", "invalid")]
    [InlineData("""{"type":"subscribe","id":"x","channel":"devices","filter":{"device":7}}""", "invalid")]
    [InlineData("""{"type":"subscribe","id":"x","channel":"devices","filter":{"device":"nobody"}}""", "notFound")]
    [InlineData("""{"type":"subscribe","id":"x","channel":"test"}""", "invalid")]
    [InlineData("""{"type":"subscribe","id":"x","channel":"test","filter":{"do":"refuse"}}""", "deviceAway")]
    [InlineData("""{"type":"subscribe","id":"x","channel":"two"}""", "invalid")]
    [InlineData("""{"type":"subscribe","id":"x","channel":"two","filter":{"one":"1","two":"2"}}""", "invalid")]
    [InlineData("""{"type":"unsubscribe","id":"x"}""", "notFound")]
    public async Task Send_Wrong_IsAnsweredAndTheConnectionStays(string message, string code)
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();

        await client.SendAsync(message);
        var error = await client.NextAsync("error");
        await client.SendAsync("""{"type":"ping","id":"p"}""");

        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.NotEmpty(error.GetProperty("nextStep").GetString()!);
        Assert.DoesNotContain("System.", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("p", (await client.NextAsync("pong")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Send_Binary_IsAnsweredAndTheConnectionStays()
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();

        await client.SendAsync([1, 2, 3], WebSocketMessageType.Binary);
        Assert.Equal("invalid", (await client.NextAsync("error")).GetProperty("code").GetString());
        await client.SendAsync("""{"type":"ping"}""");
        await client.NextAsync("pong");
    }

    [Fact]
    public async Task Send_InFragments_IsPutTogether()
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();
        var padding = new string(' ', 3000);

        await client.SendAsync("{\"type\":" + padding, end: false);
        await client.SendAsync(padding + "\"ping\",", end: false);
        await client.SendAsync("\"id\":\"ä\"}");

        Assert.Equal("ä", (await client.NextAsync("pong")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Send_AsLargeAsMayBe_IsReadAndOneByteMoreClosesWith1009()
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();

        await client.SendAsync("""{"type":"ping"}""".PadRight(65536));
        await client.NextAsync("pong");
        await client.SendAsync("""{"type":"ping"}""".PadRight(65537));

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await client.ClosedAsync());
        await client.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await Eventually.IsTrue(() => host.Clients.Count == 0, "it has gone");
    }

    [Fact]
    public async Task Close_ByTheClient_IsAnsweredWithItsCode()
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();
        await client.SubscribeAsync("t", "test", """{"do":"wait"}""");
        await client.NextAsync("ack");

        await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", Cancel);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.Socket.CloseStatus);
        await Eventually.IsTrue(() => host.Clients.Count == 0 && host.Channel.Held == 0, "nothing of it is left");
    }

    [Fact]
    public async Task Disconnect_WithoutAWord_LeavesNothing()
    {
        await using var host = await DoorHost.StartAsync();
        using (var raw = await host.ConnectRawAsync())
        {
            await raw.SendFrameAsync(1, """{"type":"subscribe","id":"t","channel":"test","filter":{"do":"wait"}}""");
            await Eventually.IsTrue(() => host.Channel.Held == 1, "it subscribed");
        }

        await Eventually.IsTrue(() => host.Clients.Count == 0 && host.Channel.Held == 0, "nothing of it is left");
    }

    [Fact]
    public async Task Ping_OfTheProtocolItself_IsAnswered()
    {
        await using var host = await DoorHost.StartAsync();
        using var raw = await host.ConnectRawAsync();

        await raw.SendFrameAsync(9, "abc");

        var (opcode, payload) = await raw.ReadFrameAsync();
        Assert.Equal((10, "abc"), (opcode, System.Text.Encoding.ASCII.GetString(payload)));
    }

    [Fact]
    public async Task Heartbeat_NotAnswered_IsCutOff()
    {
        await using var host = await DoorHost.StartAsync(new() { ["WebSocket:HeartbeatInterval"] = "00:00:01", ["WebSocket:HeartbeatTimeout"] = "00:00:01" });
        var answering = await host.ConnectAsync();
        using var silent = await host.ConnectRawAsync();
        await answering.SendAsync("""{"type":"ping"}""");
        await answering.NextAsync("pong");
        Assert.Equal(2, host.Clients.Count);
        var listening = answering.NextAsync();

        Assert.Equal(9, (await silent.ReadFrameAsync()).Opcode);
        await Eventually.IsTrue(() => host.Clients.Count == 1, "the silent one is cut off");

        // ClientWebSocket answers pings while it is read.
        await answering.SendAsync("""{"type":"ping"}""");
        Assert.Equal("pong", (await listening)!.Value.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Subscribe_Unsubscribe_LetsGoAndFreesTheId()
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.SubscribeAsync("t", "test", """{"do":"wait"}""");
            Assert.Equal("subscribe", (await client.NextAsync("ack")).GetProperty("to").GetString());
            Assert.Equal(1, (await client.NextAsync("event")).GetProperty("seq").GetInt64());
            await client.SendAsync("""{"type":"unsubscribe","id":"t"}""");
            Assert.Equal("unsubscribe", (await client.NextAsync("ack")).GetProperty("to").GetString());
            await Eventually.IsTrue(() => host.Channel.Held == 0, "it let go");
        }
    }

    [Fact]
    public async Task Subscribe_TakenIdOrTooMany_IsRefused()
    {
        await using var host = await DoorHost.StartAsync(new() { ["WebSocket:MaxSubscriptions"] = "2" });
        var client = await host.ConnectAsync();
        await client.SubscribeAsync("1", "test", """{"do":"wait"}""");
        await client.SubscribeAsync("1", "test", """{"do":"wait"}""");
        Assert.Equal("conflict", (await client.NextAsync("error")).GetProperty("code").GetString());
        await client.SubscribeAsync("2", "events");
        await client.SubscribeAsync("3", "events");
        Assert.Equal("rateLimited", (await client.NextAsync("error")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Subscribe_ChannelEnds_TellsTheEnd()
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();
        await client.SubscribeAsync("t", "test", """{"do":"end"}""");

        var end = await client.NextAsync("end");

        Assert.Equal(("t", 1), (end.GetProperty("id").GetString(), end.GetProperty("seq").GetInt32()));
        Assert.False(end.TryGetProperty("code", out _));
    }

    [Fact]
    public async Task Subscribe_ChannelFails_EndsWithAReferenceAndNoSecret()
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();
        await client.SubscribeAsync("t", "test", """{"do":"fail"}""");

        var end = await client.NextAsync("end");

        Assert.Equal("internal", end.GetProperty("code").GetString());
        Assert.DoesNotContain("secret", end.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscribe_ScopeTooNarrow_IsForbidden()
    {
        await using var host = await DoorHost.StartAsync();
        var key = await host.Keys.CreateAsync("reader", ["read"], null, Cancel);
        var client = await host.ConnectAsync(key.Secret);

        await client.SubscribeAsync("s", "secret");

        Assert.Equal("forbidden", (await client.NextAsync("error")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Devices_AddedChangedRemoved_AreToldAfterASnapshot()
    {
        await using var host = await DoorHost.StartAsync();
        await host.Registry.AddAsync(Nas("nas"), Cancel);
        var client = await host.ConnectAsync();
        await client.SubscribeAsync("d", "devices");

        var snapshot = await client.NextAsync("event");
        Assert.Equal("nas", Assert.Single(Data(snapshot).GetProperty("devices").EnumerateArray()).GetProperty("name").GetString());

        await host.Registry.AddAsync(Nas("backup"), Cancel);
        host.Registry.ReportFailure("nas", new ConnectionException(ConnectionFailure.Refused, "Nothing listens.", "Start sshd."), TimeProvider.System.GetUtcNow());
        await host.Registry.RemoveAsync("backup", Cancel);

        var told = new List<JsonElement> { await client.NextAsync("event"), await client.NextAsync("event"), await client.NextAsync("event") };
        Assert.Equal(["added", "status", "removed"], told.Select(one => one.GetProperty("event").GetString()));
        Assert.Equal([2, 3, 4], told.Select(one => one.GetProperty("seq").GetInt32()));
        Assert.Equal("offline", Data(told[1]).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Events_FilteredByTypeAndDevice_TellsThoseAlone()
    {
        await using var host = await DoorHost.StartAsync();
        await host.Registry.AddAsync(Nas("nas"), Cancel);
        var client = await host.ConnectAsync();
        await client.SubscribeAsync("e", "events", """{"type":"a.","device":"NAS"}""");
        await client.NextAsync("ack");

        host.Publish("a.one", "other");
        host.Publish("b.two", "nas");
        host.Publish("a.three", "nas", new { Value = 3 });

        var told = await client.NextAsync("event");
        Assert.Equal(("a.three", 1), (told.GetProperty("event").GetString(), told.GetProperty("seq").GetInt32()));
        Assert.Equal(3, Data(told).GetProperty("value").GetInt32());
    }

    [Fact]
    public async Task Key_RevokedWhileConnected_EndsTheConnection()
    {
        await using var host = await DoorHost.StartAsync(new() { ["WebSocket:KeyCheckInterval"] = "00:00:01" });
        var key = await host.Keys.CreateAsync("reader", ["read"], null, Cancel);
        var revoked = await host.ConnectAsync(key.Secret);
        var other = await host.ConnectAsync();

        await host.Keys.RevokeAsync("reader", Cancel);

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await revoked.ClosedAsync());
        await other.SendAsync("""{"type":"ping"}""");
        await other.NextAsync("pong");
    }

    [Fact]
    public async Task Server_Stops_ClosesWith1001()
    {
        await using var host = await DoorHost.StartAsync();
        var client = await host.ConnectAsync();
        await client.SubscribeAsync("t", "test", """{"do":"wait"}""");
        await client.NextAsync("ack");

        var stopping = host.StopAsync();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await client.ClosedAsync());
        await client.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await stopping.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
    }

    private static JsonElement Data(JsonElement message) => message.GetProperty("data");

    private static NewDevice Nas(string name) => new() { Name = name, Address = new DeviceAddress { Host = name + ".test" } };
}
