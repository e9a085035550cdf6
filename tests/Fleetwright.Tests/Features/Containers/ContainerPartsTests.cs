using System.Text;
using Fleetwright.Features.Containers;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Features.Containers;

public sealed class ContainerPartsTests
{
    [Theory]
    [InlineData("Up Less than a second", 0)]
    [InlineData("Up 1 second", 1)]
    [InlineData("Up About a minute (healthy)", 60)]
    [InlineData("Up 59 minutes", 3540)]
    [InlineData("Up About an hour", 3600)]
    [InlineData("Up 2 hours", 5400)]
    [InlineData("Exited (137) 2 weeks ago", 1_209_600)]
    [InlineData("Created", null)]
    [InlineData(null, null)]
    public void ShortestAge_EnginesText_IsNeverTooLong(string? status, int? seconds) =>
        Assert.Equal(seconds, StatusText.ShortestAge(status)?.TotalSeconds);

    [Fact]
    public void Usage_CorpusStats_CountsMemoryAsTheDockerCommandDoes()
    {
        var path = Corpus.Files("docker/stats").Single(file => file.EndsWith("beszel__container.json", StringComparison.Ordinal));

        var usage = UsageMath.Of(EngineJson.Stats(EngineJson.Elements(File.ReadAllBytes(path))[0])!, null)!;

        Assert.Equal(507400192 - 165130240, usage.MemoryBytes);
        Assert.Equal(20376558 + 2003766, usage.NetworkSentBytes);
        Assert.Null(usage.CpuPercent);
    }

    [Fact]
    public void Usage_EveryCorpusStats_IsReadWithoutFailure()
    {
        foreach (var path in Corpus.Files("docker/stats"))
        {
            var stats = EngineJson.Stats(EngineJson.Elements(File.ReadAllBytes(path))[0])!;
            var usage = UsageMath.Of(stats, null);
            Assert.True(usage is null || usage.CpuPercent is null or >= 0, path);
            Assert.True(usage?.MemoryBytes is null or >= 0, path);
        }
    }

    // cgroup v1 of Docker 20.10 with its own sample before; "no limit" is written near 2^63 and 2^64.
    [Fact]
    public void Usage_OwnPredecessorAndHugeLimits_AreUnderstood()
    {
        var usage = UsageMath.Of(
            Stats("""
                {"read":"2026-01-01T00:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":300,"percpu_usage":[1,2]},"system_cpu_usage":2000},
                 "precpu_stats":{"cpu_usage":{"total_usage":100},"system_cpu_usage":1000},
                 "memory_stats":{"usage":900,"limit":9223372036854771712,"stats":{"total_inactive_file":100,"inactive_file":5,"cache":300}},
                 "pids_stats":{"current":4,"limit":18446744073709551615},
                 "blkio_stats":{"io_service_bytes_recursive":[{"op":"Read","value":10},{"op":"Write","value":2},{"op":"Total","value":12},{"op":"read","value":1}]}}
                """),
            null)!;

        Assert.Equal((40.0, 2, 800L), (usage.CpuPercent, usage.CpuCount, usage.MemoryBytes));
        Assert.Equal((11L, 2L), (usage.BlockReadBytes, usage.BlockWrittenBytes));
        Assert.Null(usage.MemoryLimitBytes);
        Assert.Null(usage.PidsLimit);
    }

    [Fact]
    public void Usage_StoppedContainer_IsUnknownAndNotZero() =>
        Assert.Null(UsageMath.Of(Stats("""{"read":"0001-01-01T00:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{},"networks":null}"""), null));

    [Theory]
    [InlineData("""{"Type":"container","Action":"health_status: unhealthy","Actor":{"ID":"a","Attributes":{"name":"db"}},"timeNano":1461943101381709551}""", "health_status", HealthStatus.Unhealthy, null)]
    [InlineData("""{"Type":"container","Action":"die","Actor":{"ID":"a","Attributes":{"name":"db","exitCode":"137"}}}""", "die", null, 137)]
    [InlineData("""{"Type":"container","Action":"died","Actor":{"ID":"a","Attributes":{"name":"db","containerExitCode":"3"}}}""", "die", null, 3)]
    [InlineData("""{"status":"start","id":"a","from":"alpine","time":1461943101}""", "start", null, null)]
    public void Change_OfEngineEvent_IsRead(string told, string action, HealthStatus? health, int? exitCode)
    {
        var change = ContainerStateChange.Of(Event(told))!;

        Assert.Equal((action, health, exitCode), (change.Action, change.Health, change.ExitCode));
        Assert.Equal("a", change.ContainerId);
    }

    [Theory]
    [InlineData("""{"Type":"container","Action":"exec_create: /bin/check","Actor":{"ID":"a"}}""")]
    [InlineData("""{"Type":"network","Action":"connect","Actor":{"ID":"a"}}""")]
    [InlineData("""{"Type":"container","Action":"start"}""")]
    [InlineData("{}")]
    public void Change_OfOtherEvents_IsNone(string told) => Assert.Null(ContainerStateChange.Of(Event(told)));

    [Theory]
    [InlineData("web", "shop-web-1")]
    [InlineData("/SHOP-web-1", "shop-web-1")]
    [InlineData("shop/web", "shop-web-1")]
    [InlineData("abcd", "abc")]
    [InlineData("abc", "abc")]
    public void Find_NameServiceOrId_FindsTheOne(string text, string expected) => Assert.Equal(expected, ContainerFinder.Find(Some, text, "nas").Name);

    [Fact]
    public void Find_SeveralFit_NamesThem()
    {
        var failure = Assert.Throws<OperationException>(() => ContainerFinder.Find(Some, "worker", "nas"));

        Assert.Equal(OperationError.Invalid, failure.Error);
        Assert.Contains("shop-worker-1 (ffff1), shop-worker-2 (ffff2)", failure.Message, StringComparison.Ordinal);
        Assert.Equal(OperationError.Invalid, Assert.Throws<OperationException>(() => ContainerFinder.Find(Some, "ffff", "nas")).Error);
        Assert.Equal(OperationError.NotFound, Assert.Throws<OperationException>(() => ContainerFinder.Find(Some, "fff", "nas")).Error);
    }

    private static readonly Container[] Some =
    [
        Make("abcd1234", "abc"), Make("1111", "shop-web-1", "web"), Make("ffff1", "shop-worker-1", "worker"), Make("ffff2", "shop-worker-2", "worker"),
    ];

    private static Container Make(string id, string name, string? service = null) => new()
    {
        Id = id, Name = name, State = ContainerState.Running, Compose = service is null ? null : new ComposeInfo { Project = "shop", Service = service },
    };

    private static EngineStats Stats(string json) => EngineJson.Stats(EngineJson.Elements(Encoding.UTF8.GetBytes(json))[0])!;

    private static EngineEvent Event(string json) =>
        EngineJson.Read(EngineJson.Elements(Encoding.UTF8.GetBytes(json))[0], EngineJsonContext.Default.EngineEvent)!;
}
