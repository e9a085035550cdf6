using Fleetwright.Features.Containers;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;

namespace Fleetwright.LabTests.Containers;

public sealed class ContainerOperationsTests(FleetLab lab)
{
    [Fact]
    public async Task ListContainers_ThreeWaysToOneEngine_SeeTheSame()
    {
        await using var fleet = await ContainerFleet.OpenAsync(lab, "root-bash", "user-sudo", "restricted", "busybox-ash");

        var page = await fleet.Operations.ListContainersAsync(limit: 1000);

        Assert.All(page.Items, item => Assert.Equal(ObservationSource.Live, item.Source));
        var byDevice = page.Items.ToLookup(item => item.Device, StringComparer.Ordinal);
        Assert.Equal(["restricted", "root-bash", "user-sudo"], byDevice.Select(group => group.Key).Order(StringComparer.Ordinal));
        foreach (var device in byDevice)
        {
            Assert.Subset(device.Select(item => item.Name).ToHashSet(StringComparer.Ordinal), lab.Engine.Containers.ToHashSet(StringComparer.Ordinal));
            var chatty = device.Single(item => item.Name == "chatty");
            // Over the one connection that the tight device has left, samples come one a second, and not all in one poll.
            Assert.True(device.Key == "restricted" || chatty.CpuPercent > 0, $"{device.Key}: {chatty.CpuPercent}; {string.Join(' ', page.Notes ?? [])}");
            Assert.Contains(device, item => item.MemoryBytes > 0);
            Assert.Equal(HealthStatus.Unhealthy, device.Single(item => item.Name == "unhealthy").Health);
            Assert.True(device.Single(item => item.Name == "oom").OomKilled);
            Assert.Equal(ContainerState.Paused, device.Single(item => item.Name == "paused").State);
            Assert.Equal(["127.0.0.1:8088->8080/tcp"], device.Single(item => item.Name == "shop-web-1").Ports!);
        }
    }

    [Fact]
    public async Task ListContainers_Filters_Narrow()
    {
        await using var fleet = await ContainerFleet.OpenAsync(lab, "root-bash");

        async Task<IEnumerable<string>> NamesAsync(ContainerFilter? status = null, string? project = null, string? image = null, string? search = null) =>
            (await fleet.Operations.ListContainersAsync("root-bash", status, image, project, search)).Items.Select(item => item.Name);

        Assert.Equal(["shop-api-1", "shop-db-1", "shop-web-1"], await NamesAsync(project: "shop"));
        Assert.Equal(["shop-db-1"], await NamesAsync(image: "shop/db"));
        Assert.Equal(["chatty", "tty"], await NamesAsync(search: "TTY"));
        Assert.Equal(["paused"], await NamesAsync(ContainerFilter.Paused));
        Assert.Subset((await NamesAsync(ContainerFilter.Problem)).ToHashSet(StringComparer.Ordinal), new HashSet<string>(["exited", "oom", "unhealthy"], StringComparer.Ordinal));
        var first = await fleet.Operations.ListContainersAsync("root-bash", limit: 4);
        var second = await fleet.Operations.ListContainersAsync("root-bash", cursor: first.NextCursor, limit: 4);
        Assert.Equal(4, second.Items.Count);
        Assert.Empty(first.Items.Select(item => item.Name).Intersect(second.Items.Select(item => item.Name), StringComparer.Ordinal));
    }

    [Fact]
    public async Task GetContainerDetails_ByNameIdAndService_TellsEverything()
    {
        await using var fleet = await ContainerFleet.OpenAsync(lab, "root-bash");

        var web = (await fleet.Operations.GetContainerDetailsAsync("root-bash", "web")).Container;
        Assert.Equal("shop-web-1", web.Name);
        Assert.Equal([new ComposeDependency { Service = "api", Condition = "service_started", Restart = false }], web.Compose!.DependsOn);
        Assert.Contains("web", web.Networks.Single(network => network.Name == "shop_default").Aliases!);
        Assert.Equal("shop-web-1", (await fleet.Operations.GetContainerDetailsAsync("root-bash", web.Id[..8])).Container.Name);
        var unhealthy = await fleet.Operations.GetContainerDetailsAsync("root-bash", "unhealthy");
        Assert.Equal(ObservationSource.Live, unhealthy.Source);
        Assert.True(unhealthy.Container.Health!.FailingStreak > 0);
        Assert.NotEmpty(unhealthy.Container.Health.LastChecks[0].Output!);
        var wrong = await Assert.ThrowsAsync<OperationException>(() => fleet.Operations.GetContainerDetailsAsync("root-bash", "helthy"));
        Assert.Equal(OperationError.NotFound, wrong.Error);
        Assert.Contains("healthy", wrong.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetContainerLogs_SearchStreamAndTail_AreHonoured()
    {
        await using var fleet = await ContainerFleet.OpenAsync(lab, "root-bash");

        var errors = await fleet.Operations.GetContainerLogsAsync("root-bash", "chatty", search: "SLOW", tail: 5);
        Assert.Equal(5, errors.Lines.Count);
        Assert.All(errors.Lines, line => Assert.Contains("slow request", line.Text, StringComparison.Ordinal));
        Assert.All(errors.Lines, line => Assert.Equal(ContainerLogStream.Stderr, line.Stream));
        Assert.Equal(errors.Lines.OrderBy(line => line.At).Select(line => line.Text), errors.Lines.Select(line => line.Text));
        var output = await fleet.Operations.GetContainerLogsAsync("root-bash", "chatty", stream: ContainerLogStream.Stdout, tail: 50);
        Assert.All(output.Lines, line => Assert.Equal(ContainerLogStream.Stdout, line.Stream));
        var tty = await fleet.Operations.GetContainerLogsAsync("root-bash", "tty", tail: 20);
        Assert.All(tty.Lines, line => Assert.DoesNotContain(line.Text, character => char.IsControl(character) && character != '\t'));
        var until = PointInTime.Parse("10s", null);
        var past = await fleet.Operations.GetContainerLogsAsync("root-bash", "chatty", until: until, tail: 3);
        Assert.Equal(3, past.Lines.Count);
        Assert.All(past.Lines, line => Assert.True(line.At <= until.Resolve(TimeProvider.System.GetUtcNow())));
        var all = await fleet.Operations.GetContainerLogsAsync("root-bash", "chatty", tail: 2000);
        Assert.True(all.Lines.Sum(line => line.Text.Length) < 25_000);
        Assert.Contains(all.Notes!, note => note.Contains("narrow", StringComparison.Ordinal));
    }
}
