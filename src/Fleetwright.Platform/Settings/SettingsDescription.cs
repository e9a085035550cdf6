using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Settings;

/// <summary>
/// The settings in force, for people and models to read: every options class of ours that names its section in a constant
/// <c>Section</c>. Neither secrets nor places on the server's disk are in it.
/// </summary>
public sealed class SettingsDescription(IServiceProvider services)
{
    private const string SectionConstant = "Section";

    private static readonly string[] WithheldWords =
        ["password", "passphrase", "secret", "token", "key", "credential", "connectionstring", "path", "directory", "folder", "file", "socket"];

    /// <summary>One property for each section.</summary>
    public JsonObject Describe()
    {
        var all = new JsonObject();
        foreach (var (section, type) in Sections().OrderBy(found => found.Section, StringComparer.Ordinal))
        {
            all[Camel(section)] = Describe(Current(type));
        }

        return all;
    }

    /// <summary>The options classes and their sections.</summary>
    internal static IEnumerable<(string Section, Type Type)> Sections() =>
        from assembly in AppDomain.CurrentDomain.GetAssemblies()
        where assembly.GetName().Name?.StartsWith("Fleetwright", StringComparison.OrdinalIgnoreCase) is true
        from type in assembly.GetTypes()
        where type.Name.EndsWith("Options", StringComparison.Ordinal)
        let constant = type.GetField(SectionConstant, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
        where constant is { IsLiteral: true } && constant.FieldType == typeof(string)
        select ((string)constant.GetRawConstantValue()!, type); // A constant string of ours is not null.

    private object Current(Type type)
    {
        var monitor = services.GetRequiredService(typeof(IOptionsMonitor<>).MakeGenericType(type));
        // Every monitor has this property, and options are never null.
        return monitor.GetType().GetProperty(nameof(IOptionsMonitor<>.CurrentValue))!.GetValue(monitor)!;
    }

    private static JsonObject Describe(object options)
    {
        var shown = new JsonObject();
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanRead))
        {
            if (IsPlain(property.PropertyType) && !IsWithheld(property))
            {
                shown[Camel(property.Name)] = JsonSerializer.SerializeToNode(property.GetValue(options), property.PropertyType, Json.Options);
            }
        }

        return shown;
    }

    // Only what is known to be harmless is shown: numbers, times, switches, choices, and texts and lists of texts by name.
    private static bool IsPlain(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsPrimitive || plain.IsEnum || plain == typeof(TimeSpan) || plain == typeof(decimal) || IsText(plain);
    }

    private static bool IsText(Type type) => type == typeof(string) || (type.IsAssignableTo(typeof(IEnumerable)) && type.IsAssignableTo(typeof(IEnumerable<string>)));

    private static bool IsWithheld(PropertyInfo property) =>
        IsText(property.PropertyType) && WithheldWords.Any(word => property.Name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}
