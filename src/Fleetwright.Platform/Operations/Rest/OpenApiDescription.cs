using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Fleetwright.Platform.Operations.Rest;

/// <summary>The OpenAPI 3.1 description of the REST door, in the words of the catalogue.</summary>
public static class OpenApiDescription
{
    private const string DocumentName = "v1";

    /// <summary>Serves /openapi/v1.json to anybody. It says nothing but what every build says, and is written once.</summary>
    public static IEndpointConventionBuilder MapOpenApiDescription(this IEndpointRouteBuilder routes)
    {
        var text = new Lazy<Task<string>>(() => WriteAsync(routes.ServiceProvider));
        return routes.MapGet($"/openapi/{DocumentName}.json", (RequestDelegate)(async context =>
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(await text.Value, context.RequestAborted);
        })).ExcludeFromDescription().AllowAnonymous();
    }

    internal static IServiceCollection AddOpenApiDescription(this IServiceCollection services) => services.ConfigureHttpJsonOptions(DescribeAsWritten).AddOpenApi(DocumentName, options =>
    {
        var docs = new DocComments();
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = description => description.ActionDescriptor.EndpointMetadata.OfType<OperationDescriptor>().Any();
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Fleetwright",
                Version = "v1",
                Description = "Watches and mends a fleet of self-hosted Linux machines. Every route is an operation; the same operations are MCP tools and `fleetwright call` commands.",
                License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
            };
            // The address that the page was loaded from; a fixed one would be wrong behind a proxy.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key: `fleetwright keys create`." },
            };
            document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
            document.Components.Schemas["Problem"] = Problem();
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<OperationDescriptor>().FirstOrDefault() is { } described)
            {
                Describe(operation, described, context);
            }

            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            var text = context.JsonPropertyInfo?.AttributeProvider is System.Reflection.PropertyInfo property
                ? docs.Of(property)
                : docs.Of(Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type);
            schema.Description ??= text;
            if (schema.Enum is { Count: > 0 } names)
            {
                // That it may be absent is said where it is used; null is none of the names.
                schema.Enum = [.. names.Where(static name => name is not null && name.GetValueKind() != JsonValueKind.Null)];
                schema.Type ??= JsonSchemaType.String;
            }

            if (context.JsonTypeInfo.Type == typeof(PointInTime) || context.JsonTypeInfo.Type == typeof(PointInTime?))
            {
                schema.Type = JsonSchemaType.String;
                schema.Properties?.Clear();
            }

            return Task.CompletedTask;
        });
    });

    private static async Task<string> WriteAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var document = await scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(DocumentName).GetOpenApiDocumentAsync();
        await using var text = new StringWriter();
        document.SerializeAsV31(new OpenApiJsonWriter(text));
        return text.ToString();
    }

    // Schemas are made from these options; without this, enumerations would be described as integers and numbers as texts too.
    private static void DescribeAsWritten(Microsoft.AspNetCore.Http.Json.JsonOptions options)
    {
        options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
    }

    private static void Describe(OpenApiOperation operation, OperationDescriptor described, OpenApiOperationTransformerContext context)
    {
        operation.OperationId = described.Name;
        operation.Summary = described.Title;
        operation.Description = $"{described.Description}\n\nScope: {described.Scope}.";
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (described.Parameters.FirstOrDefault(known => known.Name == parameter.Name) is { } known)
            {
                parameter.Description = known.Description;
                parameter.Required = known.Required;
                parameter.In = known.Place == ParameterPlace.Route ? ParameterLocation.Path : ParameterLocation.Query;
            }
        }

        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "It was not done: problem details (RFC 9457) that say why and what to do next.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference("Problem", context.Document) },
            },
        };
    }

    private static OpenApiSchema Problem() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "RFC 9457 problem details.",
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "urn:fleetwright:error:CODE" },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "invalid, notFound, deviceAway, …" },
            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What is wrong." },
            ["nextStep"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What to do next." },
        },
        Required = new HashSet<string>(StringComparer.Ordinal) { "type", "title", "status", "code", "detail", "nextStep" },
    };
}
