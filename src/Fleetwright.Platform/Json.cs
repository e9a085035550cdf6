using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fleetwright.Platform;

/// <summary>The one JSON form of the project: camelCase, nulls left out, enums as camelCase strings, lenient about numbers in strings.</summary>
public static class Json
{
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Puts a feature's source-generated context before reflection. Called while services are registered, before first use.</summary>
    public static void AddContext(JsonSerializerContext context)
    {
        if (!Options.IsReadOnly && !Options.TypeInfoResolverChain.Contains(context))
        {
            Options.TypeInfoResolverChain.Insert(0, context);
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            NumberHandling = JsonNumberHandling.AllowReadingFromString,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        return options;
    }
}
