using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>The legacy era: <c>initialize</c> opens a session, its id leads to it, DELETE ends it.</summary>
internal sealed partial class LegacyRequests(McpSessions sessions, IHostApplicationLifetime lifetime, ILogger<LegacyRequests> logger)
{
    public async Task<McpRefusal?> PostAsync(HttpContext context, string? revision, JsonRpcMessage message)
    {
        if (ModernRequestChecks.CheckLegacy(revision, message) is { } refusal)
        {
            return refusal;
        }

        if (!context.Request.Headers.ContainsKey(McpHeaders.SessionId))
        {
            return message is JsonRpcRequest { Method: RequestMethods.Initialize }
                ? await OpenAsync(context, message)
                : new McpRefusal(400, McpRefusal.NotAcceptable, $"Open a session with initialize, then send its {McpHeaders.SessionId}.");
        }

        var (session, noEntry) = Enter(context);
        if (session is null)
        {
            return noEntry;
        }

        try
        {
            return await McpResponses.StreamAsync(context, session.Transport, message);
        }
        finally
        {
            session.Leave();
        }
    }

    /// <summary>The stream for what the server says of itself; a session has one in its life.</summary>
    public async Task<McpRefusal?> GetAsync(HttpContext context)
    {
        var (session, noEntry) = Enter(context);
        if (session is null)
        {
            return noEntry;
        }

        try
        {
            if (!session.TryTakeGetStream())
            {
                return new McpRefusal(400, McpRefusal.NotAcceptable, "This session has had its GET stream; a session has one.");
            }

            McpResponses.StartEventStream(context);
            // A stream would hold up a stopping server for as long as it waits for open requests; calls may finish.
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await session.Transport.HandleGetRequestAsync(context.Response.Body, ended.Token);
        }
        catch (Exception exception) when (McpResponses.IsGone(context, exception))
        {
            // The client hung up, or the session or the server ends: so does the stream.
        }
        finally
        {
            session.Leave();
        }

        return null;
    }

    public async Task<McpRefusal?> DeleteAsync(HttpContext context)
    {
        var (session, noEntry) = Enter(context);
        if (session is null)
        {
            return noEntry;
        }

        session.Leave();
        await sessions.CloseAsync(session);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return null;
    }

    private async Task<McpRefusal?> OpenAsync(HttpContext context, JsonRpcMessage message)
    {
        var session = await sessions.OpenAsync(context.User);
        if (session is null)
        {
            LogFull(sessions.Count);
            context.Response.Headers.RetryAfter = "30";
            return new McpRefusal(503, McpRefusal.NotAcceptable, "Too many sessions are open; close one, or try again later.");
        }

        var opened = false;
        try
        {
            return await McpResponses.StreamAsync(context, session.Transport, message, first =>
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

    private (McpSession? Session, McpRefusal? Refusal) Enter(HttpContext context)
    {
        if (context.Request.Headers[McpHeaders.SessionId] is not [{ Length: > 0 } id])
        {
            return (null, new McpRefusal(400, McpRefusal.NotAcceptable, $"Send the session's {McpHeaders.SessionId}."));
        }

        if (sessions.Find(id) is not { } session)
        {
            return (null, McpRefusal.NoSuchSession);
        }

        if (!session.BelongsTo(context.User))
        {
            return (null, new McpRefusal(403, McpRefusal.SessionNotFound, "This session belongs to another caller; open your own."));
        }

        return session.TryEnter() ? (session, null) : (null, McpRefusal.NoSuchSession);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An MCP session was refused: {Count} are open.")]
    private partial void LogFull(int count);
}
