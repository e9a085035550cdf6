using System.Text.Json.Nodes;

namespace Fleetwright.Benchmarks;

/// <summary>The list of containers over SSH against the docker program on the engine's own socket, on the lab's engine.</summary>
internal static class DockerBench
{
    private const string What = "live list_containers of one device over SSH, p50";
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
            for (var warm = 0; warm < 20; warm++)
            {
                await server.GetAsync("/api/containers?device=lab");
            }

            var live = await Timings.MeasureAsync(Rounds, () => server.GetAsync("/api/containers?device=lab"));
            var socket = "unix://" + (string)lab["engine"]!["socket"]!;
            var program = await Timings.MeasureAsync(PeerRounds, () => Children.RunAsync("docker", ["-H", socket, "ps", "-a"]));
            figures.Add(What, live.Median, "ms", $"{Rounds} REST calls");
            figures.Add("docker ps -a on the engine's own socket, p50", program.Median, "ms", $"list_containers is {program.Median / live.Median:0.0} times as fast");
        }
        finally
        {
            await Children.RunAsync(Path.Combine(settings.Root, "lab", "down"), [], environment);
        }
    }
}
