using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// What Core leaves to its host: the headers of a request must be known, complete and say what its body says, because
/// gateways route by the headers and the server acts by the body.
/// </summary>
internal static class ModernRequestChecks
{
    private static readonly string[] RemovedMethods =
        ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"];

    /// <summary>Refuses a version header that names no revision this server speaks.</summary>
    public static McpRefusal? CheckVersionHeader(string? revision) => revision is null || McpRevisions.IsKnown(revision)
        ? null
        : UnsupportedRevision(revision);

    /// <summary>Refuses a legacy message that carries the modern era's metadata, or disagrees with its own header.</summary>
    public static McpRefusal? CheckLegacy(string? revision, JsonRpcMessage message)
    {
        if (message is not JsonRpcRequest request)
        {
            return null;
        }

        if (MetaOf(request)?.ContainsKey(McpHeaders.MetaProtocolVersion) is true)
        {
            return Mismatch($"_meta names a protocol version; {McpHeaders.ProtocolVersion} must name the same one.");
        }

        if (request.Method == RequestMethods.Initialize && request.Params is not JsonObject)
        {
            // Core would open a session for it.
            return new McpRefusal(400, McpErrorCode.InvalidParams, "initialize needs protocolVersion, capabilities and clientInfo.");
        }

        var asked = request.Method == RequestMethods.Initialize ? Text((request.Params as JsonObject)?["protocolVersion"]) : null;
        return revision is not null && asked is not null && asked != revision
            ? Mismatch($"{McpHeaders.ProtocolVersion} says {revision}, initialize asks for {asked}.")
            : null;
    }

    /// <summary>Refuses a modern message whose metadata is incomplete or whose headers differ from its body.</summary>
    public static McpRefusal? CheckModern(
        string revision, IHeaderDictionary headers, JsonRpcMessage message, McpServerPrimitiveCollection<McpServerTool>? tools)
    {
        if (message is JsonRpcNotification notification)
        {
            return CheckMethod(headers, notification.Method);
        }

        if (message is not JsonRpcRequest request)
        {
            return new McpRefusal(400, McpErrorCode.InvalidRequest, "This revision has no requests from server to client, so nothing to respond to.");
        }

        return CheckMeta(revision, request)
            ?? CheckMethod(headers, request.Method)
            ?? CheckName(headers, request)
            ?? CheckArguments(headers, request, tools)
            ?? CheckMethodExists(request);
    }

    private static McpRefusal? CheckMeta(string revision, JsonRpcRequest request)
    {
        var meta = MetaOf(request);
        if (Text(meta?[McpHeaders.MetaProtocolVersion]) is not { } inBody)
        {
            return Incomplete(McpHeaders.MetaProtocolVersion);
        }

        if (inBody != revision)
        {
            return Mismatch($"{McpHeaders.ProtocolVersion} says {revision}, _meta says {inBody}.");
        }

        return meta?[McpHeaders.MetaClientCapabilities] is JsonObject ? null : Incomplete(McpHeaders.MetaClientCapabilities);
    }

    private static McpRefusal? CheckMethod(IHeaderDictionary headers, string method)
    {
        var header = Single(headers, McpHeaders.Method);
        return string.Equals(header, method, StringComparison.Ordinal)
            ? null
            : Mismatch($"{McpHeaders.Method} must be '{method}', as in the body.");
    }

    private static McpRefusal? CheckName(IHeaderDictionary headers, JsonRpcRequest request)
    {
        var property = request.Method switch
        {
            RequestMethods.ToolsCall or RequestMethods.PromptsGet => "name",
            RequestMethods.ResourcesRead => "uri",
            _ => null,
        };
        if (property is null || Text((request.Params as JsonObject)?[property]) is not { } inBody)
        {
            return null;
        }

        var header = McpHeaderEncoder.DecodeValue(Single(headers, McpHeaders.Name));
        return string.Equals(header, inBody, StringComparison.Ordinal)
            ? null
            : Mismatch($"{McpHeaders.Name} must repeat params.{property} of the body.");
    }

    private static McpRefusal? CheckArguments(
        IHeaderDictionary headers, JsonRpcRequest request, McpServerPrimitiveCollection<McpServerTool>? tools)
    {
        if (request.Method != RequestMethods.ToolsCall
            || request.Params is not JsonObject parameters
            || Text(parameters["name"]) is not { } name
            || tools is null
            || !tools.TryGetPrimitive(name, out var tool))
        {
            return null;
        }

        foreach (var argument in ToolHeaders.Of(tool))
        {
            var raw = Single(headers, argument.Header);
            var header = McpHeaderEncoder.DecodeValue(raw);
            if (raw is not null && header is null)
            {
                return Mismatch($"{argument.Header} is not valid Base64 of UTF-8.");
            }

            if (!Agrees(header, argument.ValueIn(parameters["arguments"])))
            {
                return Mismatch($"{argument.Header} must repeat the argument '{string.Join('.', argument.Path)}'.");
            }
        }

        return null;
    }

    private static McpRefusal? CheckMethodExists(JsonRpcRequest request) =>
        RemovedMethods.Contains(request.Method, StringComparer.Ordinal)
            ? new McpRefusal(404, McpErrorCode.MethodNotFound, $"{request.Method} is not part of revision {McpRevisions.Modern}.")
            : null;

    private static bool Agrees(string? header, JsonNode? argument)
    {
        if (argument is null || header is null)
        {
            return argument is null && header is null;
        }

        return argument.GetValueKind() switch
        {
            JsonValueKind.String => argument.GetValue<string>() == header,
            JsonValueKind.True => header == "true",
            JsonValueKind.False => header == "false",
            JsonValueKind.Number => argument.ToJsonString() == header || SameNumber(argument.ToJsonString(), header),
            // Objects and lists have no header form; a schema that marks one asks for nothing.
            _ => true,
        };
    }

    private static bool SameNumber(string left, string right) =>
        decimal.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out var a)
        && decimal.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out var b)
        && a == b;

    private static JsonObject? MetaOf(JsonRpcRequest request) => (request.Params as JsonObject)?["_meta"] as JsonObject;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    // A header sent twice is no header that can be believed.
    private static string? Single(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var values) && values is [{ } value] ? value.Trim() : null;

    private static McpRefusal Mismatch(string message) => new(400, McpErrorCode.HeaderMismatch, message);

    private static McpRefusal Incomplete(string key) =>
        new(400, McpErrorCode.InvalidParams, $"Requests of revision {McpRevisions.Modern} carry _meta[\"{key}\"].");

    private static McpRefusal UnsupportedRevision(string requested) => new(
        400, McpErrorCode.UnsupportedProtocolVersion, "Unsupported protocol version.",
        new JsonObject { ["supported"] = new JsonArray(McpRevisions.Modern), ["requested"] = requested });
}
