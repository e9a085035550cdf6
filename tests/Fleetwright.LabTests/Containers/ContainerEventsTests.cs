using Fleetwright.Features.Containers;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Probes;

namespace Fleetwright.LabTests.Containers;

/// <summary>Containers that change while somebody looks on. They have names of their own, so that other tests see none of it.</summary>
public sealed class ContainerEventsTests(FleetLab lab)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("root-bash")]
    [InlineData("restricted")]
    public async Task Events_ContainerRestarted_ArriveAtOnceWithAFreshReading(string device)
    {
        await using var throwaway = await ThrowawayContainer.RunAsync(lab, "while :; do sleep 1; done");
        await using var fleet = await ContainerFleet.OpenAsync(lab, device);
        var first = (await fleet.Operations.GetContainerDetailsAsync(device, throwaway.Name)).Container.StartedAt;
        using var changes = fleet.Events.Subscribe(told => told.Type == "container.state" && told.Subject == throwaway.Name);
        using var readings = fleet.Events.Subscribe(told => told.Type == "reading.taken" && told.Subject == "containers");
        await fleet.FollowEventsAsync();
        // The catching up after the stream has opened.
        await readings.Events.ReadAsync(Hang()).AsTask();

        await throwaway.DockerAsync("restart", "-t", "0", throwaway.Name);

        var actions = new List<string>();
        while (!actions.Contains("start", StringComparer.Ordinal))
        {
            var told = await changes.Events.ReadAsync(Hang());
            var change = Assert.IsType<ContainerStateChange>(told.Data);
            // A generous guard: it takes milliseconds, and a poll would take half a minute.
            Assert.InRange((told.At - change.At!.Value).TotalSeconds, -5, 10);
            actions.Add(change.Action);
        }

        Assert.Contains("die", actions);
        while (true)
        {
            var reading = (Observation<ContainerList>)(await readings.Events.ReadAsync(Hang())).Data!;
            var seen = reading.Value?.Containers.SingleOrDefault(container => container.Name == throwaway.Name);
            if (seen is { State: ContainerState.Running } && seen.StartedAt > first)
            {
                break;
            }
        }
    }

    [Theory]
    [InlineData("root-bash")]
    public async Task FollowLogs_ContainerRestarted_GoesOnWithoutLossOrRepetition(string device)
    {
        await using var throwaway = await ThrowawayContainer.RunAsync(lab, "n=0; while :; do n=$((n+1)); echo \"$(hostname) $n\"; sleep 0.05; done");
        await using var fleet = await ContainerFleet.OpenAsync(lab, device);
        await fleet.Operations.ListContainersAsync();
        await fleet.FollowEventsAsync();
        var texts = new List<string>();
        var restarted = false;

        await foreach (var line in fleet.Get<ContainerLogFollower>().FollowAsync(device, throwaway.Name, 2000, Hang()))
        {
            texts.Add(line.Text);
            if (texts.Count == 20)
            {
                await throwaway.DockerAsync("restart", "-t", "0", throwaway.Name);
            }

            restarted |= texts.Count > 20 && line.Text.EndsWith(" 1", StringComparison.Ordinal);
            if (restarted && line.Text.EndsWith(" 20", StringComparison.Ordinal))
            {
                break;
            }
        }

        // Two runs, each counting from one without a gap.
        var second = texts.FindLastIndex(text => text.EndsWith(" 1", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, second), texts[..second].Select(Number));
        Assert.Equal(Enumerable.Range(1, 20), texts[second..].Select(Number));
    }

    private static int Number(string text) => int.Parse(text.Split(' ')[1], null);

    private static CancellationToken Hang() => new CancellationTokenSource(Limit).Token;
}

/// <summary>Tests that stop the engine itself.</summary>
[Collection(LabFaults.Name)]
public sealed class ContainerEngineFaultTests(FleetLab lab)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Events_EngineStoppedAndStarted_AreFollowedAgain()
    {
        await using var throwaway = await ThrowawayContainer.RunAsync(lab, "while :; do sleep 1; done");
        await using var fleet = await ContainerFleet.OpenAsync(lab, "root-bash");
        await fleet.Operations.ListContainersAsync();
        using var changes = fleet.Events.Subscribe(told => told.Type == "container.state" && told.Subject == throwaway.Name);
        using var readings = fleet.Events.Subscribe(told => told.Type == "reading.taken" && told.Subject == "containers");
        await fleet.FollowEventsAsync();
        await readings.Events.ReadAsync(Hang());

        await using (await lab.BreakAsync("engine", "docker-stop"))
        {
            var page = await Eventually.GetAsync(() => fleet.Operations.ListContainersAsync(), page => page.Notes is not null, Limit);
            Assert.Contains("container engine is not running", page.Notes![0], StringComparison.Ordinal);
        }

        // The catching up, once the stream is open again.
        while (((Observation<ContainerList>)(await readings.Events.ReadAsync(Hang())).Data!).Status != ReadingStatus.Ok)
        {
        }

        await throwaway.DockerAsync("pause", throwaway.Name);
        var change = (ContainerStateChange)(await changes.Events.ReadAsync(Hang())).Data!;
        Assert.Equal("pause", change.Action);
    }

    [Fact]
    public async Task Operations_DeviceAway_AnswerFromTheLastReadingAndSayWhy()
    {
        await using var fleet = await ContainerFleet.OpenAsync(lab, "root-bash");
        await fleet.Operations.ListContainersAsync();
        await using var fault = await lab.BreakAsync("root-bash", "kill");

        var page = await Eventually.GetAsync(
            () => fleet.Operations.ListContainersAsync(), page => page.Items.All(item => item.Source == ObservationSource.Cached), Limit);
        var details = await fleet.Operations.GetContainerDetailsAsync("root-bash", "healthy");
        var logs = await Assert.ThrowsAsync<Platform.Operations.OperationException>(() => fleet.Operations.GetContainerLogsAsync("root-bash", "healthy"));

        Assert.NotEmpty(page.Items);
        Assert.Contains("root-bash", page.Notes![0], StringComparison.Ordinal);
        Assert.Equal(ObservationSource.Cached, details.Source);
        Assert.NotNull(details.CachedBecause);
        Assert.Equal(Platform.Operations.OperationError.DeviceAway, logs.Error);
    }

    private static CancellationToken Hang() => new CancellationTokenSource(Limit).Token;
}

/// <summary>A container of one test.</summary>
internal sealed class ThrowawayContainer : IAsyncDisposable
{
    private readonly FleetLab _lab;

    private ThrowawayContainer(FleetLab lab) => _lab = lab;

    public string Name { get; } = "throwaway-" + Guid.NewGuid().ToString("N")[..8];

    public static async Task<ThrowawayContainer> RunAsync(FleetLab lab, string script)
    {
        var container = new ThrowawayContainer(lab);
        await container.DockerAsync("run", "-d", "--name", container.Name, "--network", "none", "fleetwright-lab/busybox:1.35", "sh", "-c", script);
        return container;
    }

    public async Task DockerAsync(params string[] arguments) =>
        (await LabProcess.RunAsync("docker", ["-H", "unix://" + _lab.Engine.Socket, .. arguments], TimeSpan.FromSeconds(60))).OrThrow("docker " + arguments[0]);

    public async ValueTask DisposeAsync() =>
        await LabProcess.RunAsync("docker", ["-H", "unix://" + _lab.Engine.Socket, "rm", "-f", Name], TimeSpan.FromSeconds(60));
}
