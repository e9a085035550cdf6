using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Rest;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Security;

/// <summary>
/// Finds the caller of a request: the control socket's is local; others send <c>Authorization: Bearer KEY</c>. A browser
/// cannot set that header on a WebSocket, so there a key may also come as the sub-protocol <c>bearer.KEY</c> beside
/// <c>fleetwright.v1</c>. A key in a query string is never looked at: it would end up in logs and histories.
/// </summary>
internal sealed partial class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggerFactory, UrlEncoder encoder, ApiKeys keys, FailedSignIns failures)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggerFactory, encoder)
{
    public const string SchemeName = "ApiKey";
    private const string Bearer = "Bearer ";
    private const string SubProtocol = "bearer.";
    private static readonly ClaimsPrincipal Local = Principal(Caller.Local.Name, Caller.Local.Name, Caller.Local.Scopes);

    private TimeSpan? _retryAfter;
    private bool _keyWasGiven;

    public static ClaimsPrincipal Principal(string name, string id, IReadOnlyList<string> scopes) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, name),
            new Claim(ClaimTypes.NameIdentifier, id),
            .. scopes.Select(scope => new Claim(HttpContextCaller.ScopeClaim, scope)),
        ],
        SchemeName));

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.IsControlSocket())
        {
            return Success(Local);
        }

        if (FindKey() is not { } key)
        {
            return AuthenticateResult.NoResult();
        }

        _keyWasGiven = true;
        var address = Context.Connection.RemoteIpAddress;
        var blocked = failures.IsBlocked(address, out var retryAfter);
        // A good key is let in from a blocked address as well: 256 random bits are not guessed, and behind a proxy all share one address.
        if (await keys.VerifyAsync(key, Context.RequestAborted) is { } principal)
        {
            return Success(principal);
        }

        if (blocked)
        {
            _retryAfter = retryAfter;
        }
        else if (failures.Note(address))
        {
            LogTooManyFailures(Logger, address?.ToString() ?? "an unknown address");
        }

        return AuthenticateResult.Fail("The key is unknown, expired or revoked.");
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // The outcome is kept by the framework: this does not verify again.
        await HandleAuthenticateOnceSafeAsync();
        if (_retryAfter is { } wait)
        {
            Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await ProblemResponse.WriteAsync(
                Context,
                StatusCodes.Status429TooManyRequests,
                "rateLimited",
                "too many wrong keys came from this address.",
                $"Wait {Math.Ceiling(wait.TotalSeconds)} s, and send a key that `fleetwright keys list` shows as active.");
            return;
        }

        var challenge = "Bearer realm=\"fleetwright\"";
        if (Request.Path.StartsWithSegments("/mcp", StringComparison.Ordinal))
        {
            challenge += $", resource_metadata=\"{Request.Scheme}://{Request.Host}{Request.PathBase}/.well-known/oauth-protected-resource/mcp\"";
        }

        var scope = Context.GetEndpoint()?.Metadata.GetMetadata<OperationDescriptor>()?.Scope ?? Scopes.Read;
        challenge += $", scope=\"{scope}\"" + (_keyWasGiven ? ", error=\"invalid_token\"" : "");
        Response.Headers.WWWAuthenticate = challenge;
        await ProblemResponse.WriteAsync(
            Context,
            StatusCodes.Status401Unauthorized,
            "unauthenticated",
            _keyWasGiven ? "this key is unknown, expired or revoked." : "this needs an API key.",
            "Send an active key as 'Authorization: Bearer KEY'; `fleetwright keys list` shows them, `fleetwright keys create` makes one.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer realm=\"fleetwright\", error=\"insufficient_scope\"";
        return ProblemResponse.WriteAsync(
            Context,
            StatusCodes.Status403Forbidden,
            "forbidden",
            "this key's scope does not allow it.",
            "Use a key with a wider scope; `fleetwright keys create` makes one.");
    }

    private AuthenticateResult Success(ClaimsPrincipal principal) => AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name));

    private string? FindKey()
    {
        var header = Request.Headers.Authorization;
        if (header.Count > 0)
        {
            var value = header.Count == 1 ? header[0] : null;
            return value?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true ? value[Bearer.Length..].Trim() : "";
        }

        // HTTP/1.1 upgrades by GET; HTTP/2 connects. Both carry the sub-protocols in the same header.
        return Request.Headers.SecWebSocketProtocol
            .SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            .FirstOrDefault(protocol => protocol.StartsWith(SubProtocol, StringComparison.Ordinal))?[SubProtocol.Length..];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many wrong keys from {Address}: it has to wait between tries")]
    private static partial void LogTooManyFailures(ILogger logger, string address);
}
