using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Rest;

namespace Fleetwright.Platform.Events.Live;

/// <summary>Reads what a subscription asks for into a channel's own record, and says in plain words what is wrong with it.</summary>
internal static class LiveFilter
{
    private static readonly JsonSerializerOptions Strict = new(Json.Options)
    {
        NumberHandling = JsonNumberHandling.Strict,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static JsonObject Schema(Type type)
    {
        var schema = OperationSchemas.OfArgument(type);
        schema["additionalProperties"] = false;
        // Not kept: it holds every comment of the assembly, and a schema is made once.
        var docs = new DocComments();
        foreach (var property in type.GetProperties())
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (schema["properties"]?[name] is JsonObject member && docs.Of(property) is { } text)
            {
                member["description"] = text;
            }
        }

        return schema;
    }

    /// <exception cref="OperationException">A member is unknown, missing, or not what it should be.</exception>
    public static TFilter Read<TFilter>(JsonObject filter, JsonObject schema)
        where TFilter : class
    {
        var known = (schema["properties"] as JsonObject)?.Select(member => member.Key).ToList() ?? [];
        foreach (var (name, _) in filter)
        {
            if (!known.Contains(name))
            {
                throw OperationException.Invalid(
                    $"filter.{ProblemResponse.Shown(name)}",
                    "this channel's filter has no such member.",
                    known.Count == 0 ? "It has none." : $"It has {string.Join(", ", known)}.");
            }
        }

        foreach (var name in schema["required"] as JsonArray ?? [])
        {
            if (filter[name!.GetValue<string>()] is null)
            {
                throw OperationException.Invalid($"filter.{name}", "this channel needs it.", Describe(schema, name.GetValue<string>()));
            }
        }

        try
        {
            return filter.Deserialize<TFilter>(Strict) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            var member = (exception.Path ?? "").TrimStart('$', '.').Split('.', '[')[0];
            throw OperationException.Invalid(
                member.Length == 0 ? "filter" : $"filter.{ProblemResponse.Shown(member)}", "it is not what it should be.", Describe(schema, member));
        }
    }

    private static string Describe(JsonObject schema, string member)
    {
        if (schema["properties"]?[member] is not JsonObject described)
        {
            return "See docs/websocket.md.";
        }

        var choices = described["enum"] is JsonArray values ? $" One of: {string.Join(", ", values)}." : "";
        return $"A {described["type"]}. {described["description"]}{choices}".TrimEnd();
    }
}
