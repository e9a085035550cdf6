using Fleetwright.Platform;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Health;
using Fleetwright.Platform.Probes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fleetwright.Features.Containers;

/// <summary>Containers of Docker and Podman: what runs where, how it fares, what it logs.</summary>
public static class ContainersFeature
{
    public static IServiceCollection AddContainers(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DockerEngines>();
        services.AddProbe<ContainersProbe>();
        services.TryAddSingleton<ContainerAccess>();
        services.TryAddSingleton<ContainerLogReader>();
        services.TryAddSingleton(provider => new ContainerOperations(
            provider.GetRequiredService<DeviceRegistry>(),
            provider.GetRequiredService<Observatory>(),
            provider.GetRequiredService<ContainersProbe>(),
            provider.GetRequiredService<ContainerAccess>(),
            provider.GetRequiredService<ContainerLogReader>()));
        services.TryAddSingleton(provider => new ContainerLogFollower(
            provider.GetRequiredService<ContainerAccess>(), provider.GetRequiredService<EventBus>(), provider.GetRequiredService<TimeProvider>()));
        services.AddOperations<ContainerOperations>();
        services.AddLiveChannel<ContainersChannel>();
        services.AddLiveChannel<ContainerLogChannel>();
        services.AddSingleton<IHealthSource, ContainerHealthSource>();
        services.AddRawParser(DockerContainersParser.Raw);
        services.AddRawParser(DockerInspectParser.Raw);
        services.TryAddSingleton<ContainerEvents>();
        return services.AddHostedService(provider => provider.GetRequiredService<ContainerEvents>());
    }
}
