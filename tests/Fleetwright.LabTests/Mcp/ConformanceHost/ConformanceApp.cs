using Fleetwright.Platform.Operations.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace Fleetwright.LabTests.Mcp.ConformanceHost;

/// <summary>A host with the names that the suite expects, over the product's own endpoint, on a free loopback port and without a token.</summary>
internal sealed class ConformanceApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ConformanceApp(WebApplication app) => _app = app;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/mcp");

    public McpSessions Sessions => _app.Services.GetRequiredService<McpSessions>();

    public static async Task<ConformanceApp> StartAsync(Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddMcpHttp();
        builder.Services
            .AddMcpServer(options => options.Capabilities = new ServerCapabilities
            {
                Logging = new LoggingCapability(),
                Resources = new ResourcesCapability { Subscribe = true },
            })
            .WithTools<ConformanceTools>()
            .WithTools<ElicitationTools>()
            .WithTools<InputRequiredTools>()
            .WithTools([new SchemaTool()])
            .WithPrompts<ConformancePrompts>()
            .WithResources<ConformanceResources>()
            .WithCompleteHandler((_, _) => ValueTask.FromResult(
                new CompleteResult { Completion = new Completion { Values = ["paris", "park", "party"], Total = 3, HasMore = false } }))
            .WithSubscribeToResourcesHandler((_, _) => ValueTask.FromResult(new EmptyResult()))
            .WithUnsubscribeFromResourcesHandler((_, _) => ValueTask.FromResult(new EmptyResult()))
            .WithSetLoggingLevelHandler((_, _) => ValueTask.FromResult(new EmptyResult()));
        configure?.Invoke(builder);
        var app = builder.Build();
        map?.Invoke(app);
        app.MapMcp();
        await app.StartAsync();
        return new ConformanceApp(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
