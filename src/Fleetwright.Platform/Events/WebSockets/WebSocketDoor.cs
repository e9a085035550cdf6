using System.Security.Claims;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Rest;
using Fleetwright.Platform.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>Takes a request for <c>/ws</c>: who asks, is there room, which protocol; then serves the client until it goes.</summary>
internal sealed class WebSocketDoor(
    LiveChannels channels, WebSocketClients clients, IOptions<WebSocketDoorOptions> options, TimeProvider time, ILogger<WebSocketDoor> logger)
{
    /// <summary>How browsers hand over a key; see <see cref="ApiKeyAuthentication"/>.</summary>
    private const string KeyProtocol = "bearer.";

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            var caller = context.GetCaller();
            var protocol = Check(context, caller);
            if (!clients.TryEnter())
            {
                throw new OperationException(
                    OperationError.RateLimited, $"{options.Value.MaxClients} clients are connected, and no more may be.", "Close connections that are not needed, or raise WebSocket:MaxClients.");
            }

            try
            {
                await ServeAsync(context, caller, protocol);
            }
            finally
            {
                clients.Leave();
            }
        }
        catch (OperationException failure)
        {
            await ProblemResponse.WriteAsync(context, failure);
        }
    }

    private async Task ServeAsync(HttpContext context, Caller caller, string? protocol)
    {
        var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = protocol,
            KeepAliveInterval = options.Value.HeartbeatInterval,
            KeepAliveTimeout = options.Value.HeartbeatTimeout,
        });
        var key = context.IsControlSocket() ? null : context.User.FindFirstValue(ClaimTypes.NameIdentifier);
        using var client = new WebSocketClient(socket, caller, key, channels, options.Value, time, logger, context.RequestAborted);
        clients.Add(client);
        try
        {
            await client.RunAsync();
        }
        finally
        {
            clients.Remove(client);
        }
    }

    private static string? Check(HttpContext context, Caller caller)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw new OperationException(
                OperationError.Invalid, "this is the address of a WebSocket.", $"Connect with a WebSocket client and the sub-protocol {WebSocketProtocol.SubProtocol}.");
        }

        if (!caller.May(Scopes.Read))
        {
            throw new OperationException(OperationError.Forbidden, "this key's scope does not allow it.", "Use a key with scope read; `fleetwright keys create` makes one.");
        }

        // A browser refuses a connection that answers none of what it offered; a program that offers nothing is taken as it is.
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        if (offered.Contains(WebSocketProtocol.SubProtocol))
        {
            return WebSocketProtocol.SubProtocol;
        }

        return offered.Count == 0 ? null : throw new OperationException(
            OperationError.Invalid,
            "none of the offered sub-protocols is spoken here.",
            $"Offer {WebSocketProtocol.SubProtocol}; a browser adds {KeyProtocol}KEY beside it.");
    }
}
