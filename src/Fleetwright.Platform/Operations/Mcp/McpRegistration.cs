using System.Text.Json;
using Fleetwright.Platform.Security;
using Fleetwright.Platform.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Authentication;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>Puts the MCP door into a host: its services, and its routes.</summary>
public static class McpRegistration
{
    /// <summary>Adds the streamable HTTP transport; what it serves is registered with <c>AddMcpServer()</c>.</summary>
    public static IServiceCollection AddMcpHttp(this IServiceCollection services)
    {
        AddSettings(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<HostAndOriginOptions>();
        services.TryAddSingleton<HostAndOriginPolicy>();
        services.TryAddSingleton<McpServerOptionsByEra>();
        services.TryAddSingleton<LegacyRequests>();
        services.TryAddSingleton<ModernRequests>();
        services.TryAddSingleton<McpHttpEndpoint>();
        services.TryAddSingleton(provider => new McpSessions(
            provider.GetRequiredService<McpServerOptionsByEra>(),
            provider.GetRequiredService<IOptions<McpOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider));
        services.AddHostedService(provider => provider.GetRequiredService<McpSessions>());
        return services;
    }

    /// <summary>Makes the operation catalogue what MCP serves, over HTTP and standard input and output alike.</summary>
    public static IServiceCollection AddMcpOperations(this IServiceCollection services)
    {
        AddSettings(services);
        services.AddMcpServer();
        services.TryAddSingleton<McpServerOptionsByEra>();
        services.TryAddSingleton<SettingsDescription>();
        services.TryAddSingleton<FleetOperations>();
        services.TryAddSingleton<FleetResources>();
        services.TryAddSingleton<FleetCompletions>();
        services.TryAddSingleton<ToolListing>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<McpServerOptions>, McpServerSetup>());
        // Core tells of every call at level information, and of a client's mistakes (an unknown tool) as errors with their
        // stack; what goes wrong in an operation is logged where it is called.
        services.AddLogging(logging => logging
            .AddFilter("ModelContextProtocol", LogLevel.Warning)
            .AddFilter("ModelContextProtocol.Server.McpServer", LogLevel.Critical));
        return services;
    }

    /// <summary>Maps POST, GET and DELETE of <paramref name="path"/>; add the authorization that they need to what is returned.</summary>
    public static IEndpointConventionBuilder MapMcp(this IEndpointRouteBuilder routes, string path = "/mcp")
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<McpHttpEndpoint>();
        var group = routes.MapGroup(path);
        group.MapPost("", (RequestDelegate)endpoint.PostAsync);
        group.MapGet("", (RequestDelegate)endpoint.GetAsync);
        group.MapDelete("", (RequestDelegate)endpoint.DeleteAsync);
        return group.ExcludeFromDescription();
    }

    /// <summary>
    /// Maps the protected-resource metadata (RFC 9728) in its root form and in the one for <c>/mcp</c>, to be read
    /// without a token. <paramref name="describe"/> adds what else is to be said: authorization servers, for instance.
    /// </summary>
    public static IEndpointConventionBuilder MapMcpResourceMetadata(
        this IEndpointRouteBuilder routes, Action<ProtectedResourceMetadata>? describe = null, string path = "/mcp")
    {
        var hostAndOrigin = routes.ServiceProvider.GetRequiredService<HostAndOriginPolicy>();
        var group = routes.MapGroup("/.well-known/oauth-protected-resource");
        group.MapGet("", WriteAsync);
        group.MapGet(path, WriteAsync);
        return group.ExcludeFromDescription().AllowAnonymous();

        Task WriteAsync(HttpContext context)
        {
            if (!hostAndOrigin.Allows(context))
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
            }

            var metadata = new ProtectedResourceMetadata
            {
                Resource = $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{path}",
                ResourceName = "Fleetwright",
                ScopesSupported = [.. Scopes.All],
            };
            describe?.Invoke(metadata);
            context.Response.ContentType = "application/json";
            return JsonSerializer.SerializeAsync(
                context.Response.Body, metadata, ModelContextProtocol.McpJsonUtilities.DefaultOptions, context.RequestAborted);
        }
    }

    private static void AddSettings(IServiceCollection services)
    {
        // Both of the methods above need them; bound twice, every list in them would be there twice.
        if (services.Any(service => service.ServiceType == typeof(SettingsAdded)))
        {
            return;
        }

        services.AddSingleton<SettingsAdded>();
        services.AddOptions<McpOptions>().BindConfiguration(McpOptions.Section)
            .Validate(options => options.SessionIdleTimeout >= TimeSpan.FromSeconds(1), "Mcp:SessionIdleTimeout must be at least 1 second.")
            .Validate(options => options.MaxIdleSessions >= 1, "Mcp:MaxIdleSessions must be at least 1.")
            .Validate(options => options.MaxSessions >= options.MaxIdleSessions, "Mcp:MaxSessions must not be below Mcp:MaxIdleSessions.")
            .Validate(options => options.MaxRequestBytes >= 1024, "Mcp:MaxRequestBytes must be at least 1024.")
            .Validate(options => options.CallTimeout > TimeSpan.Zero, "Mcp:CallTimeout must be above zero.")
            .Validate(options => options.CloseTimeout > TimeSpan.Zero, "Mcp:CloseTimeout must be above zero.")
            .ValidateOnStart();
    }

    private sealed class SettingsAdded;
}
