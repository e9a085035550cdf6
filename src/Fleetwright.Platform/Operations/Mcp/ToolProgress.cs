using System.Threading.Channels;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// Carries an operation's progress to the client that asked for it: in order, all of it before the answer, and never
/// making the operation wait for the client.
/// </summary>
internal sealed class ToolProgress : IAsyncDisposable
{
    // A client that reads slowly misses steps in between, not the last ones.
    private readonly Channel<OperationProgress> _steps =
        Channel.CreateBounded<OperationProgress>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Task _sending;

    private ToolProgress(McpServer server, ProgressToken token, CancellationToken cancellationToken) =>
        _sending = SendAsync(server, token, cancellationToken);

    /// <summary>Null when the client did not ask for progress.</summary>
    public static ToolProgress? For(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken) =>
        request.Params.ProgressToken is { } token ? new ToolProgress(request.Server, token, cancellationToken) : null;

    public void Report(OperationProgress step) => _steps.Writer.TryWrite(step);

    public async ValueTask DisposeAsync()
    {
        _steps.Writer.TryComplete();
        await _sending;
    }

    private async Task SendAsync(McpServer server, ProgressToken token, CancellationToken cancellationToken)
    {
        var last = double.NegativeInfinity;
        try
        {
            await foreach (var step in _steps.Reader.ReadAllAsync(cancellationToken))
            {
                // The protocol wants each step to be more than the one before.
                if (step.Done <= last)
                {
                    continue;
                }

                last = step.Done;
                await server.NotifyProgressAsync(
                    token,
                    new ProgressNotificationValue { Progress = (float)step.Done, Total = (float?)step.Total, Message = step.Message },
                    cancellationToken: cancellationToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The call was cancelled or the client is gone: nobody waits for progress any more.
        }
    }
}
