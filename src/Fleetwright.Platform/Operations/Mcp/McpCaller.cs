using System.Security.Claims;
using Fleetwright.Platform.Security;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>Who speaks through the MCP door.</summary>
internal static class McpCaller
{
    public const string Door = "mcp";

    /// <summary>The person who started <c>fleetwright mcp</c>: they can read the data folder, so they may do everything.</summary>
    public static ClaimsPrincipal LocalPrincipal { get; } = new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, Caller.Local.Name),
            new Claim(ClaimTypes.NameIdentifier, Caller.Local.Name),
            .. Caller.Local.Scopes.Select(scope => new Claim(HttpContextCaller.ScopeClaim, scope)),
        ],
        authenticationType: "local"));

    /// <exception cref="OperationException">The message came without an authenticated caller.</exception>
    public static Caller Of(MessageContext request) => request.User?.FindCaller() ?? throw new OperationException(
        OperationError.Unauthenticated, "this needs an API key.", "Send it as 'Authorization: Bearer KEY'; `fleetwright keys create` makes one.");
}
