using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Rest;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Fleetwright.Platform.Security;

/// <summary>What every request passes before it reaches a door, in this order.</summary>
internal static class SecurityMiddleware
{
    // The dashboard is one page with bundled scripts and styles; it talks to this server alone. React sets style attributes.
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>1. Headers that keep a browser from doing more with an answer than is meant.</summary>
    public static Task AddHeadersAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        return next(context);
    }

    /// <summary>2. Foreign names and foreign pages; the control socket has neither.</summary>
    public static Task CheckHostAndOriginAsync(HttpContext context, RequestDelegate next, HostAndOriginPolicy policy)
    {
        if (context.IsControlSocket())
        {
            return next(context);
        }

        return policy.Judge(context) switch
        {
            HostAndOriginVerdict.ForeignHost => ProblemResponse.WriteAsync(
                context,
                StatusCodes.Status421MisdirectedRequest,
                "foreignHost",
                "this server does not go by the name in the Host header.",
                "Use localhost or the address it listens on, or add the name to Access:AllowedHosts."),
            HostAndOriginVerdict.ForeignOrigin => ProblemResponse.WriteAsync(
                context,
                StatusCodes.Status403Forbidden,
                "foreignOrigin",
                "the web page that sent this may not call this server.",
                "Add its origin (https://name:port) to Access:AllowedOrigins."),
            _ => next(context),
        };
    }

    /// <summary>3. After authentication: an endpoint is closed unless it says that anyone may come in.</summary>
    public static Task RequireCallerAsync(HttpContext context, RequestDelegate next)
    {
        var endpoint = context.GetEndpoint();
        return endpoint is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || context.User.Identity?.IsAuthenticated == true
            ? next(context)
            : context.ChallengeAsync(ApiKeyAuthentication.SchemeName);
    }

    /// <summary>4. A REST call that takes too long is cancelled and answered.</summary>
    public static async Task LimitTimeAsync(HttpContext context, RequestDelegate next, TimeSpan limit)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<OperationDescriptor>() is not { } operation)
        {
            await next(context);
            return;
        }

        var hungUp = context.RequestAborted;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(hungUp);
        timeout.CancelAfter(limit);
        context.RequestAborted = timeout.Token;
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // Answered below, when somebody still waits.
        }
        finally
        {
            context.RequestAborted = hungUp;
        }

        if (timeout.IsCancellationRequested && !hungUp.IsCancellationRequested && !context.Response.HasStarted)
        {
            await ProblemResponse.WriteAsync(
                context, new OperationException(OperationError.TimedOut, $"{operation.Name} took longer than {limit}.", "Try again, or ask for less."));
        }
    }
}
