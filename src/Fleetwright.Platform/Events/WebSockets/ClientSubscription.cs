using System.Text.Json.Nodes;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Operations;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>One subscription of one client: carries what its channel tells into the client's queue.</summary>
internal sealed partial class ClientSubscription(string id, ILiveChannel channel, OutboundQueue queue, ILogger logger, CancellationToken disconnected) : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(disconnected);
    private readonly OutboundSource _source = new(id, channel.Name);
    private bool _acknowledged;

    public string Id => id;

    public string Channel => channel.Name;

    /// <summary>Opens the channel, acknowledges, and tells what happens until it ends or is stopped.</summary>
    public async Task RunAsync(JsonObject filter)
    {
        var cancellationToken = _stop.Token;
        try
        {
            var messages = await channel.OpenAsync(filter, cancellationToken);
            await TellAsync(messages.GetAsyncEnumerator(cancellationToken), cancellationToken);
            queue.End(_source, sequence => WebSocketProtocol.End(id, channel.Name, sequence, failure: null));
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Unsubscribed or gone: nobody waits for an answer.
        }
        catch (Exception exception)
        {
            var failure = Shape(exception);
            if (_acknowledged)
            {
                queue.End(_source, sequence => WebSocketProtocol.End(id, channel.Name, sequence, failure));
            }
            else
            {
                await RefuseAsync(failure, cancellationToken);
            }
        }
    }

    /// <summary>Ends it without a word; nothing of it is sent any more.</summary>
    public void Stop()
    {
        queue.Close(_source);
        _stop.Cancel();
    }

    public void Dispose() => _stop.Dispose();

    private async Task TellAsync(IAsyncEnumerator<LiveMessage> messages, CancellationToken cancellationToken)
    {
        // The listening begins before the client reads that it did: whatever it does upon that is heard.
        var next = messages.MoveNextAsync().AsTask();
        try
        {
            if (next.IsFaulted)
            {
                await next;
            }

            await queue.AnswerAsync(WebSocketProtocol.Ack(id, "subscribe", channel.Name), cancellationToken);
            _acknowledged = true;
            while (await next)
            {
                queue.Offer(_source, messages.Current);
                next = messages.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await next.ContinueWith(static _ => { }, TaskScheduler.Default);
            await messages.DisposeAsync();
        }
    }

    private async Task RefuseAsync(OperationException failure, CancellationToken cancellationToken)
    {
        try
        {
            await queue.AnswerAsync(WebSocketProtocol.Error(id, failure), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Gone meanwhile.
        }
    }

    private OperationException Shape(Exception exception)
    {
        switch (exception)
        {
            case OperationException expected:
                return expected;
            case ConnectionException { Failure: ConnectionFailure.SocketNotPermitted } connection:
                return new OperationException(OperationError.NotPermittedOnDevice, connection.Message, connection.Advice);
            case ConnectionException connection:
                return new OperationException(OperationError.DeviceAway, connection.Message, connection.Advice);
            case TimeoutException or OperationCanceledException:
                return new OperationException(OperationError.TimedOut, "it took longer than its limit.", "Subscribe again.");
            default:
                var reference = Guid.NewGuid().ToString("N")[..12];
                LogDefect(exception, channel.Name, reference);
                return new OperationException(
                    OperationError.Internal, $"the channel failed inside Fleetwright (reference {reference}).", "The server's log holds the cause under this reference.");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Channel {Channel} failed unexpectedly; reference {Reference}")]
    private partial void LogDefect(Exception exception, string channel, string reference);
}
