using Fleetwright.Platform.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fleetwright.Platform.Devices;

/// <summary>The registry of devices, and what finds out about them.</summary>
public static class DevicesRegistration
{
    public static IServiceCollection AddDevices(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EventBus>();
        services.TryAddSingleton<DeviceRegistry>();
        return services;
    }
}
