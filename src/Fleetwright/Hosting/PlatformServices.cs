using Fleetwright.Platform;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Events.WebSockets;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Mcp;
using Fleetwright.Platform.Probes;
using Fleetwright.Platform.Security;
using Fleetwright.Platform.Storage;
using Microsoft.AspNetCore.DataProtection;

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
        services.PostConfigure<ConnectionOptions>(options => options.KnownHostsFile ??= paths.KnownHostsFile);
        // Authentication brings it along, and nothing here is protected by it: no key ring on disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        return services
            .AddStorage()
            .AddDeviceConnections()
            .AddDevices()
            .AddProbes()
            .AddSecurity(configuration)
            .AddOperationCatalogue()
            .AddMcpOperations()
            .AddWebSocketDoor();
    }
}
