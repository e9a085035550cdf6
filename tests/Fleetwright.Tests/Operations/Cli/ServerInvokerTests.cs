using System.Text.Json.Nodes;
using Fleetwright.Features.Systems;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Cli;

namespace Fleetwright.Tests.Operations.Cli;

public sealed class ServerInvokerTests
{
    private static readonly OperationDescriptor Metrics = new OperationCatalogue([new OperationSource(typeof(SystemOperations))]).Get("get_system_metrics");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Address_WithoutAnArgumentOfTheRoute_NamesTheArgument(string? device)
    {
        var failure = Assert.Throws<OperationException>(() => ServerInvoker.Address(Metrics, new JsonObject { ["device"] = device }));

        Assert.Equal(OperationError.Invalid, failure.Error);
        Assert.Equal("device: this argument is required.", failure.Message);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void Address_DotsForAName_AreNotResolvedIntoAnotherRoute(string device)
    {
        var failure = Assert.Throws<OperationException>(() => ServerInvoker.Address(Metrics, new JsonObject { ["device"] = device }));

        Assert.Equal(OperationError.NotFound, failure.Error);
    }

    [Fact]
    public void Address_NameWithSpecialCharacters_IsOneSegment() =>
        Assert.Equal("/api/devices/a%3Fb%23c%25%20d/metrics", ServerInvoker.Address(Metrics, new JsonObject { ["device"] = "a?b#c% d" }));
}
