using Fleetwright.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Features.Devices;

/// <summary>Which machines there are, what they are, and how they are reached.</summary>
public static class DevicesFeature
{
    public static IServiceCollection AddDeviceOperations(this IServiceCollection services) => services
        .AddOperations<DeviceOperations>()
        .AddOperations<DeviceMaintenanceOperations>();
}
