using Fleetwright.Platform.Operations.Rest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fleetwright.Platform.Operations;

/// <summary>The catalogue, the invoker, and the description of the REST door.</summary>
public static class OperationRegistration
{
    public static IServiceCollection AddOperationCatalogue(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<OperationCatalogue>();
        services.AddSingleton<IOperationInvoker, OperationInvoker>();
        services.AddOpenApiDescription();
        return services;
    }
}
