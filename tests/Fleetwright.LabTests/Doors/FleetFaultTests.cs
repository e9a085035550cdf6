using System.Diagnostics;
using System.Text.Json.Nodes;
using Fleetwright.LabTests.Lab;

namespace Fleetwright.LabTests.Doors;

/// <summary>What breaks on one device, seen through the running program: the truth about it, and nothing else delayed.</summary>
[Collection(LabFaults.Name)]
public sealed class FleetFaultTests(FleetLab lab, ServedProgram served) : IClassFixture<ServedProgram>, IAsyncLifetime
{
    // A hang guard for a loaded machine, not a measurement: the promise of 15 s is measured by the connection's own tests.
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(60);

    public async ValueTask InitializeAsync()
    {
        var known = await served.Doors.RestAsync("/api/devices");
        foreach (var name in (string[])["root-bash", "user-sudo"])
        {
            if (known["items"]!.AsArray().All(device => device!["name"]!.GetValue<string>() != name))
            {
                await served.Doors.AddAsync(lab[name]);
            }

            await LiveAsync(name);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("drop")]
    [InlineData("freeze")]
    public async Task Device_FallsSilent_IsCachedWithTheReasonAndDelaysNoOther(string fault)
    {
        await using (await lab.BreakAsync("root-bash", fault))
        {
            var asked = MetricsAsync("root-bash");
            var clock = Stopwatch.StartNew();
            Assert.Equal("live", Source(await MetricsAsync("user-sudo")));
            Assert.False(asked.IsCompleted && Source(await asked) == "live", "a silent device cannot answer live");
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"another device took {clock.Elapsed}");
            await asked;
            var away = await Eventually.GetAsync(() => MetricsAsync("root-bash"), answer => Source(answer) == "cached", Noticed);
            Assert.NotEmpty(away["cachedBecause"]!.GetValue<string>());
            var overview = await Eventually.GetAsync(
                () => served.Doors.RestAsync("/api/overview"),
                answer => answer["findings"]!.AsArray().Any(finding => finding!["device"]?.GetValue<string>() == "root-bash" && finding["kind"]!.GetValue<string>() == "device_offline"),
                Noticed);
            Assert.Equal("critical", overview["status"]!.GetValue<string>());
        }

        await LiveAsync("root-bash");
    }

    [Fact]
    public async Task Disk_FullOnTheDevice_StillAnswersLiveAndTellsOfIt()
    {
        await using (await lab.BreakAsync("root-bash", "fill-disk"))
        {
            var metrics = await MetricsAsync("root-bash");

            Assert.Equal("live", Source(metrics));
            Assert.Equal("ok", metrics["status"]!.GetValue<string>());
            Assert.NotNull(metrics["value"]!["memory"]!["availableBytes"]);
            var info = await served.Doors.RestAsync("/api/devices/root-bash");
            Assert.Equal("online", (info["status"] ?? info["device"]!["status"])!.GetValue<string>());
        }
    }

    [Fact]
    public async Task HostKey_Changed_IsUnreachableWithBothFingerprintsUntilTrusted()
    {
        await using (await lab.BreakAsync("root-bash", "rotate-host-key"))
        {
            await lab.FaultAsync("root-bash", "kill");
            await lab.FaultAsync("root-bash", "start");
            var away = await Eventually.GetAsync(
                () => MetricsAsync("root-bash"),
                answer => answer["cachedBecause"]?.GetValue<string>().Contains("unreachable", StringComparison.Ordinal) ?? false,
                Noticed);
            var said = away["cachedBecause"]!.GetValue<string>() + away["remedy"]!.GetValue<string>();
            var fingerprints = said.Split([' ', ',', '.', ';', '(', ')', '\'', '`', '\n'], StringSplitOptions.RemoveEmptyEntries)
                .Where(word => word.StartsWith("SHA256:", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
            Assert.True(fingerprints.Count == 2, said);
            var now = Assert.Single(fingerprints, fingerprint => fingerprint != lab["root-bash"].HostKeyFingerprint);
            var trusted = await ProgramDoors.RunAsync(["devices", "trust", "root-bash", "--fingerprint", now, "--data", served.Program.DataFolder]);
            Assert.True(trusted.ExitCode == 0, trusted.Error);
            await LiveAsync("root-bash");
        }

        var back = await ProgramDoors.RunAsync(["devices", "trust", "root-bash", "--fingerprint", lab["root-bash"].HostKeyFingerprint, "--data", served.Program.DataFolder]);
        Assert.True(back.ExitCode == 0, back.Error);
        await LiveAsync("root-bash");
    }

    private static string Source(JsonObject answer) => answer["source"]!.GetValue<string>();

    private Task<JsonObject> MetricsAsync(string device) => served.Doors.RestAsync($"/api/devices/{device}/metrics");

    private Task<JsonObject> LiveAsync(string device) => Eventually.GetAsync(() => MetricsAsync(device), answer => Source(answer) == "live", TimeSpan.FromSeconds(120));
}
