using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// Arguments that a tool's schema marks with <c>x-mcp-header</c>: clients repeat them as <c>Mcp-Param-…</c> headers so
/// that a gateway can route without reading bodies.
/// </summary>
internal static class ToolHeaders
{
    // A tool's schema never changes, so it is read once for as long as the tool lives.
    private static readonly ConditionalWeakTable<McpServerTool, ArgumentHeader[]> Known = [];

    public static ArgumentHeader[] Of(McpServerTool tool) =>
        Known.GetValue(tool, static key => [.. Read(key.ProtocolTool.InputSchema, [])]);

    private static IEnumerable<ArgumentHeader> Read(JsonElement schema, string[] path)
    {
        if (schema.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("properties", out var properties)
            || properties.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var property in properties.EnumerateObject())
        {
            string[] here = [.. path, property.Name];
            if (property.Value.ValueKind == JsonValueKind.Object
                && property.Value.TryGetProperty("x-mcp-header", out var name)
                && name.GetString() is { Length: > 0 } header)
            {
                yield return new ArgumentHeader(McpHeaders.ParameterPrefix + header, here);
            }

            foreach (var nested in Read(property.Value, here))
            {
                yield return nested;
            }
        }
    }
}

/// <summary>One argument (a path of property names) and the header that repeats it.</summary>
internal sealed record ArgumentHeader(string Header, string[] Path)
{
    /// <summary>The argument's value in <paramref name="arguments"/>; null when it is absent or null.</summary>
    public JsonNode? ValueIn(JsonNode? arguments)
    {
        foreach (var name in Path)
        {
            arguments = (arguments as JsonObject)?[name];
        }

        return arguments;
    }
}
