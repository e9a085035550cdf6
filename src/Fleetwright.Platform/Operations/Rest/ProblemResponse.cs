using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Fleetwright.Platform.Operations.Rest;

/// <summary>RFC 9457 problem details: what is wrong and what to do next, never a stack trace or a path of the server.</summary>
public static class ProblemResponse
{
    public static int StatusOf(OperationError error) => error switch
    {
        OperationError.Invalid => StatusCodes.Status400BadRequest,
        OperationError.Unauthenticated => StatusCodes.Status401Unauthorized,
        OperationError.Forbidden => StatusCodes.Status403Forbidden,
        OperationError.NotFound => StatusCodes.Status404NotFound,
        OperationError.Conflict => StatusCodes.Status409Conflict,
        OperationError.RateLimited => StatusCodes.Status429TooManyRequests,
        OperationError.DeviceAway => StatusCodes.Status503ServiceUnavailable,
        OperationError.NotPermittedOnDevice or OperationError.DeviceFailed => StatusCodes.Status502BadGateway,
        OperationError.TimedOut => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    public static Task WriteAsync(HttpContext context, OperationException failure)
    {
        if (failure.RetryAfter is { } wait && !context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (failure.Error == OperationError.Forbidden && !context.Response.HasStarted
            && context.GetEndpoint()?.Metadata.GetMetadata<OperationDescriptor>() is { } operation)
        {
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"fleetwright\", error=\"insufficient_scope\", scope=\"{operation.Scope}\"";
        }

        return WriteAsync(context, StatusOf(failure.Error), OperationInvoker.Code(failure.Error), failure.Message, failure.NextStep);
    }

    public static async Task WriteAsync(HttpContext context, int status, string code, string detail, string nextStep)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        var problem = new JsonObject
        {
            ["type"] = $"urn:fleetwright:error:{code}",
            ["title"] = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
            ["status"] = status,
            ["code"] = code,
            ["detail"] = detail,
            ["nextStep"] = nextStep,
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status401Unauthorized && context.Response.Headers.WWWAuthenticate.Count == 0)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await context.Response.WriteAsync(problem.ToJsonString(Json.Options), context.RequestAborted);
    }

    /// <summary>A piece of a request that is safe to say back.</summary>
    internal static string Shown(string? text)
    {
        var clean = new string([.. (text ?? "").Take(100).Select(c => char.IsControl(c) ? '?' : c)]);
        return text?.Length > 100 ? clean + "…" : clean;
    }
}
