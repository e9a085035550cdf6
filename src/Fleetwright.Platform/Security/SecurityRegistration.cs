using Fleetwright.Platform.Operations;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Security;

public static class SecurityRegistration
{
    /// <summary>Keys, authentication, limits and the audit log. Needs the store and <see cref="FleetwrightPaths"/>.</summary>
    public static IServiceCollection AddSecurity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SecurityOptions>().Bind(configuration.GetSection(SecurityOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SecurityOptions>, SecurityOptionsValidator>());
        services.AddOptions<HostAndOriginOptions>().Bind(configuration.GetSection("Access"));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ApiKeys>();
        services.TryAddSingleton<FailedSignIns>();
        services.TryAddSingleton<HostAndOriginPolicy>();
        services.TryAddSingleton<OperationRateLimiter>();
        services.TryAddSingleton<AuditLog>();
        services.TryAddSingleton<IOperationGuard, OperationGuard>();
        services.AddAuthentication(ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        services.AddAuthorization();
        return services;
    }

    /// <summary>
    /// Everything that a request passes before a door. Comes first. Endpoints are closed unless they say AllowAnonymous; what
    /// is no endpoint (static files) is open.
    /// </summary>
    public static WebApplication UseFleetwrightSecurity(this WebApplication app)
    {
        var policy = app.Services.GetRequiredService<HostAndOriginPolicy>();
        var limit = app.Services.GetRequiredService<IOptions<SecurityOptions>>().Value.RequestTimeout;
        app.Use((HttpContext context, RequestDelegate next) => SecurityMiddleware.AddHeadersAsync(context, next));
        app.Use((HttpContext context, RequestDelegate next) => SecurityMiddleware.CheckHostAndOriginAsync(context, next, policy));
        app.UseAuthentication();
        app.Use((HttpContext context, RequestDelegate next) => SecurityMiddleware.RequireCallerAsync(context, next));
        app.UseAuthorization();
        app.Use((HttpContext context, RequestDelegate next) => SecurityMiddleware.LimitTimeAsync(context, next, limit));
        return app;
    }
}
