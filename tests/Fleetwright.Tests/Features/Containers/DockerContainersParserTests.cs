using System.Text;
using Fleetwright.Features.Containers;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Tests.Features.Containers;

public sealed class DockerContainersParserTests
{
    // Docker Engine 20.10.24, API 1.41, shortened.
    private const string Modern = """
        [{"Id":"15b92b6817ea4658eb899028aa4ed33e4d46398b5f453b30bc2b8665b4c896d4","Names":["/other/web","/shop-web-1"],
          "Image":"shop/app:2.1.0","ImageID":"sha256:3036","Command":"httpd -f -p 8080","Created":1795224607,
          "Ports":[{"IP":"127.0.0.1","PrivatePort":8080,"PublicPort":8088,"Type":"tcp"},{"PrivatePort":53,"Type":"udp"}],
          "Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web","com.docker.compose.container-number":"1",
            "com.docker.compose.depends_on":"api:service_started:false,db:service_healthy:true","com.docker.compose.oneoff":"False",
            "com.docker.compose.project.config_files":"/srv/shop/compose.yaml","com.docker.compose.project.working_dir":"/srv/shop",
            "traefik.http.middlewares.auth.basicauth.users":"a:b","admin_password":"hunter2","note":"postgres://app:hunter2@db/shop"},
          "State":"running","Status":"Up 34 seconds (health: starting)","HostConfig":{"NetworkMode":"shop_default"},
          "NetworkSettings":{"Networks":{"shop_default":{"IPAddress":"172.18.0.4","Gateway":"172.18.0.1","Aliases":null}}},
          "Mounts":[{"Type":"volume","Name":"data","Source":"/v/data","Destination":"/data","RW":false}]}]
        """;

