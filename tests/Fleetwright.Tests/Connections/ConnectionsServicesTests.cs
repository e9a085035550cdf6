using Fleetwright.Platform.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fleetwright.Tests.Connections;

public sealed class ConnectionsServicesTests
{
    [Fact]
    public void AddDeviceConnections_SeveralMistakes_AreAllReportedByTheirKeys()
    {
        using var services = Services(new()
        {
            ["Connections:MaxChannels"] = "0",
            ["Connections:KeepAliveSeconds"] = "61",
            ["Connections:ConnectTimeout"] = "00:00:00",
            ["Connections:RunDirectory"] = "relative",
            ["Connections:KnownHostsFile"] = "/with blank/known_hosts",
            ["Connections:SshConfigFile"] = "/no/such/file",
        });

        var failure = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<ConnectionOptions>>().Value);

        Assert.Equal(6, failure.Failures.Count());
        Assert.All(failure.Failures, f => Assert.StartsWith("Connections:", f, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AddDeviceConnections_AFolder_IsMadePrivateAndClearedAway()
    {
        var folder = Directory.CreateTempSubdirectory();
        var run = Path.Combine(folder.FullName, "run");
        var services = Services(new()
        {
            ["Connections:RunDirectory"] = run,
            ["Connections:KnownHostsFile"] = Path.Combine(folder.FullName, "known_hosts"),
        });
        var stale = Directory.CreateDirectory(Path.Combine(run, $"{int.MaxValue}-dead")).FullName;

        _ = services.GetRequiredService<ConnectionFactory>();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(run));
        Assert.False(Directory.Exists(stale));
        Assert.Single(Directory.GetDirectories(run));
        await services.DisposeAsync();
        Assert.Empty(Directory.GetDirectories(run));
        folder.Delete(recursive: true);
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddLogging();
        services.AddDeviceConnections();
        return services.BuildServiceProvider();
    }
}
