using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fleetwright.Platform.Events.Live;

public static class LiveRegistration
{
    /// <summary>A channel that clients of the WebSocket door can subscribe to; a singleton.</summary>
    public static IServiceCollection AddLiveChannel<TChannel>(this IServiceCollection services)
        where TChannel : class, ILiveChannel
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILiveChannel, TChannel>());
        return services;
    }

    /// <summary>The same for a channel that is not made by its public constructor.</summary>
    public static IServiceCollection AddLiveChannel<TChannel>(this IServiceCollection services, Func<IServiceProvider, TChannel> create)
        where TChannel : class, ILiveChannel
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILiveChannel, TChannel>(create));
        return services;
    }
}
