using System.ComponentModel;
using Fleetwright.Platform.Operations.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace Fleetwright.Benchmarks;

/// <summary>The program's own MCP endpoint with one tool that does nothing: what a call costs at the least.</summary>
internal static class TrivialHost
{
    public static async Task RunAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.AddMcpHttp();
        builder.Services.AddMcpServer().WithTools<NothingTool>();
        await using var app = builder.Build();
        app.MapMcp();
        await app.RunAsync();
    }

    [McpServerToolType]
    private sealed class NothingTool
    {
        [McpServerTool(Name = "nothing"), Description("Does nothing.")]
        public static string Nothing() => "ok";
    }
}
