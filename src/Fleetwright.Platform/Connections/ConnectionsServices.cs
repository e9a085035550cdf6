using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Connections;

/// <summary>The entry of this folder.</summary>
public static class ConnectionsServices
{
    /// <summary>Adds <see cref="ConnectionFactory"/> and its options, checked at start.</summary>
    public static IServiceCollection AddDeviceConnections(this IServiceCollection services)
    {
        services.AddOptions<ConnectionOptions>().BindConfiguration(ConnectionOptions.Section).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<ConnectionOptions>, ConnectionOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ConnectionFactory>();
        return services;
    }

    private sealed class ConnectionOptionsValidator : IValidateOptions<ConnectionOptions>
    {
        public ValidateOptionsResult Validate(string? name, ConnectionOptions options)
        {
            string[] mistakes = [.. options.Mistakes()];
            return mistakes.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
