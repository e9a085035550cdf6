using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Platform.Operations.Rest;

/// <summary>
/// Serves every operation over HTTP: route and query or one JSON body in, JSON out, RFC 9457 problem details when it fails.
/// The metadata on each endpoint is what OpenAPI describes it by.
/// </summary>
public static class RestDoor
{
    public static IEndpointRouteBuilder MapRestDoor(this IEndpointRouteBuilder app)
    {
        var catalogue = app.ServiceProvider.GetRequiredService<OperationCatalogue>();
        var invoker = app.ServiceProvider.GetRequiredService<IOperationInvoker>();
        foreach (var operation in catalogue.Operations)
        {
            Map(app, operation, invoker);
        }

        app.Map("/api/{**rest}", (RequestDelegate)(context => ProblemResponse.WriteAsync(context, OperationException.NotFound(
            $"there is no {context.Request.Method} {ProblemResponse.Shown(context.Request.Path)}.", "GET /openapi/v1.json lists every route.")))).ExcludeFromDescription();
        return app;
    }

    private static void Map(IEndpointRouteBuilder app, OperationDescriptor operation, IOperationInvoker invoker)
    {
        RequestDelegate handler = context => HandleAsync(context, operation, invoker);
        var endpoint = app.MapMethods(operation.Route, [operation.HttpMethod], handler)
            .WithName(operation.Name)
            .WithTags(operation.Toolset)
            .WithMetadata(operation, operation.Method.Info, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, operation.ResultType, ["application/json"]));
        foreach (var parameter in operation.Method.Info.GetParameters().Where(parameter => parameter.ParameterType != typeof(CancellationToken)))
        {
            endpoint.WithMetadata(new ParameterMetadata(parameter, operation));
            if (OperationCatalogue.IsBody(parameter.ParameterType))
            {
                endpoint.WithMetadata(new AcceptsMetadata(["application/json"], parameter.ParameterType, isOptional: parameter.HasDefaultValue));
            }
        }
    }

    private static async Task HandleAsync(HttpContext context, OperationDescriptor operation, IOperationInvoker invoker)
    {
        try
        {
            var caller = context.GetCaller();
            var arguments = await ReadArgumentsAsync(context, operation);
            var call = new OperationContext { Caller = caller, Door = DoorOf(context) };
            var result = await invoker.InvokeAsync(operation, arguments, call, context.RequestAborted);
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            await result.WriteAsync(context.Response.Body, context.RequestAborted);
        }
        catch (OperationException failure)
        {
            await ProblemResponse.WriteAsync(context, failure);
        }
        catch (BadHttpRequestException refusal)
        {
            // The server read no further: too long, too slow, or cut off.
            var code = refusal.StatusCode == StatusCodes.Status413PayloadTooLarge ? "tooLarge" : "invalid";
            await ProblemResponse.WriteAsync(context, refusal.StatusCode, code, "the body could not be read whole.", "Send less at once; Security:MaxRequestBodyBytes is the limit.");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to answer.
        }
    }

    // The command line and stdio MCP let the running server do their work; over its own socket their word is good.
    private static string DoorOf(HttpContext context) =>
        context.IsControlSocket() && context.Request.Headers["Fleetwright-Door"] is ["cli" or "mcp"] and [{ } door] ? door : "rest";

    private static async Task<JsonObject> ReadArgumentsAsync(HttpContext context, OperationDescriptor operation)
    {
        var arguments = operation.Parameters.Any(parameter => parameter.Place == ParameterPlace.Body)
            ? await ReadBodyAsync(context, operation)
            : [];
        foreach (var (name, value) in context.Request.RouteValues)
        {
            if (operation.Parameters.FirstOrDefault(parameter => parameter.Name == name) is { } parameter)
            {
                arguments[name] = ArgumentText.Read(parameter, [value?.ToString() ?? ""]);
            }
        }

        foreach (var (name, values) in context.Request.Query)
        {
            if (operation.Parameters.FirstOrDefault(parameter => parameter.Name == name && parameter.Place == ParameterPlace.Query) is not { } parameter)
            {
                throw OperationException.Invalid(
                    name.Length > 60 ? name[..60] : name,
                    $"{operation.Name} has no such query parameter.",
                    $"It takes {string.Join(", ", operation.Parameters.Where(known => known.Place == ParameterPlace.Query).Select(known => known.Name).DefaultIfEmpty("none"))}.");
            }

            arguments[name] = ArgumentText.Read(parameter, [.. values.Select(value => value ?? "")]);
        }

        return arguments;
    }

    private static async Task<JsonObject> ReadBodyAsync(HttpContext context, OperationDescriptor operation)
    {
        if (context.Request.ContentLength is 0 || (context.Request.ContentLength is null && context.Request.Headers.TransferEncoding.Count == 0))
        {
            return [];
        }

        if (!context.Request.HasJsonContentType())
        {
            throw new OperationException(OperationError.Invalid, "the body is not JSON.", "Send 'Content-Type: application/json'.");
        }

        try
        {
            var body = await JsonNode.ParseAsync(
                context.Request.Body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }, cancellationToken: context.RequestAborted);
            if (body is not JsonObject given)
            {
                throw new OperationException(OperationError.Invalid, "the body is not a JSON object.", "See the operation's schema in /openapi/v1.json.");
            }

            foreach (var (name, _) in given)
            {
                if (operation.Parameters.Any(parameter => parameter.Name == name && parameter.Place != ParameterPlace.Body))
                {
                    throw OperationException.Invalid(name, "this argument goes into the address, not into the body.", $"The route is {operation.Route}.");
                }
            }

            return given;
        }
        catch (InvalidOperationException)
        {
            throw new OperationException(OperationError.Invalid, "a name in the body holds half of a surrogate pair, which is no character.", "Send whole characters.");
        }
        catch (JsonException exception)
        {
            // Without a place it is a name that is there twice.
            var why = exception.LineNumber is { } line ? $"the body is not JSON: line {line + 1}, byte {exception.BytePositionInLine + 1}." : "the body names an argument twice.";
            throw new OperationException(OperationError.Invalid, why, "Mend the JSON and send it again.");
        }
    }

    /// <summary>Tells the API explorer of a parameter that this door binds itself.</summary>
    private sealed class ParameterMetadata(System.Reflection.ParameterInfo parameter, OperationDescriptor operation) : IParameterBindingMetadata
    {
        public string Name => parameter.Name!;

        public bool HasTryParse => !OperationCatalogue.IsBody(parameter.ParameterType);

        public bool HasBindAsync => false;

        public System.Reflection.ParameterInfo ParameterInfo => parameter;

        public bool IsOptional => operation.Parameters.FirstOrDefault(known => known.Name == parameter.Name) is { Required: false };
    }
}
