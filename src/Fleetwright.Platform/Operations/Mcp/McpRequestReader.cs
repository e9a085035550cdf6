using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>Reads the one JSON-RPC message that a POST carries, or says why it cannot.</summary>
internal static class McpRequestReader
{
    private static readonly JsonTypeInfo<JsonRpcMessage> MessageType =
        (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));

    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue EventStream = new("text/event-stream");

    /// <summary>Whether the client takes an event stream and, if asked for, plain JSON as well.</summary>
    public static bool Accepts(HttpContext context, bool jsonToo)
    {
        var ranges = context.Request.GetTypedHeaders().Accept;
        return Takes(EventStream) && (!jsonToo || Takes(Json));

        bool Takes(MediaTypeHeaderValue type)
        {
            foreach (var range in ranges)
            {
                if (type.IsSubsetOf(range))
                {
                    return true;
                }
            }

            return false;
        }
    }

    public static async Task<(JsonRpcMessage? Message, McpRefusal? Refusal)> ReadAsync(HttpContext context, long maxBytes)
    {
        if (!context.Request.HasJsonContentType())
        {
            return (null, new McpRefusal(415, McpErrorCode.InvalidRequest, "The body must be application/json."));
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maxBytes;
        }

        try
        {
            var message = await JsonSerializer.DeserializeAsync(context.Request.Body, MessageType, context.RequestAborted);
            return message is null ? (null, NotAMessage) : (message, null);
        }
        catch (BadHttpRequestException tooLargeOrSlow)
        {
            return (null, new McpRefusal(tooLargeOrSlow.StatusCode, McpErrorCode.InvalidRequest,
                $"The body could not be read; it may have at most {maxBytes} bytes."));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NotSupportedException or FormatException)
        {
            return (null, NotAMessage);
        }
    }

    private static McpRefusal NotAMessage { get; } =
        new(400, McpErrorCode.InvalidRequest, "The body must be one JSON-RPC 2.0 message.");
}
