using System.Text.Json.Nodes;
using Fleetwright.LabTests.Lab;

namespace Fleetwright.LabTests.Doors;

/// <summary>Five devices from the command line, and every operation that reads through REST, MCP and the command line.</summary>
[Collection(LabFaults.Name)]
public sealed class SameAnswerTests(FleetLab lab) : IAsyncLifetime
{
    private static readonly string[] Fleet = ["root-bash", "user-sudo", "busybox-ash", "restricted", "noisy"];
    private BuiltProgram _program = null!; // Set by InitializeAsync, which xunit calls first.
    private ProgramDoors _doors = null!;

    public async ValueTask InitializeAsync()
    {
        _program = await BuiltProgram.ServeAsync();
        _doors = new ProgramDoors(_program);
        foreach (var name in Fleet)
        {
            await _doors.AddAsync(lab[name]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _doors.Dispose();
        await _program.DisposeAsync();
    }

    [Fact]
    public async Task EveryDoor_OneOperation_GivesTheSameAnswer()
    {
        (string Operation, JsonObject Arguments, string Path)[] calls =
        [
            ("list_devices", [], "/api/devices"),
            ("get_fleet_overview", [], "/api/overview"),
            ("get_server_health", [], "/api/server/health"),
            ("list_containers", new JsonObject { ["device"] = "root-bash" }, "/api/containers?device=root-bash"),
            ("get_container_details", new JsonObject { ["device"] = "restricted", ["container"] = "healthy" }, "/api/devices/restricted/containers/healthy"),
            .. Fleet.SelectMany(device => new (string, JsonObject, string)[]
            {
                ("get_device_info", new JsonObject { ["device"] = device }, $"/api/devices/{device}"),
                ("get_system_metrics", new JsonObject { ["device"] = device }, $"/api/devices/{device}/metrics"),
                ("list_processes", new JsonObject { ["device"] = device, ["limit"] = 3 }, $"/api/devices/{device}/processes?limit=3"),
            }),
        ];
        foreach (var (operation, arguments, path) in calls)
        {
            var rest = ProgramDoors.Shape(await _doors.RestAsync(path));
            Assert.Equal(rest, ProgramDoors.Shape(await _doors.McpAsync(operation, arguments)));
            Assert.Equal(rest, ProgramDoors.Shape(await _doors.CliAsync(operation, arguments)));
        }
    }

    [Fact]
    public async Task Sshd_KilledAndStarted_AnswersAreCachedThenLiveAndOthersNoticeNothing()
    {
        Assert.Equal("live", (await _doors.RestAsync("/api/devices/root-bash/metrics"))["source"]!.GetValue<string>());
        await using (await lab.BreakAsync("root-bash", "kill"))
        {
            var away = await Eventually.GetAsync(
                () => _doors.RestAsync("/api/devices/root-bash/metrics"),
                answer => answer["source"]!.GetValue<string>() == "cached",
                TimeSpan.FromSeconds(30));
            Assert.NotEmpty(away["cachedBecause"]!.GetValue<string>());
            Assert.NotNull(away["observedAt"]);
            Assert.NotNull(away["value"]!["memory"]);
            Assert.Equal("cached", (await _doors.McpAsync("get_system_metrics", new JsonObject { ["device"] = "root-bash" }))["source"]!.GetValue<string>());
            Assert.Equal("cached", (await _doors.CliAsync("get_system_metrics", new JsonObject { ["device"] = "root-bash" }))["source"]!.GetValue<string>());
            foreach (var other in Fleet.Except(["root-bash"]))
            {
                Assert.Equal("live", (await _doors.RestAsync($"/api/devices/{other}/metrics"))["source"]!.GetValue<string>());
            }
        }

        await Eventually.GetAsync(
            () => _doors.RestAsync("/api/devices/root-bash/metrics"),
            answer => answer["source"]!.GetValue<string>() == "live",
            TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task Server_KilledInTheMiddleOfPolls_KeepsDevicesAndReadingsAndStartsAgain()
    {
        await _doors.RestAsync("/api/devices/user-sudo/metrics");
        await Eventually.GetAsync(
            () => _doors.RestAsync("/api/server/health"),
            health => health["polling"]!["pendingWrites"]!.GetValue<int>() == 0 && health["store"]!["pendingWrites"]!.GetValue<int>() == 0,
            TimeSpan.FromSeconds(30));
        await _program.RestartAsync();
        using var again = new ProgramDoors(_program);

        var devices = await again.RestAsync("/api/devices");

        Assert.Equal(Fleet.Length + 1, devices["total"]!.GetValue<int>());
        Assert.Equal("live", (await again.RestAsync("/api/devices/user-sudo/metrics"))["source"]!.GetValue<string>());
        Assert.True((await again.RestAsync("/api/server/health"))["store"]!["healthy"]!.GetValue<bool>());
    }
}
