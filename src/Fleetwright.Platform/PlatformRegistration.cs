using Fleetwright.Platform.Probes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fleetwright.Platform;

/// <summary>What a feature's Add… method calls.</summary>
public static class PlatformRegistration
{
    /// <summary>A probe: a singleton under its own type, polled by the scheduler.</summary>
    public static IServiceCollection AddProbe<TProbe>(this IServiceCollection services)
        where TProbe : class, IProbe
    {
        services.TryAddSingleton<TProbe>();
        return services.AddSingleton<IProbe>(provider => provider.GetRequiredService<TProbe>());
    }

    /// <summary>A class whose methods marked [Operation] go into the catalogue; a singleton.</summary>
    public static IServiceCollection AddOperations<TOperations>(this IServiceCollection services)
        where TOperations : class
    {
        services.TryAddSingleton<TOperations>();
        return services.AddSingleton(new Operations.OperationSource(typeof(TOperations)));
    }

    /// <summary>A parser for `fleetwright parse`.</summary>
    public static IServiceCollection AddRawParser(this IServiceCollection services, RawParser parser) =>
        services.AddSingleton(parser);
}
