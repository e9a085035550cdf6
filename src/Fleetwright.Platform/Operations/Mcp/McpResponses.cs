using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>How answers leave the MCP door: refusals as one JSON-RPC error, the rest as an event stream.</summary>
internal static class McpResponses
{
    public static async Task WriteRefusalAsync(HttpContext context, McpRefusal refusal, RequestId? id = null)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc"u8, "2.0"u8);
            json.WritePropertyName("id"u8);
            switch (id?.Id)
            {
                case string text: json.WriteStringValue(text); break;
                case long number: json.WriteNumberValue(number); break;
                default: json.WriteNullValue(); break;
            }

            json.WriteStartObject("error"u8);
            json.WriteNumber("code"u8, refusal.Code);
            json.WriteString("message"u8, refusal.Message);
            if (refusal.Data is not null)
            {
                json.WritePropertyName("data"u8);
                refusal.Data.WriteTo(json);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        context.Response.StatusCode = refusal.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    public static void StartEventStream(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var headers = context.Response.Headers;
        headers.ContentType = "text/event-stream";
        headers.CacheControl = "no-cache,no-store";
        // Tells nginx and its like not to hold events back.
        headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Modern clients read some protocol errors from the HTTP status; the first message decides it.</summary>
    public static int ModernStatus(JsonRpcMessage? first) => first is not JsonRpcError error
        ? StatusCodes.Status200OK
        : (McpErrorCode)error.Error.Code switch
        {
            McpErrorCode.MethodNotFound => StatusCodes.Status404NotFound,
            McpErrorCode.UnsupportedProtocolVersion
                or McpErrorCode.MissingRequiredClientCapability
                or McpErrorCode.HeaderMismatch => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status200OK,
        };
}
