using Fleetwright.Platform.Events.Live;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>Puts the WebSocket door into a host: its services, and its route.</summary>
public static class WebSocketRegistration
{
    /// <summary>The door with the channels devices and events; features bring theirs with <c>AddLiveChannel</c>.</summary>
    public static IServiceCollection AddWebSocketDoor(this IServiceCollection services)
    {
        services.AddOptions<WebSocketDoorOptions>().BindConfiguration(WebSocketDoorOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WebSocketDoorOptions>, WebSocketDoorOptionsValidator>());
        services.TryAddSingleton<LiveChannels>();
        services.TryAddSingleton<WebSocketClients>();
        services.TryAddSingleton<WebSocketDoor>();
        services.AddLiveChannel<DevicesChannel>();
        services.AddLiveChannel<EventsChannel>();
        return services.AddHostedService(provider => provider.GetRequiredService<WebSocketClients>());
    }

    /// <summary>Maps the door; UseWebSockets must come before. It is closed to whoever has no key, as every endpoint is.</summary>
    public static IEndpointConventionBuilder MapWebSocketDoor(this IEndpointRouteBuilder routes, string path = "/ws") =>
        routes.Map(path, (RequestDelegate)routes.ServiceProvider.GetRequiredService<WebSocketDoor>().HandleAsync).ExcludeFromDescription();
}
