using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

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

    /// <summary>Hands a message to a transport and answers as it says: an event stream, or 202 when nothing is to be said.</summary>
    /// <param name="status">The HTTP status that the first message of the answer asks for; 200 when absent.</param>
    public static async Task<McpRefusal?> StreamAsync(
        HttpContext context, StreamableHttpServerTransport transport, JsonRpcMessage message, Func<JsonRpcMessage?, int>? status = null)
    {
        try
        {
            var answered = await transport.HandlePostRequestAsync(message, context.Response.Body, StartAsync, context.RequestAborted);
            if (!answered && !context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status202Accepted;
            }

            return null;
        }
        catch (JsonException) when (!context.Response.HasStarted)
        {
            // Core reads initialize's parameters before its server runs.
            return new McpRefusal(400, McpErrorCode.InvalidParams, "The parameters are not those of this method.");
        }
        catch (Exception exception) when (IsGone(context, exception))
        {
            return context.Response.HasStarted || context.RequestAborted.IsCancellationRequested ? null : McpRefusal.NoSuchSession;
        }

        ValueTask StartAsync(JsonRpcMessage? first)
        {
            context.Response.StatusCode = status?.Invoke(first) ?? StatusCodes.Status200OK;
            StartEventStream(context);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Whether an exception only says that the client hung up or the session was closed.</summary>
    public static bool IsGone(HttpContext context, Exception exception) =>
        exception is OperationCanceledException or ObjectDisposedException or ChannelClosedException
        || (exception is IOException && context.RequestAborted.IsCancellationRequested);

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
