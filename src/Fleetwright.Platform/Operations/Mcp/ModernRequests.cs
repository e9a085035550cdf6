using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>The modern era: every request gets a server of its own for as long as it takes, and nothing stays.</summary>
internal sealed class ModernRequests(McpServerOptionsByEra serverOptions, ILoggerFactory loggerFactory)
{
    public async Task<McpRefusal?> PostAsync(HttpContext context, string revision, JsonRpcMessage message)
    {
        if (ModernRequestChecks.CheckModern(revision, context.Request.Headers, message, serverOptions.Modern.ToolCollection) is { } refusal)
        {
            return refusal;
        }

        var transport = new StreamableHttpServerTransport(loggerFactory) { Stateless = true };
        await using var server = McpServer.Create(transport, serverOptions.Modern, loggerFactory, context.RequestServices);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var run = server.RunAsync(stopping.Token);
        try
        {
            return await McpResponses.StreamAsync(context, transport, message, McpResponses.ModernStatus);
        }
        finally
        {
            await transport.DisposeAsync();
            await stopping.CancelAsync();
            try
            {
                await run;
            }
            catch (OperationCanceledException)
            {
                // It was cancelled just above.
            }
        }
    }
}
