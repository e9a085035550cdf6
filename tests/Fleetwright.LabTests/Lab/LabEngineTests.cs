using System.Text.Json;

namespace Fleetwright.LabTests.Lab;

/// <summary>The engine's containers are in the states they are named for.</summary>
public sealed class LabEngineTests(FleetLab lab)
{
    [Fact]
    public void Containers_OfTheEngine_AreAllThere()
    {
        string[] expected =
        [
            "chatty", "crash-loop", "exited", "healthy", "oom", "paused", "shop-api-1", "shop-db-1", "shop-web-1", "tty", "unhealthy",
        ];
        Assert.Equal(expected, lab.Engine.Containers);
    }

    [Theory]
    [InlineData("healthy", "running", 0, "healthy")]
    [InlineData("unhealthy", "running", 0, "unhealthy")]
    [InlineData("paused", "paused", 0, null)]
    [InlineData("oom", "exited", 137, null)]
    [InlineData("exited", "exited", 1, null)]
    [InlineData("chatty", "running", 0, null)]
    [InlineData("tty", "running", 0, null)]
    [InlineData("shop-db-1", "running", 0, "healthy")]
    [InlineData("shop-api-1", "running", 0, null)]
    [InlineData("shop-web-1", "running", 0, null)]
    public async Task State_OfContainer_IsWhatItIsThereFor(string name, string status, int exitCode, string? health)
    {
        JsonElement container = await LabDocker.InspectAsync(lab.Engine.Socket, name);

        JsonElement state = container.GetProperty("State");
        Assert.Equal(status, state.GetProperty("Status").GetString());
        Assert.Equal(exitCode, state.GetProperty("ExitCode").GetInt32());
        Assert.Equal(health, state.TryGetProperty("Health", out JsonElement found) ? found.GetProperty("Status").GetString() : null);
        Assert.Equal(name == "oom", state.GetProperty("OOMKilled").GetBoolean());
        Assert.Equal(name == "tty", container.GetProperty("Config").GetProperty("Tty").GetBoolean());
    }

    [Fact]
    public async Task CrashLoop_IsRestartedForEver()
    {
        // In between it runs for an instant, and then has no exit code.
        JsonElement container = await Eventually.GetAsync(
            () => LabDocker.InspectAsync(lab.Engine.Socket, "crash-loop"),
            found => found.GetProperty("State").GetProperty("Status").GetString() == "restarting",
            TimeSpan.FromSeconds(20));

        Assert.Equal(3, container.GetProperty("State").GetProperty("ExitCode").GetInt32());
        Assert.True(container.GetProperty("RestartCount").GetInt32() > 0);
        Assert.Equal("always", container.GetProperty("HostConfig").GetProperty("RestartPolicy").GetProperty("Name").GetString());
    }

    [Fact]
    public async Task Shop_CarriesComposeLabels()
    {
        JsonElement labels = (await LabDocker.InspectAsync(lab.Engine.Socket, "shop-api-1")).GetProperty("Config").GetProperty("Labels");

        Assert.Equal("shop", labels.GetProperty("com.docker.compose.project").GetString());
        Assert.Equal("api", labels.GetProperty("com.docker.compose.service").GetString());
        Assert.Equal("db:service_healthy:true", labels.GetProperty("com.docker.compose.depends_on").GetString());
    }
}
