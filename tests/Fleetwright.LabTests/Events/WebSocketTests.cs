using System.Text.Json;
using Fleetwright.LabTests.Containers;
using Fleetwright.LabTests.Lab;
using Fleetwright.LabTests.Mcp;

namespace Fleetwright.LabTests.Events;

/// <summary>A client that nobody here wrote, against the built program and the lab.</summary>
public sealed class WebSocketTests(FleetLab lab, ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task DevicesAndMetrics_Watched_ArriveEveryFewSecondsUntilTheClientLeaves()
    {
        await using var program = await LiveProgram.StartAsync(lab, "root-bash");
        var client = await program.ConnectAsync(keyAsProtocol: true);
        await using (client)
        {
            await client.SubscribeAsync("d", "devices", new { device = "root-bash" });
            await client.SubscribeAsync("m", "metrics", new { device = "root-bash" });

            var devices = Data(await client.EventAsync("d"));
            Assert.Equal("online", NodeWebSocket.Text(devices.GetProperty("devices")[0], "status"));
            var snapshot = await client.EventAsync("m");
            Assert.Equal("snapshot", NodeWebSocket.Text(snapshot, "event"));
            Assert.Equal("ok", NodeWebSocket.Text(Data(snapshot), "status"));
            var first = At(await client.EventAsync("m", IsReading));
            var fourth = first;
            for (var i = 0; i < 3; i++)
            {
                fourth = At(await client.EventAsync("m", IsReading));
            }

            output.WriteLine($"three readings in {(fourth - first).TotalSeconds:0.0} s");
            // Unwatched they would take a minute and a half.
            Assert.True(fourth - first < TimeSpan.FromSeconds(30), $"{fourth - first}");
            Assert.True(await IsWatchedAsync(program, "root-bash"));
        }

        await Eventually.GetAsync(() => IsWatchedAsync(program, "root-bash"), watched => !watched, Limit);
    }

    [Fact]
    public async Task Containers_StateChanges_ArriveAtOnceAndTheirLogIsFollowed()
    {
        await using var container = await ThrowawayContainer.RunAsync(lab, "while :; do printf 'tick \\033[31mred\\033[0m\\n'; sleep 1; done");
        await using var program = await LiveProgram.StartAsync(lab, "root-bash");
        await using var client = await program.ConnectAsync();
        await client.SubscribeAsync("c", "containers", new { device = "root-bash" });
        await client.SubscribeAsync("e", "events", new { type = "container.", device = "root-bash" });
        await client.SubscribeAsync("l", "logs", new { device = "root-bash", container = container.Name, tail = 1 });

        var snapshot = await client.EventAsync("c");
        Assert.Contains(Data(snapshot).GetProperty("value").GetProperty("containers").EnumerateArray(), one => NodeWebSocket.Text(one, "name") == "healthy");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("tick red", NodeWebSocket.Text(Data(await client.EventAsync("l")), "text"));
        }

        await container.DockerAsync("pause", container.Name);
        bool Paused(JsonElement message) => NodeWebSocket.Text(message, "subject") == container.Name && NodeWebSocket.Text(Data(message), "action") == "pause";
        var state = await client.EventAsync("c", Paused);
        Assert.Equal("state", NodeWebSocket.Text(state, "event"));
        var delay = At(state) - Data(state).GetProperty("at").GetDateTimeOffset();
        output.WriteLine($"told {delay.TotalMilliseconds:0} ms after the engine saw it");
        Assert.True(delay < TimeSpan.FromSeconds(5), $"{delay}");
        Assert.Equal("container.state", NodeWebSocket.Text(await client.EventAsync("e", Paused), "event"));
        await client.EventAsync("c", message => IsReading(message) && Data(message).GetProperty("value").GetProperty("containers").EnumerateArray()
            .Any(one => NodeWebSocket.Text(one, "name") == container.Name && NodeWebSocket.Text(one, "state") == "paused"));

        await client.SendAsync("""{"type":"subscribe","id":"x","channel":"logs","filter":{"device":"root-bash","container":"no-such"}}""");
        var error = await client.NextAsync(message => NodeWebSocket.Text(message, "type") == "error");
        Assert.Equal("notFound", NodeWebSocket.Text(error, "code"));
    }

    [Theory]
    [InlineData("root-bash", "")]
    // All channels but one are the engine's there: the log is asked for again and again.
    [InlineData("user-sudo", "sudo -n ")]
    public async Task SystemLog_Grows_IsFollowedAndLetGo(string device, string sudo)
    {
        async Task<LabResult> RootAsync(string script) => (await lab.SshAsync(device, $"{sudo}sh -c '{script}'")).OrThrow(script);
        const string Follower = "[t]ail -n 1 -F /var/log/syslog";
        await RootAsync("umask 077; echo \"Nov 21 02:02:16 lab old: before\" >/var/log/syslog");
        try
        {
            await using var program = await LiveProgram.StartAsync(lab, device);
            await using var client = await program.ConnectAsync();
            await client.SubscribeAsync("s", "logs", new { device, source = "system", tail = 1 });

            Assert.Equal("file /var/log/syslog", NodeWebSocket.Text(Data(await client.EventAsync("s")), "origin"));
            Assert.Equal("before", NodeWebSocket.Text(Data(await client.EventAsync("s")), "text"));
            await RootAsync("printf \"Nov 21 02:02:17 lab sshd[42]: \\033[31mAccepted\\033[0m <b>key</b>\\n\" >>/var/log/syslog");
            var line = Data(await client.EventAsync("s"));
            Assert.Equal("Accepted <b>key</b>", NodeWebSocket.Text(line, "text"));
            Assert.Equal("sshd", NodeWebSocket.Text(line, "identifier"));
            Assert.Equal(42, line.GetProperty("pid").GetInt32());

            // Rotated as logrotate does it.
            await RootAsync("mv /var/log/syslog /var/log/syslog.1; echo \"2026-11-21T02:02:18+00:00 lab cron: after\" >/var/log/syslog");
            Assert.Equal("after", NodeWebSocket.Text(Data(await client.EventAsync("s", message => NodeWebSocket.Text(Data(message), "text") != "before")), "text"));

            if (device == "root-bash")
            {
                Assert.Equal(0, (await lab.SshAsync(device, $"pgrep -f \"{Follower}\"")).ExitCode);
            }

            await client.SendAsync("""{"type":"unsubscribe","id":"s"}""");
            await Eventually.GetAsync(async () => (await lab.SshAsync(device, $"pgrep -fa \"{Follower}\"")).Output, running => running.Length == 0, Limit);
        }
        finally
        {
            await RootAsync("rm -f /var/log/syslog /var/log/syslog.1");
        }
    }

    [Fact]
    public async Task Logs_DeviceWithout_SaysSoWithANextStep()
    {
        await using var program = await LiveProgram.StartAsync(lab, "busybox-ash");
        await using var client = await program.ConnectAsync();

        await client.SendAsync("""{"type":"subscribe","id":"s","channel":"logs","filter":{"device":"busybox-ash","source":"system"}}""");

        var error = await client.NextAsync(message => NodeWebSocket.Text(message, "type") == "error");
        Assert.Equal("notFound", NodeWebSocket.Text(error, "code"));
        Assert.NotEmpty(NodeWebSocket.Text(error, "nextStep")!);
    }

    [Fact]
    public async Task Metrics_DeviceAway_ComeFromTheLastReadingAndSayWhy()
    {
        await using var program = await LiveProgram.StartAsync(lab, "root-bash");
        await program.PauseAsync("root-bash");
        await using var client = await program.ConnectAsync();

        await client.SubscribeAsync("m", "metrics", new { device = "root-bash" });

        var snapshot = Data(await client.EventAsync("m"));
        Assert.Equal("cached", NodeWebSocket.Text(snapshot, "source"));
        Assert.Contains("paused", NodeWebSocket.Text(snapshot, "cachedBecause"), StringComparison.Ordinal);
        Assert.True(snapshot.TryGetProperty("value", out _));
    }

    [Fact]
    public async Task ClientThatStopsReading_AnotherGoesOn_AndItGetsTheRestLater()
    {
        await using var program = await LiveProgram.StartAsync(lab, "root-bash");
        await using var slow = await program.ConnectAsync();
        await using var quick = await program.ConnectAsync();
        foreach (var client in (NodeWebSocket[])[slow, quick])
        {
            await client.SubscribeAsync("l", "logs", new { device = "root-bash", container = "chatty", tail = 0 });
            await client.EventAsync("l");
        }

        await slow.SendAsync("!pause");
        for (var i = 2; i <= 200; i++)
        {
            Assert.Equal(i, (await quick.EventAsync("l")).GetProperty("seq").GetInt32());
        }

        await slow.SendAsync("!resume");
        var (got, lost) = (1L, 0L);
        while (got + lost < 200)
        {
            var message = await slow.NextAsync(_ => true);
            if (NodeWebSocket.Text(message, "type") == "dropped")
            {
                lost += message.GetProperty("count").GetInt64();
            }
            else
            {
                Assert.Equal(++got + lost, message.GetProperty("seq").GetInt64());
            }
        }
    }

    [Fact]
    public async Task ManyClients_WatchOneDevice_AllGetEveryReading()
    {
        await using var program = await LiveProgram.StartAsync(lab, "root-bash");

        var result = await NodeClients.RunAsync(
            TimeSpan.FromMinutes(2), "websocket-fanout.mjs", program.Url.ToString(), program.Key, "250", "metrics", """{"device":"root-bash"}""", "4");

        output.WriteLine(result.ToString());
        Assert.True(result.ExitCode == 0, result.ToString());
        var report = JsonElement.Parse(result.Output);
        Assert.Equal(250, report.GetProperty("clients").GetInt32());
        Assert.True(report.GetProperty("events").GetInt32() >= 1000);
        Assert.Equal(report.GetProperty("dropped").GetInt64(), report.GetProperty("gaps").GetInt64());
    }

    [Fact]
    public async Task Wrong_BinaryAndMalformed_AreAnsweredAndTheCloseIsClean()
    {
        await using var program = await LiveProgram.StartAsync(lab);
        await using var client = await program.ConnectAsync();

        foreach (var wrong in (string[])["!binary", "{", """{"type":"fly"}"""])
        {
            await client.SendAsync(wrong);
            Assert.Equal("invalid", NodeWebSocket.Text(await client.NextAsync(_ => true), "code"));
        }

        await client.SendAsync("!close");
        Assert.StartsWith("!closed 1000", await client.LineAsync(), StringComparison.Ordinal);
    }

    private static async Task<bool> IsWatchedAsync(LiveProgram program, string device) =>
        (await program.GetAsync("/api/server/health")).GetProperty("polling").GetProperty("slowest").EnumerateArray()
            .Single(one => NodeWebSocket.Text(one, "device") == device).GetProperty("watched").GetBoolean();

    private static bool IsReading(JsonElement message) => NodeWebSocket.Text(message, "event") == "reading";

    private static JsonElement Data(JsonElement message) => message.GetProperty("data");

    private static DateTimeOffset At(JsonElement message) => message.GetProperty("at").GetDateTimeOffset();
}
