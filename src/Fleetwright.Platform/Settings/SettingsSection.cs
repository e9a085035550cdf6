using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Settings;

/// <summary>A section of the configuration and the options class that it fills.</summary>
public sealed class SettingsSection
{
    private readonly Func<IServiceProvider, object> _read;

    private SettingsSection(string name, Type type, Func<IServiceProvider, object> read) => (Name, Type, _read) = (name, type, read);

    /// <summary>The section's key: Mcp.</summary>
    public string Name { get; }

    public Type Type { get; }

    public static SettingsSection For<TOptions>(string name)
        where TOptions : class =>
        new(name, typeof(TOptions), services => services.GetRequiredService<IOptionsMonitor<TOptions>>().CurrentValue);

    /// <summary>The options in force.</summary>
    public object Read(IServiceProvider services) => _read(services);
}
