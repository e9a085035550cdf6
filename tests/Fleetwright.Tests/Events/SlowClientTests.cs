using System.Text.Json;

namespace Fleetwright.Tests.Events;

public sealed class SlowClientTests
{
    [Fact]
    public async Task SlowClient_DoesNotSlowAnother_AndLosesOnlyItsOwn()
    {
        await using var host = await DoorHost.StartAsync(new() { ["WebSocket:SendTimeout"] = "00:10:00", ["WebSocket:QueueMessages"] = "64" });
        using var slow = await host.ConnectRawAsync(receiveBuffer: 4096);
        await slow.SendFrameAsync(1, """{"type":"subscribe","id":"e","channel":"events"}""");
        await slow.ReadFrameAsync();
        var quick = await host.ConnectAsync();
        await quick.SubscribeAsync("e", "events", """{"type":"load."}""");
        await quick.NextAsync("ack");

        // Far more than the buffers of the way hold; the next is sent when the quick one has the last.
        const int Count = 800;
        var data = new string('x', 30_000);
        for (var i = 1; i <= Count; i++)
        {
            host.Publish("load.step", data: data);
            Assert.Equal(i, (await quick.NextAsync("event")).GetProperty("seq").GetInt32());
        }

        await Eventually.IsTrue(() => host.Clients.Dropped > 0, "the slow one lost some");
        Assert.Equal(2, host.Clients.Count);

        // It reads again: what it got and what it was told it lost is all there was.
        host.Publish("load.last");
        var (got, lost, last) = (0L, 0L, 0L);
        while (got + lost < Count + 1)
        {
            var message = await ReadAsync(slow);
            if (message.GetProperty("type").GetString() == "dropped")
            {
                lost += message.GetProperty("count").GetInt64();
                continue;
            }

            var sequence = message.GetProperty("seq").GetInt64();
            Assert.True(sequence > last);
            (got, last) = (got + 1, sequence);
        }

        Assert.Equal(Count + 1, last);
        Assert.Equal(lost, host.Clients.Dropped);
    }

    [Fact]
    public async Task SlowClient_TakesNothingForTooLong_IsCutOff()
    {
        await using var host = await DoorHost.StartAsync(new() { ["WebSocket:SendTimeout"] = "00:00:01" });
        using var slow = await host.ConnectRawAsync(receiveBuffer: 4096);
        await slow.SendFrameAsync(1, """{"type":"subscribe","id":"t","channel":"test","filter":{"do":"flood","number":2000}}""");

        await Eventually.IsTrue(() => host.Clients.Count == 0, "it is cut off");

        Assert.True(host.Clients.Dropped > 0);
        Assert.Equal(0, host.Channel.Held);
    }

    [Fact]
    public async Task ClientThatFloodsWithoutReading_IsBounded()
    {
        await using var host = await DoorHost.StartAsync(new() { ["WebSocket:SendTimeout"] = "00:00:01" });
        using var rude = await host.ConnectRawAsync(receiveBuffer: 4096);
        using var guard = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var padding = new string(' ', 60);
        try
        {
            while (!guard.IsCancellationRequested)
            {
                await rude.SendFrameAsync(1, "{\"type\":\"fly\"" + padding + "}").WaitAsync(guard.Token);
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Cut off.
        }

        await Eventually.IsTrue(() => host.Clients.Count == 0, "it is cut off");
    }

    private static async Task<JsonElement> ReadAsync(RawClient client)
    {
        var (opcode, payload) = await client.ReadFrameAsync();
        Assert.Equal(1, opcode);
        return JsonElement.Parse(payload);
    }
}
