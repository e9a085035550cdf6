using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fleetwright.Platform.Settings;

/// <summary>The settings in force, for people and models to read. Neither secrets nor places on the server's disk are in it.</summary>
public sealed class SettingsDescription(IEnumerable<SettingsSection> sections, IServiceProvider services)
{
    private static readonly string[] WithheldWords = ["password", "passphrase", "secret", "token", "key", "credential", "connectionstring", "path", "directory", "folder", "file", "socket"];

    public JsonObject Describe()
    {
        var all = new JsonObject();
        foreach (var section in sections.DistinctBy(section => section.Name).OrderBy(section => section.Name, StringComparer.Ordinal))
        {
            all[JsonNamingPolicy.CamelCase.ConvertName(section.Name)] = Describe(section.Read(services));
        }

        return all;
    }

    private static JsonObject Describe(object options)
    {
        var shown = new JsonObject();
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanRead))
        {
            if (IsPlain(property.PropertyType) && !IsWithheld(property))
            {
                shown[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] =
                    JsonSerializer.SerializeToNode(property.GetValue(options), property.PropertyType, Json.Options);
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
}
