using Fleetwright.Platform;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Mcp;
using Fleetwright.Platform.Probes;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Hosting;

/// <summary>What every feature stands on; the same in the server and in a command that works without one.</summary>
internal static class PlatformServices
{
    public static IServiceCollection AddPlatform(this IServiceCollection services, IConfiguration configuration, FleetwrightPaths paths)
    {
        services.AddSingleton(configuration);
        services.AddSingleton(paths);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<EventBus>();
        services.AddSingleton<DeviceConnector>(provider => provider.GetRequiredService<ConnectionFactory>().Create);
        services.PostConfigure<ConnectionOptions>(options => options.KnownHostsFile ??= paths.KnownHostsFile);
        return services
            .AddStorage()
            .AddDeviceConnections()
            .AddDevices()
            .AddProbes()
            .AddOperationCatalogue()
            .AddMcpOperations();
    }
}
