using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices.Facts;
using Fleetwright.Platform.Devices.Import;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Probes;
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
        services.TryAddSingleton<DeviceConnector>(provider => provider.GetRequiredService<ConnectionFactory>().Create);
        services.TryAddSingleton<DeviceRegistry>();
        services.TryAddSingleton<DeviceTester>();
        services.TryAddSingleton<DeviceEnrollment>();
        services.TryAddSingleton<DeviceImporter>();
        services.AddProbe<FactsProbe>();
        services.AddRawParser(new RawParser("facts", "the facts script", output => FactsParser.Parse(output.Span)
            ?? throw new UnreadableOutputException("This is not the facts script's output, or it ends too early.")));
        return services;
    }
}
