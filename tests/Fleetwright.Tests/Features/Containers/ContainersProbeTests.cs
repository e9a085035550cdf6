using Fleetwright.Features.Containers;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;
using Fleetwright.Tests.Connections.Docker;

namespace Fleetwright.Tests.Features.Containers;

public sealed class ContainersProbeTests
{
    private readonly ProbeMemory _memory = new();
    private readonly ContainersProbe _probe = new(new DockerEngines(), TimeProvider.System);
    private DateTimeOffset _now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Ask_NothingChanged_InspectsOnce()
    {
        await using var engine = await StartAsync("Up 2 hours", "Exited (0) 3 days ago");
        await AskAsync(engine);
        _now += TimeSpan.FromSeconds(30);

        await AskAsync(engine);

        Assert.Equal(1, engine.CountOf("/aaaa/json"));
        Assert.Equal(1, engine.CountOf("/bbbb/json"));
        Assert.Equal(1, engine.CountOf("/images/json"));
        Assert.Equal(2, engine.CountOf("/containers/json"));
    }

    [Fact]
    public async Task Ask_RestartedInBetween_InspectsThatOneAgain()
    {
        await using var engine = await StartAsync("Up 2 hours", "Exited (0) 3 days ago");
        await AskAsync(engine);
        _now += TimeSpan.FromSeconds(30);
        List(engine, "Up 7 seconds", "Exited (0) 3 days ago");

        await AskAsync(engine);

        Assert.Equal(2, engine.CountOf("/aaaa/json"));
        Assert.Equal(1, engine.CountOf("/bbbb/json"));
    }

    [Fact]
    public async Task Ask_TwoSamples_GiveTheRateAndThePoints()
    {
        await using var engine = await StartAsync("Up 2 hours", "Exited (0) 3 days ago");
        var samples = 0;
        engine.Answers["/containers/aaaa/stats"] = context =>
        {
            var taken = Interlocked.Increment(ref samples);
            const string Sample = """
                {"read":"2026-07-01T12:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":N500000000},"system_cpu_usage":N000000000,"online_cpus":4},
                 "memory_stats":{"usage":1000,"limit":4000,"stats":{"inactive_file":400}},"pids_stats":{"current":3},"networks":{"eth0":{"rx_bytes":5,"tx_bytes":7}}}
                """;
            // From 1.5 s of 1 to 2.5 s of 9: one second in eight, of four processors.
            return WriteAsync(context, Sample.Replace("N5", $"{taken}5", StringComparison.Ordinal).Replace("N0", $"{(taken * 8) - 7}0", StringComparison.Ordinal));
        };

        var reading = await AskAsync(engine);

        var usage = reading.Value!.Containers.Single(container => container.Name == "a").Usage!;
        Assert.Equal((50.0, 600L, 4000L), (usage.CpuPercent, usage.MemoryBytes, usage.MemoryLimitBytes));
        Assert.Null(usage.BlockReadBytes);
        var points = _probe.PointsOf(reading.Value).ToDictionary(
            point => point.Name + (point.Labels.Count > 1 ? ":" + point.Labels[1].Value : ""), point => point.Value, StringComparer.Ordinal);
        Assert.Equal((0.5, 0.125, 0.15, 5.0), (points["container.cpu.usage"], points["container.cpu.utilization"], points["container.memory.utilization"], points["container.network.io:receive"]));
        Assert.DoesNotContain("container.disk.io:read", points.Keys);
    }

    [Fact]
    public async Task Ask_OneContainerFails_KeepsTheOthersAndSaysSo()
    {
        await using var engine = await StartAsync("Up 2 hours", "Exited (0) 3 days ago");
        engine.Answer("/containers/aaaa/stats", """{"message":"cgroup is gone"}""", 500);
        engine.Answer("/containers/bbbb/json", """{"message":"layer is gone"}""", 500);

        var reading = await AskAsync(engine);

        Assert.Equal(["a", "b"], reading.Value!.Containers.Select(container => container.Name));
        Assert.Equal(ContainerState.Exited, reading.Value.Containers[1].State);
        Assert.Null(reading.Value.Containers[0].Usage);
        Assert.Contains(reading.Value.Notes!, note => note.Contains("cgroup is gone", StringComparison.Ordinal));
        Assert.Contains(reading.Value.Notes!, note => note.Contains("layer is gone", StringComparison.Ordinal));
    }

    [Fact]
    public void WithoutAsking_NoEngine_IsNoData() =>
        Assert.Equal(ReadingStatus.NoData, _probe.WithoutAsking(Facts(null))!.Status);

    [Theory]
    [InlineData(ConnectionFailure.SocketNotPermitted, "/var/run/docker.sock", ReadingStatus.NotPermitted, "sudo usermod -aG docker anna")]
    [InlineData(ConnectionFailure.SocketMissing, "/var/run/docker.sock", ReadingStatus.Failed, "sudo systemctl start docker")]
    public void ReadingOf_SocketFailure_NamesTheCommandThatHelps(ConnectionFailure failure, string path, ReadingStatus status, string remedy)
    {
        var reading = EngineSocket.ReadingOf(new ConnectionException(failure, "x", "y"), Facts(path))!;

        Assert.Equal(status, reading.Status);
        Assert.StartsWith(remedy, reading.Remedy, StringComparison.Ordinal);
    }

    private static DeviceFacts Facts(string? socket) => new()
    {
        Type = DeviceType.Debian, Privileges = new DevicePrivileges { User = "anna" }, DockerSocketPath = socket,
    };

    private static async Task<EngineDouble> StartAsync(string first, string second)
    {
        var engine = await EngineDouble.StartAsync();
        List(engine, first, second);
        engine.Answer("/version", """{"Version":"28.2.2","ApiVersion":"1.41"}""");
        engine.Answer("/images/json", """[{"Id":"sha256:1","RepoDigests":["nginx@sha256:abc"]}]""");
        engine.Answer("/containers/aaaa/json", """{"Id":"aaaa","Name":"/a","Image":"sha256:1","State":{"Status":"running"},"RestartCount":2}""");
        engine.Answer("/containers/bbbb/json", """{"Id":"bbbb","Name":"/b","Image":"sha256:2","State":{"Status":"exited","ExitCode":0}}""");
        engine.Answer("/containers/aaaa/stats", "{}");
        return engine;
    }

    private static void List(EngineDouble engine, string first, string second) => engine.Answer("/containers/json", $$"""
        [{"Id":"aaaa","Names":["/a"],"Image":"nginx","ImageID":"sha256:1","State":"running","Status":"{{first}}"},
         {"Id":"bbbb","Names":["/b"],"Image":"busybox","ImageID":"sha256:2","State":"exited","Status":"{{second}}"}]
        """);

    private static Task WriteAsync(Microsoft.AspNetCore.Http.HttpContext context, string body) =>
        Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, body);

    private async Task<Reading<ContainerList>> AskAsync(EngineDouble engine)
    {
        var context = new ProbeContext
        {
            Device = new Device { Id = "d", Name = "d", Address = DeviceAddress.Local, AddedAt = _now },
            Facts = Facts(engine.SocketPath),
            Now = _now,
            Memory = _memory,
        };
        var reading = await _probe.AskAsync(engine.Connection, context, CancellationToken.None);
        Assert.True(reading.Status == ReadingStatus.Ok, reading.Reason);
        return reading;
    }
}
