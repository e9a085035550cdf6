using System.Text.Json.Nodes;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fleetwright.Benchmarks;

/// <summary>The list of containers over SSH against the docker program on the engine's own socket, on the lab's engine.</summary>
internal static class DockerBench
{
    private const string What = "Docker list over SSH, live, p50";
    private const int Rounds = 200;
    private const int PeerRounds = 20;

    public static async Task RunAsync(Settings settings, Folder folder, Figures figures)
    {
        await using var server = await BenchServer.StartAsync(settings, folder.New());
        if ((await server.GetAsync("/openapi/v1.json"))["paths"]!["/api/containers"] is null)
        {
            figures.Skip(What, "this build has no list_containers");
            return;
        }

        var environment = new Dictionary<string, string> { ["FLEETWRIGHT_LAB_STATE"] = Path.Combine(folder.Path, "lab") };
        try
        {
            var lab = JsonNode.Parse(await Children.RunAsync(Path.Combine(settings.Root, "lab", "up"), [], environment))!;
            var device = lab["devices"]!.AsArray().Single(device => (string?)device!["name"] == "root-bash")!;
            await server.AddAsync([new SshdDevice("lab", (string)device["host"]!, (int)device["port"]!, (string)device["user"]!, (string)device["keyFile"]!)]);
            // list_containers answers from memory for a few seconds, so what is live is measured where it is asked.
            var live = await LiveAsync(device, folder);
            await server.GetAsync("/api/containers?device=lab");
            var list = await Timings.MeasureAsync(Rounds, () => server.GetAsync("/api/containers?device=lab"));
            var socket = "unix://" + (string)lab["engine"]!["socket"]!;
            var program = await Timings.MeasureAsync(PeerRounds, () => Children.RunAsync("docker", ["-H", socket, "ps", "-a"]));
            figures.Add(What, live.Median, "ms", $"{Rounds} lists, each asked of the engine");
            figures.Add("docker ps -a on the engine's own socket, without SSH, p50", program.Median, "ms", $"the list over SSH is {program.Median / live.Median:0.0} times as fast");
            figures.Add("list_containers by REST, p50", list.Median, "ms", "mostly from memory: a list up to 3 s old will do");
        }
        finally
        {
            await Children.RunAsync(Path.Combine(settings.Root, "lab", "down"), [], environment);
        }
    }

    private static async Task<Timings> LiveAsync(JsonNode device, Folder folder)
    {
        var own = folder.New();
        await File.WriteAllTextAsync(Path.Combine(own, "ssh_config"), "");
        var options = new ConnectionOptions
        {
            RunDirectory = Path.Combine(own, "run"),
            KnownHostsFile = Path.Combine(own, "known_hosts"),
            SshConfigFile = Path.Combine(own, "ssh_config"),
        };
        var address = new DeviceAddress { Host = (string)device["host"]!, Port = (int)device["port"]!, User = (string)device["user"]!, KeyFile = (string)device["keyFile"]! };
        await using var factory = new ConnectionFactory(Options.Create(options), TimeProvider.System, NullLoggerFactory.Instance);
        await using var connection = factory.Create("lab", address);
        using var engine = new DockerEngineClient(connection, "/var/run/docker.sock");
        for (var warm = 0; warm < 20; warm++)
        {
            if ((await engine.ListContainersAsync(all: true, CancellationToken.None)).Count == 0)
            {
                throw new InvalidOperationException("the lab's engine lists no containers");
            }
        }

        return await Timings.MeasureAsync(Rounds, () => engine.ListContainersAsync(all: true, CancellationToken.None));
    }
}