    [Fact]
    public void Parse_ModernEntry_ReadsEveryField()
    {
        var container = Only(Modern);

        Assert.Equal("shop-web-1", container.Name);
        Assert.Equal(ContainerState.Running, container.State);
        Assert.Equal(HealthStatus.Starting, container.Health!.Status);
        Assert.Equal(["53/udp", "127.0.0.1:8088->8080/tcp"], container.Ports.Select(port => port.ToString()));
        Assert.Equal(new ContainerMount { Type = "volume", Name = "data", Source = "/v/data", Destination = "/data", ReadOnly = true }, Assert.Single(container.Mounts));
        Assert.Equal("172.18.0.4", Assert.Single(container.Networks).IpAddress);
        Assert.Equal(("shop", "web", 1, false), (container.Compose!.Project, container.Compose.Service, container.Compose.Number, container.Compose.OneOff));
        Assert.Equal(
            [
                new ComposeDependency { Service = "api", Condition = "service_started", Restart = false },
                new ComposeDependency { Service = "db", Condition = "service_healthy", Restart = true },
            ],
            container.Compose.DependsOn);
        Assert.Equal(["/srv/shop/compose.yaml"], container.Compose.ConfigFiles);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1795224607), container.CreatedAt);
        Assert.Null(container.ExitCode);
        Assert.Null(container.RestartCount);
    }

    [Fact]
    public void Parse_SecretsInLabels_AreRedacted()
    {
        var labels = Only(Modern).Labels;

        Assert.Equal("[redacted]", labels["admin_password"]);
        Assert.Equal("[redacted]", labels["traefik.http.middlewares.auth.basicauth.users"]);
        Assert.Equal("postgres://app:[redacted]@db/shop", labels["note"]);
        Assert.DoesNotContain(labels.Keys, key => key.StartsWith("com.docker.compose", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--password=hunter2", "--password=[redacted]")]
    [InlineData("--password hunter2 --verbose", "--password [redacted] --verbose")]
    [InlineData("run --url amqp://me:hunter2@mq:5672/v", "run --url amqp://me:[redacted]@mq:5672/v")]
    [InlineData("API_TOKEN=hunter2 server", "API_TOKEN=[redacted] server")]
    [InlineData("serve --port 80", "serve --port 80")]
    public void Parse_SecretsInCommand_AreRedacted(string command, string expected) =>
        Assert.Equal(expected, Only($$"""[{"Id":"a","Names":["/a"],"Command":"{{command}}","State":"running"}]""").Command);

    [Theory]
    [InlineData("Up 2 minutes", null, ContainerState.Running, null)]
    [InlineData("Up 2 minutes (Paused)", null, ContainerState.Paused, null)]
    [InlineData("Exit 0", null, ContainerState.Exited, 0)]
    [InlineData("Exit -1", null, ContainerState.Exited, -1)]
    [InlineData("Exited (137) 5 days ago", "exited", ContainerState.Exited, 137)]
    [InlineData("Exited 3 days ago", "exited", ContainerState.Exited, null)]
    [InlineData("Restarting (3) Less than a second ago", "restarting", ContainerState.Restarting, 3)]
    [InlineData("Created", "created", ContainerState.Created, null)]
    [InlineData("Removal In Progress", "removing", ContainerState.Removing, null)]
    [InlineData("Dead", "dead", ContainerState.Dead, null)]
    [InlineData("", "RUNNING", ContainerState.Running, null)]
    [InlineData("", "stopped", ContainerState.Exited, null)]
    [InlineData("Sleeping", "dormant", ContainerState.Unknown, null)]
    public void Parse_StateWordOrStatusText_GivesState(string status, string? state, ContainerState expected, int? exitCode)
    {
        var word = state is null ? "" : $"\"State\":\"{state}\",";

        var container = Only($$"""[{"Id":"a","Names":["/a"],{{word}}"Status":"{{status}}"}]""");

        Assert.Equal(expected, container.State);
        Assert.Equal(exitCode, container.ExitCode);
    }

    // docker 28.2.2: docker ps --no-trunc --format '{{json .}}'
    [Fact]
    public void Parse_LinesOfDockerPs_AreRead()
    {
        var list = Parse("""
            {"Command":"\"docker-entrypoint.s…\"","CreatedAt":"2026-11-21 01:30:07 +0000 UTC","ID":"aaa","Image":"postgres:16","Labels":"com.docker.compose.project=shop,com.docker.compose.depends_on=a:service_started:false,b:service_healthy:true,maintainer=x","LocalVolumes":"1","Mounts":"shop_data,/etc/app","Names":"db,web/db","Networks":"shop_default,front","Ports":"0.0.0.0:8080->80/tcp, [::]:9000-9002->9000-9002/tcp, 443/tcp","RunningFor":"2 minutes ago","Size":"0B","State":"running","Status":"Up 2 minutes (healthy)"}
            {"ID":"bbb","Image":"busybox","Names":"old","Ports":"","State":"exited","Status":"Exited (1) 3 hours ago"}
            """);

        var db = list.Containers[0];
        Assert.Equal(("db", ContainerState.Running, HealthStatus.Healthy), (db.Name, db.State, db.Health!.Status));
        Assert.Equal(["0.0.0.0:8080->80/tcp", "443/tcp", "[::]:9000-9002->9000-9002/tcp"], db.Ports.Select(port => port.ToString()));
        Assert.Equal(["front", "shop_default"], db.Networks.Select(network => network.Name).Order());
        Assert.Equal(["a", "b"], db.Compose!.DependsOn.Select(dependency => dependency.Service));
        Assert.Equal("x", db.Labels["maintainer"]);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 1, 30, 7, TimeSpan.Zero), db.CreatedAt);
        Assert.Equal(1, list.Containers[1].ExitCode);
    }

    // podman 4: podman ps --all --format json
    [Fact]
    public void Parse_PodmanPs_IsRead()
    {
        var container = Only("""
            [{"Command":["/usr/sbin/httpd","-DFOREGROUND"],"Created":1705330245,"CreatedAt":"2024-01-15 10:30:45 -0500 EST","Exited":true,
              "ExitedAt":1705330300,"ExitCode":7,"Id":"03e2","Image":"rhel7_httpd","ImageID":"882a","Labels":null,"Mounts":["/var/www"],
              "Names":["angry_saha"],"Networks":["podman"],"Ports":[{"host_ip":"","container_port":80,"host_port":8080,"range":3,"protocol":"tcp"}],
              "StartedAt":1705330245,"State":"exited","Status":"Exited (7) 2 days ago"}]
            """);

        Assert.Equal(("angry_saha", ContainerState.Exited, 7), (container.Name, container.State, container.ExitCode));
        Assert.Equal("8080-8082->80-82/tcp", Assert.Single(container.Ports).ToString());
        Assert.Equal("/var/www", Assert.Single(container.Mounts).Destination);
        Assert.Equal("podman", Assert.Single(container.Networks).Name);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1705330300), container.FinishedAt);
        Assert.Equal("/usr/sbin/httpd -DFOREGROUND", container.Command);
    }

    [Fact]
    public void Parse_NullsAndWrongKindsEverywhere_KeepsWhatIsThere()
    {
        var container = Only("""
            [null,{"id":"a","names":null,"IMAGE":null,"Command":null,"Created":"no time","Ports":null,"Labels":[],"State":{"Status":"running"},
              "Status":null,"HostConfig":"x","NetworkSettings":[],"Mounts":{"a":1}}]
            """);

        Assert.Equal(("a", "a", ContainerState.Running), (container.Id, container.Name, container.State));
        Assert.Empty(container.Ports);
        Assert.Null(container.CreatedAt);
    }

    [Theory]
    [InlineData("", "The output is empty.")]
    [InlineData("Cannot connect to the Docker daemon.\n", "It is not JSON; it begins with: Cannot connect to the Docker daemon.")]
    [InlineData("""{"message":"client version 1.10 is too old"}""", "The engine answered with an error: client version 1.10 is too old")]
    [InlineData("""[{"RepoTags":["a:1"],"Id":"sha256:1","Config":{}}]""", "It describes an image, not a container.")]
    [InlineData("42", "It holds a JSON number where a container was expected.")]
    [InlineData("{}", "It holds a JSON object without any field of a container.")]
    public void Parse_Nonsense_SaysWhy(string output, string expected) =>
        Assert.Equal(expected, Assert.Throws<UnreadableOutputException>(() => Parse(output)).Message);

    [Fact]
    public void Parse_CutJson_SaysWhy() =>
        Assert.StartsWith("The JSON is broken or ends early", Assert.Throws<UnreadableOutputException>(() => Parse(Modern[..500])).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_EmptyArray_IsAnEmptyList() => Assert.Empty(Parse("[]").Containers);

    [Fact]
    public void Parse_BytesThatAreNotUtf8_BecomeReplacementCharacters()
    {
        byte[] output = [0xef, 0xbb, 0xbf, .. """[{"Id":"a","Names":["/x"""u8, 0xff, .. """y"],"State":"running"}]"""u8];

        Assert.Equal("x\ufffdy", Assert.Single(DockerContainersParser.Parse(output).Containers).Name);
    }

    private static ContainerList Parse(string output) => DockerContainersParser.Parse(Encoding.UTF8.GetBytes(output));

    private static Container Only(string output) => Assert.Single(Parse(output).Containers);
}
