using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fleetwright.Platform.Operations;

/// <summary>JSON Schemas of arguments and results, from the types themselves.</summary>
internal static class OperationSchemas
{
    // Strict numbers: the leniency of reading is not advertised.
    private static readonly JsonSerializerOptions Strict = new(Json.Options)
    {
        NumberHandling = JsonNumberHandling.Strict,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonSchemaExporterOptions Exporter = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Transform,
    };

    /// <summary>A result's schema.</summary>
    public static JsonObject Of(Type type) => Strict.GetJsonSchemaAsNode(type, Exporter) as JsonObject ?? new JsonObject { ["type"] = "object" };

    /// <summary>An argument's schema; leaving an argument out is how null is said.</summary>
    public static JsonObject OfArgument(Type type)
    {
        var schema = Of(Nullable.GetUnderlyingType(type) ?? type);
        if (schema["type"] is JsonArray types && types.FirstOrDefault(item => item?.GetValue<string>() != "null") is { } only)
        {
            schema["type"] = only.DeepClone();
        }

        return schema;
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(PointInTime))
        {
            return new JsonObject { ["type"] = "string" };
        }

        if (type.IsEnum && schema is JsonObject enumeration && !enumeration.ContainsKey("type"))
        {
            if (enumeration["enum"] is JsonArray values)
            {
                foreach (var nothing in values.Where(value => value is null).ToList())
                {
                    values.Remove(nothing);
                }
            }

            enumeration.Insert(0, "type", "string");
        }

        // A property that is null is left out of our JSON, so null is not one of its values, and only what is never null is required.
        if (schema is JsonObject node)
        {
            if (node["type"] is JsonArray types)
            {
                foreach (var nothing in types.Where(item => item?.GetValue<string>() == "null").ToList())
                {
                    types.Remove(nothing);
                }

                if (types.Count == 1)
                {
                    node["type"] = types[0]!.DeepClone();
                }
            }

            if (context.TypeInfo.Kind == JsonTypeInfoKind.Object && node["required"] is JsonArray required)
            {
                foreach (var name in required.ToList())
                {
                    var property = context.TypeInfo.Properties.FirstOrDefault(property => property.Name == name!.GetValue<string>());
                    if (property is { IsGetNullable: true })
                    {
                        required.Remove(name);
                    }
                }
            }
        }

        return schema;
    }
}
