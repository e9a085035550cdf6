using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Mcp;
using Fleetwright.Platform.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Tests.Operations.Mcp;

/// <summary>
/// The door on a loopback port, over Kestrel. Callers name themselves: <c>Bearer ann:read,operate</c> is Ann with two scopes.
/// </summary>
internal sealed class McpTestHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private McpTestHost(WebApplication app)
    {
        _app = app;
        Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/mcp");
        Http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
    }

    public Uri Url { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public McpSessions Sessions => _app.Services.GetRequiredService<McpSessions>();

    public SampleOperations Operations => _app.Services.GetRequiredService<SampleOperations>();

    public static async Task<McpTestHost> StartAsync(Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        AddOperations(builder.Services);
        builder.Services.AddMcpHttp();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) && header.Parameter?.Split(':') is [var name, var scopes])
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity(
                    [
                        new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.NameIdentifier, name),
                        .. scopes.Split(',').Select(scope => new Claim(HttpContextCaller.ScopeClaim, scope)),
                    ],
                    "test"));
            }

            return next(context);
        });
        app.MapMcp();
        app.MapMcpResourceMetadata();
        await app.StartAsync();
        return new McpTestHost(app);
    }

    public static void AddOperations(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<SampleOperations>();
        services.AddSingleton(new OperationSource(typeof(SampleOperations)));
        services.AddSingleton<OperationCatalogue>();
        services.AddSingleton<IOperationGuard, ScopeGuard>();
        services.AddSingleton<IOperationInvoker, OperationInvoker>();
        services.AddMcpOperations();
    }

    /// <summary>POSTs a body as a well-behaved client does, save for what <paramref name="change"/> does to it.</summary>
    public async Task<McpReply> PostAsync(string body, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "ann:read");
        change?.Invoke(request);
        using var response = await Http.SendAsync(request);
        return await McpReply.ReadAsync(response);
    }

    /// <summary>Opens a legacy session and returns its id.</summary>
    public async Task<string> OpenAsync(string caller = "ann:read")
    {
        var reply = await PostAsync(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""",
            request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", caller));
        Assert.Equal(200, reply.Status);
        return reply.SessionId ?? throw new InvalidOperationException("initialize gave no session.");
    }

    /// <summary>POSTs into a legacy session.</summary>
    public Task<McpReply> PostAsync(string session, string body, string caller = "ann:read") => PostAsync(body, request =>
    {
        request.Headers.Add("Mcp-Session-Id", session);
        request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", caller);
    });

    /// <summary>POSTs a modern request with the headers and the metadata that it needs.</summary>
    public Task<McpReply> PostModernAsync(
        string method, JsonObject parameters, string caller = "ann:read", Action<HttpRequestMessage>? change = null)
    {
        parameters["_meta"] ??= new JsonObject
        {
            ["io.modelcontextprotocol/protocolVersion"] = "2026-07-28",
            ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject(),
        };
        var body = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 7, ["method"] = method, ["params"] = parameters };
        return PostAsync(body.ToJsonString(), request =>
        {
            request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
            request.Headers.Add("Mcp-Method", method);
            if ((parameters["name"] ?? parameters["uri"]) is { } name)
            {
                request.Headers.Add("Mcp-Name", name.GetValue<string>());
            }

            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", caller);
            change?.Invoke(request);
        });
    }

    public Task<McpReply> CallAsync(string tool, JsonObject arguments, string caller = "ann:read") =>
        PostModernAsync("tools/call", new JsonObject { ["name"] = tool, ["arguments"] = arguments }, caller);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class ScopeGuard : IOperationGuard
    {
        public void Admit(OperationDescriptor operation, Caller caller)
        {
            if (!caller.May(operation.Scope))
            {
                throw new OperationException(OperationError.Forbidden, $"{operation.Name} needs the scope {operation.Scope}.", "Use a key that has it.");
            }
        }

        public ValueTask RecordAsync(OperationDescriptor operation, OperationContext context, JsonObject arguments, string outcome, TimeSpan duration) => default;
    }
}

/// <summary>An answer of the door, whichever form it came in.</summary>
internal sealed record McpReply(int Status, string? SessionId, string? ContentType, IReadOnlyList<JsonElement> Messages)
{
    /// <summary>The last message: the response.</summary>
    public JsonElement Last => Messages[^1];

    public JsonElement Result => Last.GetProperty("result");

    public int ErrorCode => Last.GetProperty("error").GetProperty("code").GetInt32();

    public string Text => Result.GetProperty("content")[0].GetProperty("text").GetString()!; // The sample tools answer with text.

    public static async Task<McpReply> ReadAsync(HttpResponseMessage response)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        var body = await response.Content.ReadAsStringAsync();
        List<JsonElement> messages = type switch
        {
            "text/event-stream" => [.. body.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line[6..]))],
            "application/json" => [JsonElement.Parse(body)],
            _ => [],
        };
        return new McpReply((int)response.StatusCode, response.Headers.TryGetValues("Mcp-Session-Id", out var ids) ? ids.Single() : null, type, messages);
    }
}
