using System.Security.Claims;
using Fleetwright.Platform.Operations;
using Microsoft.AspNetCore.Http;

namespace Fleetwright.Platform.Security;

/// <summary>The caller behind an HTTP request, as authentication found it.</summary>
public static class HttpContextCaller
{
    /// <summary>One claim of this type for each scope.</summary>
    public const string ScopeClaim = "scope";

    /// <summary>Null when the request is not authenticated.</summary>
    public static Caller? FindCaller(this HttpContext context) => FindCaller(context.User);

    public static Caller? FindCaller(this ClaimsPrincipal user) => user.Identity is { IsAuthenticated: true, Name: { } name }
        ? new Caller(name, [.. user.FindAll(ScopeClaim).Select(claim => claim.Value)])
        : null;

    /// <exception cref="OperationException">The request is not authenticated.</exception>
    public static Caller GetCaller(this HttpContext context) => FindCaller(context) ?? throw new OperationException(
        OperationError.Unauthenticated, "this needs an API key.", "Send it as 'Authorization: Bearer KEY'; `fleetwright keys create` makes one.");
}
