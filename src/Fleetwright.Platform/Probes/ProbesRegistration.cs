using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Probes;

/// <summary>What polls devices and what answers about them.</summary>
public static class ProbesRegistration
{
    /// <summary>
    /// The scheduler is a hosted service: it runs where a host is started, and the <see cref="Observatory"/> answers without
    /// it as well.
    /// </summary>
    public static IServiceCollection AddProbes(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EventBus>();
        services.AddOptions<ProbeOptions>().ValidateOnStart();
        services.TryAddSingleton(provider => new ProbeOptionsSetup(provider.GetServices<IProbe>(), provider.GetService<IConfiguration>()));
        services.AddSingleton<IConfigureOptions<ProbeOptions>>(provider => provider.GetRequiredService<ProbeOptionsSetup>());
        services.AddSingleton<IValidateOptions<ProbeOptions>>(provider => provider.GetRequiredService<ProbeOptionsSetup>());
        services.TryAddSingleton<ProbeSet>();
        services.TryAddSingleton<PollMeter>();
        services.TryAddSingleton<ReadingSink>();
        services.TryAddSingleton<PolledFleet>();
        services.TryAddSingleton<ProbeRunner>();
        services.TryAddSingleton(provider => new Observatory(
            provider.GetRequiredService<DeviceRegistry>(),
            provider.GetRequiredService<PolledFleet>(),
            provider.GetRequiredService<ProbeRunner>(),
            provider.GetRequiredService<PollMeter>(),
            provider.GetRequiredService<ReadingSink>(),
            provider.GetRequiredService<IReadingStore>(),
            provider.GetRequiredService<IOptions<ProbeOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Observatory>>()));
        return services.AddHostedService<ProbeScheduler>();
    }
}
