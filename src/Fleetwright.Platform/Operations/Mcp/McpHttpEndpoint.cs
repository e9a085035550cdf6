using System.Text.Json;
using Fleetwright.Platform.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// <c>/mcp</c> over streamable HTTP. A modern request gets a server of its own for as long as it takes; a legacy one
/// goes to its session. Who may call at all is decided before, by the host's authorization.
/// </summary>
internal sealed partial class McpHttpEndpoint(
    McpSessions sessions, McpServerOptionsByEra serverOptions, HostAndOriginPolicy hostAndOrigin,
    IOptions<McpOptions> options, ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger<McpHttpEndpoint>();

    public async Task PostAsync(HttpContext context)
    {
        if (CheckDoor(context, jsonToo: true) is { } atTheDoor)
        {
            await McpResponses.WriteRefusalAsync(context, atTheDoor);
            return;
        }

        var (message, unreadable) = await McpRequestReader.ReadAsync(context, options.Value.MaxRequestBytes);
        if (message is null)
        {
            await McpResponses.WriteRefusalAsync(context, unreadable!); // Exactly one of the two is there.
            return;
        }

        var revision = RevisionOf(context);
        message.Context = new JsonRpcMessageContext { User = context.User, ProtocolVersion = revision };
        if (context.Request.Query.TryGetValue(ToolListing.ChoiceParameter, out var toolsets))
        {
            message.Context.Items = new Dictionary<string, object?>(StringComparer.Ordinal) { [ToolListing.ChoiceKey] = toolsets.ToString() };
        }

        var refusal = ModernRequestChecks.CheckVersionHeader(revision);
        if (refusal is null)
        {
            refusal = McpRevisions.IsModern(revision)
                ? await PostModernAsync(context, revision!, message) // IsModern(null) is false.
                : await PostLegacyAsync(context, revision, message);
        }

        if (refusal is not null)
        {
            await McpResponses.WriteRefusalAsync(context, refusal, (message as JsonRpcMessageWithId)?.Id);
        }
    }

    public async Task GetAsync(HttpContext context)
    {
        if (CheckDoor(context, jsonToo: false) is { } atTheDoor)
        {
            await McpResponses.WriteRefusalAsync(context, atTheDoor);
            return;
        }

        var (session, refusal) = EnterSession(context);
        if (session is null)
        {
            await McpResponses.WriteRefusalAsync(context, refusal!); // Exactly one of the two is there.
            return;
        }

        try
        {
            if (!session.TryTakeGetStream())
            {
                await McpResponses.WriteRefusalAsync(context, new McpRefusal(
                    400, McpRefusal.NotAcceptable, "This session has had its GET stream; a session has one."));
                return;
            }

            McpResponses.StartEventStream(context);
            await session.Transport.HandleGetRequestAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception exception) when (IsGone(context, exception))
        {
            // The client hung up or the session was closed: the stream simply ends.
        }
        finally
        {
            session.Leave();
        }
    }

    public async Task DeleteAsync(HttpContext context)
    {
        if (CheckOrigin(context) is { } atTheDoor)
        {
            await McpResponses.WriteRefusalAsync(context, atTheDoor);
            return;
        }

        var (session, refusal) = EnterSession(context);
        if (session is null)
        {
            await McpResponses.WriteRefusalAsync(context, refusal!); // Exactly one of the two is there.
            return;
        }

        session.Leave();
        await sessions.CloseAsync(session);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<McpRefusal?> PostModernAsync(HttpContext context, string revision, JsonRpcMessage message)
    {
        if (ModernRequestChecks.CheckModern(revision, context.Request.Headers, message, serverOptions.Modern.ToolCollection) is { } refusal)
        {
            return refusal;
        }

        var transport = new StreamableHttpServerTransport(loggerFactory) { Stateless = true };
        await using var server = McpServer.Create(transport, serverOptions.Modern, loggerFactory, context.RequestServices);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var run = server.RunAsync(stopping.Token);
        try
        {
            return await HandlePostAsync(context, transport, message, McpResponses.ModernStatus);
        }
        finally
        {
            await transport.DisposeAsync();
            await stopping.CancelAsync();
            try
            {
                await run;
            }
            catch (OperationCanceledException)
            {
                // It was cancelled just above.
            }
        }
    }

    private async Task<McpRefusal?> PostLegacyAsync(HttpContext context, string? revision, JsonRpcMessage message)
    {
        if (ModernRequestChecks.CheckLegacy(revision, message) is { } refusal)
        {
            return refusal;
        }

        if (context.Request.Headers.ContainsKey(McpHeaders.SessionId))
        {
            var (session, noEntry) = EnterSession(context);
            if (session is null)
            {
                return noEntry;
            }

            try
            {
                return await HandlePostAsync(context, session.Transport, message);
            }
            finally
            {
                session.Leave();
            }
        }

        return message is JsonRpcRequest { Method: RequestMethods.Initialize }
            ? await OpenSessionAsync(context, message)
            : new McpRefusal(400, McpRefusal.NotAcceptable, $"Open a session with initialize, then send its {McpHeaders.SessionId}.");
    }

    private async Task<McpRefusal?> OpenSessionAsync(HttpContext context, JsonRpcMessage message)
    {
        var session = await sessions.OpenAsync(context.User);
        if (session is null)
        {
            LogFull(_logger, sessions.Count);
            context.Response.Headers.RetryAfter = "30";
            return new McpRefusal(503, McpRefusal.NotAcceptable, "Too many sessions are open; close one, or try again later.");
        }

        var opened = false;
        try
        {
            return await HandlePostAsync(context, session.Transport, message, first =>
            {
                opened = first is not JsonRpcError;
                if (opened)
                {
                    context.Response.Headers[McpHeaders.SessionId] = session.Id;
                }

                return StatusCodes.Status200OK;
            });
        }
        finally
        {
            session.Leave();
            if (!opened)
            {
                await sessions.CloseAsync(session);
            }
        }
    }

    /// <summary>Hands the message to the transport and answers as it says: an event stream, or 202 when nothing is to be said.</summary>
    private static async Task<McpRefusal?> HandlePostAsync(
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
            return context.Response.HasStarted || context.RequestAborted.IsCancellationRequested ? null : SessionNotFound;
        }

        ValueTask StartAsync(JsonRpcMessage? first)
        {
            context.Response.StatusCode = status?.Invoke(first) ?? StatusCodes.Status200OK;
            McpResponses.StartEventStream(context);
            return ValueTask.CompletedTask;
        }
    }

    private (McpSession? Session, McpRefusal? Refusal) EnterSession(HttpContext context)
    {
        if (context.Request.Headers[McpHeaders.SessionId] is not [{ Length: > 0 } id])
        {
            return (null, new McpRefusal(400, McpRefusal.NotAcceptable, $"Send the session's {McpHeaders.SessionId}."));
        }

        if (sessions.Find(id) is not { } session)
        {
            return (null, SessionNotFound);
        }

        if (!session.BelongsTo(context.User))
        {
            return (null, new McpRefusal(403, McpRefusal.SessionNotFound, "This session belongs to another caller; open your own."));
        }

        return session.TryEnter() ? (session, null) : (null, SessionNotFound);
    }

    private McpRefusal? CheckDoor(HttpContext context, bool jsonToo)
    {
        if (CheckOrigin(context) is { } refusal)
        {
            return refusal;
        }

        return McpRequestReader.Accepts(context, jsonToo) ? null : new McpRefusal(406, McpRefusal.NotAcceptable,
            jsonToo ? "Accept must hold application/json and text/event-stream." : "Accept must hold text/event-stream.");
    }

    private McpRefusal? CheckOrigin(HttpContext context)
    {
        if (!hostAndOrigin.Allows(context))
        {
            return new McpRefusal(403, McpRefusal.NotAcceptable, "This Host or Origin may not call this server.");
        }

        // Modern has one verb; its GET and DELETE are no part of the protocol.
        if (!HttpMethods.IsPost(context.Request.Method) && McpRevisions.IsModern(RevisionOf(context)))
        {
            context.Response.Headers.Allow = "POST";
            return new McpRefusal(405, McpRefusal.NotAcceptable, $"Revision {McpRevisions.Modern} has only POST.");
        }

        return null;
    }

    private static string? RevisionOf(HttpContext context)
    {
        var header = context.Request.Headers[McpHeaders.ProtocolVersion].ToString().Trim();
        return header.Length == 0 ? null : header;
    }

    private static bool IsGone(HttpContext context, Exception exception) =>
        exception is OperationCanceledException or ObjectDisposedException or System.Threading.Channels.ChannelClosedException
        || (exception is IOException && context.RequestAborted.IsCancellationRequested);

    private static McpRefusal SessionNotFound { get; } =
        new(404, McpRefusal.SessionNotFound, "No such session; it may have ended. Open one with initialize.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "An MCP session was refused: {Count} are open.")]
    private static partial void LogFull(ILogger logger, int count);
}
