using Fleetwright.LabTests.Connections;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;

namespace Fleetwright.LabTests.Containers;

/// <summary>The client against a real engine: on its socket, through a forwarded one, with sudo, and over dial-stdio.</summary>
public sealed class DockerEngineClientTests(FleetLab lab) : IAsyncDisposable
{
    private readonly ConnectionKit _kit = new();
    private readonly List<IConnection> _connections = [];

    public static TheoryData<string> Ways => ["local", "root-bash", "user-sudo", "restricted"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task ListInspectStats_EveryWay_Answer(string way)
    {
        using var client = Open(way);

        var containers = await client.ListContainersAsync(all: true, CancellationToken.None);
        var names = containers.Select(container => container.Names![0].TrimStart('/')).ToList();
        Assert.Subset(names.ToHashSet(StringComparer.Ordinal), lab.Engine.Containers.ToHashSet(StringComparer.Ordinal));
        Assert.True(client.ApiVersion >= new Version(1, 24));
        Assert.False(client.IsPodman);

        // More at once than the tightest device lets sessions through.
        var inspected = await Task.WhenAll(containers.Select(container => client.InspectContainerAsync(container.Id!, CancellationToken.None)));
        Assert.Equal(containers.Select(container => container.Id), inspected.Select(container => container.Id));
        var stats = await client.ReadStatsAsync("chatty", CancellationToken.None);
        Assert.True(stats.Cpu!.Usage!.TotalNanoseconds > 0);
        Assert.True(stats.Memory!.Usage > 0);
    }

    [Fact]
    public async Task OtherObjects_AreRead()
    {
        using var client = Open("local");

        Assert.Contains(await client.ListNetworksAsync(CancellationToken.None), network => network.Name == "shop_default");
        Assert.NotEmpty(await client.ListVolumesAsync(CancellationToken.None));
        Assert.Contains(await client.ListImagesAsync(CancellationToken.None), image => image.RepoTags?.Contains("shop/db:15.4") == true && image.SizeBytes > 0);
        var info = await client.ReadInfoAsync(CancellationToken.None);
        Assert.True(info.Containers >= lab.Engine.Containers.Count);
        Assert.NotNull((await client.ReadVersionAsync(CancellationToken.None)).ApiVersion);
        Assert.True((await client.ReadDiskUsageAsync(CancellationToken.None)).Images!.Count > 0);
    }

    [Fact]
    public async Task FollowStats_RunningContainer_SamplesKeepComing()
    {
        using var client = Open("root-bash");
        var samples = new List<EngineStats>();

        await foreach (var sample in client.FollowStatsAsync("chatty", CancellationToken.None))
        {
            samples.Add(sample);
            if (samples.Count == 2)
            {
                break;
            }
        }

        Assert.True(samples[1].Cpu!.Usage!.TotalNanoseconds > samples[0].Cpu!.Usage!.TotalNanoseconds);
    }

    [Fact]
    public async Task ReadLogs_TerminalAndFrames_AreToldApart()
    {
        using var client = Open("root-bash");

        var chatty = await ReadAsync(client, "chatty", new DockerLogQuery { Tail = 300 }, terminal: false);
        Assert.Equal(300, chatty.Count);
        Assert.Contains(chatty, line => line.Stream == LogStream.Stderr && line.Text.StartsWith("warn", StringComparison.Ordinal));
        Assert.Contains(chatty, line => line.Stream == LogStream.Stdout && line.Text.StartsWith("line", StringComparison.Ordinal));
        Assert.All(chatty, line => Assert.NotNull(line.At));
        var tty = await ReadAsync(client, "tty", new DockerLogQuery { Tail = 5 }, terminal: true);
        Assert.NotEmpty(tty);
        Assert.All(tty, line => Assert.NotNull(line.At));
        var since = chatty[100].UnixNanoseconds!.Value;
        var part = await ReadAsync(client, "chatty", new DockerLogQuery { SinceUnixNanoseconds = since, UntilUnixNanoseconds = chatty[110].UnixNanoseconds }, terminal: false);
        Assert.All(part, line => Assert.InRange(line.UnixNanoseconds!.Value, since, chatty[110].UnixNanoseconds!.Value));
    }

    [Fact]
    public async Task Inspect_NoSuchContainer_SaysSoInTheEnginesWords()
    {
        using var client = Open("local");

        var failure = await Assert.ThrowsAsync<DockerEngineException>(() => client.InspectContainerAsync("no/such thing?", CancellationToken.None));

        Assert.Equal((DockerEngineFailure.NotFound, 404), (failure.Failure, failure.StatusCode));
        Assert.Contains("o such", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_SocketThatIsNotThere_IsAConnectionFailure()
    {
        using var client = new DockerEngineClient(Connect("root-bash"), "/var/run/nothing-here.sock");

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => client.ListContainersAsync(true, CancellationToken.None));

        Assert.Equal(ConnectionFailure.SocketMissing, failure.Failure);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await _kit.DisposeAsync();
    }

    private static async Task<List<EngineLogLine>> ReadAsync(DockerEngineClient client, string container, DockerLogQuery query, bool terminal)
    {
        var lines = new List<EngineLogLine>();
        await foreach (var line in client.ReadLogsAsync(container, query, terminal))
        {
            lines.Add(line);
        }

        return lines;
    }

    private DockerEngineClient Open(string way) =>
        new(Connect(way), way == "local" ? lab.Engine.Socket : "/var/run/docker.sock");

    private IConnection Connect(string way)
    {
        var connection = _kit.Factory.Create(way, way == "local" ? DeviceAddress.Local : new DeviceAddress
        {
            Host = lab[way].Host, User = lab[way].User, Port = lab[way].Port, KeyFile = lab[way].KeyFile,
        });
        _connections.Add(connection);
        return connection;
    }
}
