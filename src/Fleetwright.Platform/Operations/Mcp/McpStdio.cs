using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// MCP over this process's standard input and output, both eras: what <c>fleetwright mcp</c> runs. Nothing else may write
/// to standard output meanwhile; logs go to standard error.
/// </summary>
public static class McpStdio
{
    /// <summary>Serves until the client closes standard input and has its answers, or until cancelled.</summary>
    public static Task RunAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        RunAsync(services, Console.OpenStandardInput(), Console.OpenStandardOutput(), cancellationToken);

    /// <summary>The same over any pair of streams.</summary>
    internal static async Task RunAsync(IServiceProvider services, Stream input, Stream output, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<McpServerOptionsByEra>().CreateLocal();
        var loggerFactory = services.GetRequiredService<ILoggerFactory>();
        var streams = new AnsweredBeforeEnd(input, output, services.GetService<TimeProvider>() ?? TimeProvider.System);
        await using var transport = new StreamServerTransport(streams.Input, streams.Output, "fleetwright", loggerFactory);
        await RunAsync(transport, options, loggerFactory, services, cancellationToken);
    }

    private static async Task RunAsync(
        StreamServerTransport transport, McpServerOptions options, ILoggerFactory loggerFactory, IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var server = McpServer.Create(transport, options, loggerFactory, services);
        try
        {
            await server.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop, by Ctrl+C for instance.
        }
    }
}
