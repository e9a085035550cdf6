using Fleetwright.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Features.Health;

/// <summary>What is wrong across the fleet, as the features' own <see cref="Platform.Health.IHealthSource"/>s tell it, and how Fleetwright itself fares.</summary>
public static class HealthFeature
{
    public static IServiceCollection AddHealth(this IServiceCollection services) =>
        services.AddOperations<OverviewOperations>().AddOperations<ServerHealthOperations>();
}
