using System.Text;
using Fleetwright.Features.Containers;

namespace Fleetwright.Tests.Features.Containers;

public sealed class DockerInspectParserTests
{
    [Fact]
    public void Parse_DockerInspect_ReadsEveryField()
    {
        var container = Only("""
            [{"Id":"fc12","Created":"2015-11-20T21:10:34.775649753Z","Path":"docker-entrypoint.sh","Args":["postgres","--password=x"],
              "State":{"Status":"restarting","Running":true,"Restarting":true,"OOMKilled":true,"ExitCode":137,"Error":"no\nroom",
                "StartedAt":"2015-11-20T21:10:34.845546358Z","FinishedAt":"2015-11-20T21:11:00Z",
                "Health":{"Status":"unhealthy","FailingStreak":4,"Log":[
                  {"Start":"2016-11-12T03:23:03Z","End":"2016-11-12T03:23:04Z","ExitCode":0,"Output":"ok"},null,
                  {"Start":"2016-11-12T03:23:08Z","End":"2016-11-12T03:23:09Z","ExitCode":1,"Output":"\u001b[31mrefused\u001b[0m\n"}]}},
              "Image":"sha256:c51f","Name":"/db","RestartCount":12,
              "HostConfig":{"NetworkMode":"shop","Privileged":false,"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":5},"LogConfig":{"Type":"json-file"}},
              "Config":{"User":"postgres","Tty":false,"Env":["PATH=/bin","POSTGRES_PASSWORD=hunter2"],"Image":"postgres@sha256:abc","Labels":{"a":"b"}},
              "NetworkSettings":{"Ports":{"5432/tcp":[{"HostIp":"127.0.0.1","HostPort":"15432"}],"9/udp":null},
                "Networks":{"shop":{"IPAddress":"172.18.0.2","GlobalIPv6Address":"fd00::2","Aliases":["db"],"DNSNames":["shop-db-1","db"]}}},
              "Mounts":[{"Type":"bind","Source":"/srv","Destination":"/data","RW":true}]}]
            """);

        Assert.Equal(("db", ContainerState.Restarting, 12, 137, true), (container.Name, container.State, container.RestartCount, container.ExitCode, container.OomKilled));
        Assert.Equal("no room", container.Error);
        Assert.Equal((HealthStatus.Unhealthy, 4), (container.Health!.Status, container.Health.FailingStreak));
        Assert.Equal("refused", container.Health.LastChecks[0].Output);
        Assert.Equal(["127.0.0.1:15432->5432/tcp", "9/udp"], container.Ports.Select(port => port.ToString()).Order());
        Assert.Equal(["db", "shop-db-1"], container.Networks[0].Aliases);
        Assert.Equal("fd00::2", container.Networks[0].Ipv6Address);
        Assert.Equal(["PATH", "POSTGRES_PASSWORD"], container.EnvironmentNames);
        Assert.Equal("docker-entrypoint.sh postgres --password=[redacted]", container.Command);
        Assert.Equal(("on-failure:5", "json-file", "postgres", "sha256:abc"), (container.RestartPolicy, container.LogDriver, container.User, container.ImageDigest));
        Assert.DoesNotContain("hunter2", System.Text.Json.JsonSerializer.Serialize(container), StringComparison.Ordinal);
    }

    // podman 3: Healthcheck in place of Health, empty for a container that has none.
    [Theory]
    [InlineData("", null)]
    [InlineData("healthy", HealthStatus.Healthy)]
    public void Parse_PodmanHealthcheck_IsHealth(string word, HealthStatus? expected) =>
        Assert.Equal(expected, Only($$$"""
            {"Id":"a","Name":"pod","State":{"OciVersion":"1.0.2","Status":"running","Healthcheck":{"Status":"{{{word}}}","FailingStreak":0,"Log":null}},
             "Rootfs":"","ImageName":"rhel:latest","Image":"5384"}
            """).Health?.Status);

    // Docker before API 1.21 has flags alone.
    [Theory]
    [InlineData("""{"Running":true,"Paused":true}""", ContainerState.Paused)]
    [InlineData("""{"Running":true,"Restarting":true}""", ContainerState.Restarting)]
    [InlineData("""{"Running":true}""", ContainerState.Running)]
    [InlineData("""{"Running":false,"StartedAt":"0001-01-01T00:00:00Z"}""", ContainerState.Created)]
    [InlineData("""{"Running":false,"StartedAt":"2015-01-01T00:00:00Z","ExitCode":3}""", ContainerState.Exited)]
    [InlineData("null", ContainerState.Unknown)]
    public void Parse_FlagsWithoutStatus_GiveState(string state, ContainerState expected) =>
        Assert.Equal(expected, Only($$"""{"Id":"a","Name":"/a","State":{{state}}}""").State);

    [Fact]
    public void Parse_RunningThatNeverEnded_HasNoExitCode() =>
        Assert.Null(Only("""{"Id":"a","Name":"/a","State":{"Status":"running","ExitCode":0,"FinishedAt":"0001-01-01T00:00:00Z"}}""").ExitCode);

    [Fact]
    public void Parse_ContainersAmongImages_ReadsTheContainersAndSaysSo()
    {
        var list = DockerInspectParser.Parse("""[{"Id":"a","Name":"/a","State":{}},{"Id":"sha256:b","RepoTags":["b:1"],"Config":{}}]"""u8.ToArray());

        Assert.Equal("a", Assert.Single(list.Containers).Name);
        Assert.Equal("1 of 2 entries are not containers and were left out.", Assert.Single(list.Notes!));
    }

    private static Container Only(string output) => Assert.Single(DockerInspectParser.Parse(Encoding.UTF8.GetBytes(output)).Containers);
}
