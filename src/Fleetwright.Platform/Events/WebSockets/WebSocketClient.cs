using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using Fleetwright.Platform.Operations;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>
/// One connected client: a loop that reads and answers, and a loop that sends. It holds no thread and no timer; the sweep of
/// <see cref="WebSocketClients"/> looks after its limits of time.
/// </summary>
internal sealed partial class WebSocketClient : IDisposable
{
    private readonly System.Net.WebSockets.WebSocket _socket;
    private readonly LiveChannels _channels;
    private readonly WebSocketDoorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OutboundQueue _queue;
    private readonly CancellationTokenSource _gone;
    private readonly ConcurrentDictionary<string, ClientSubscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private (WebSocketCloseStatus Status, string Reason)? _closing;
    private long _sendingSince;
    private long _closingSince;

    public WebSocketClient(
        System.Net.WebSockets.WebSocket socket,
        Caller caller,
        string? keyId,
        LiveChannels channels,
        WebSocketDoorOptions options,
        TimeProvider time,
        ILogger logger,
        CancellationToken hungUp)
    {
        (_socket, Caller, KeyId, _channels, _options, _time, _logger) = (socket, caller, keyId, channels, options, time, logger);
        _queue = new OutboundQueue(options.QueueMessages, options.QueueBytes);
        _gone = CancellationTokenSource.CreateLinkedTokenSource(hungUp);
    }

    public Caller Caller { get; }

    /// <summary>The key it came in by; null for this machine's own command line.</summary>
    public string? KeyId { get; }

    public int Subscriptions => _subscriptions.Count;

    public long Dropped => _queue.Dropped;

    /// <summary>Serves the client until it has gone.</summary>
    public async Task RunAsync()
    {
        var sending = SendLoopAsync();
        try
        {
            await ReceiveLoopAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Gone without a word, or cut off.
            LogGone(Caller.Name, exception.Message);
        }
        finally
        {
            await EndAsync(sending);
        }
    }

    /// <summary>Begins to close: answers that wait are still sent, events are not.</summary>
    public void Close(WebSocketCloseStatus status, string reason)
    {
        lock (_gate)
        {
            if (_closing is not null)
            {
                return;
            }

            _closing = (status, reason);
            Volatile.Write(ref _closingSince, _time.GetTimestamp());
        }

        foreach (var subscription in _subscriptions.Values)
        {
            subscription.Stop();
        }

        _queue.Complete();
    }

    /// <summary>Cuts the client off when it takes too long to take a message, or to answer a close.</summary>
    public void Sweep(TimeSpan closeTimeout)
    {
        if (IsPast(Volatile.Read(ref _sendingSince), _options.SendTimeout))
        {
            LogStalled(Caller.Name, _options.SendTimeout, Dropped);
            Abort();
        }
        else if (IsPast(Volatile.Read(ref _closingSince), closeTimeout))
        {
            Abort();
        }
    }

    public void Dispose()
    {
        _queue.Dispose();
        _gone.Dispose();
        _socket.Dispose();
    }

    private bool IsPast(long since, TimeSpan limit) => since != 0 && _time.GetElapsedTime(since) > limit;

    private void Abort()
    {
        _socket.Abort();
        try
        {
            _gone.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It went in the same moment.
        }
    }

    private async Task EndAsync(Task sending)
    {
        Close(WebSocketCloseStatus.NormalClosure, "");
        await sending;
        Abort();
    }

    private async Task SendLoopAsync()
    {
        try
        {
            while (true)
            {
                await _queue.WaitAsync(_gone.Token);
                while (_queue.TryTake(out var message))
                {
                    await SendAsync(message);
                }

                if (Closing() is { } closing)
                {
                    Volatile.Write(ref _sendingSince, _time.GetTimestamp());
                    await _socket.CloseOutputAsync(closing.Status, closing.Status == WebSocketCloseStatus.Empty ? null : closing.Reason, _gone.Token);
                    Volatile.Write(ref _sendingSince, 0);
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The receiving loop ends for the same reason; where only sending failed, it must not wait.
            Abort();
        }
    }

    private (WebSocketCloseStatus Status, string Reason)? Closing()
    {
        lock (_gate)
        {
            return _closing;
        }
    }

    private async Task SendAsync(OutboundMessage message)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(message.MaxLength);
        try
        {
            var length = message.CopyTo(buffer);
            Volatile.Write(ref _sendingSince, _time.GetTimestamp());
            await _socket.SendAsync(buffer.AsMemory(0, length), WebSocketMessageType.Text, endOfMessage: true, _gone.Token);
            Volatile.Write(ref _sendingSince, 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task ReceiveLoopAsync()
    {
        var reader = new MessageReader(_socket, _options.MaxMessageBytes);
        while (true)
        {
            using var received = await reader.ReadAsync(_gone.Token);
            switch (received.Kind)
            {
                case ReceivedKind.Close:
                    // An answer with the client's own code, unless it only answers ours.
                    Close(_socket.CloseStatus ?? WebSocketCloseStatus.Empty, "");
                    return;
                case ReceivedKind.TooLarge:
                    Close(WebSocketCloseStatus.MessageTooBig, $"a message has at most {_options.MaxMessageBytes} bytes");
                    await reader.SkipToCloseAsync(_gone.Token);
                    return;
                case ReceivedKind.Binary when Closing() is null:
                    await AnswerAsync(WebSocketProtocol.Error(null, new OperationException(
                        OperationError.Invalid, "the message is binary.", "Send JSON as text messages.")));
                    break;
                case ReceivedKind.Text when Closing() is null:
                    await HandleAsync(received.Text);
                    break;
            }
        }
    }

    private async Task HandleAsync(ReadOnlyMemory<byte> text)
    {
        string? id = null;
        try
        {
            var message = ClientMessage.Parse(text, out id);
            switch (message.Type)
            {
                case ClientMessageType.Hello:
                    await AnswerAsync(WebSocketProtocol.Hello(message.Id, _channels.Describe(), _options));
                    break;
                case ClientMessageType.Ping:
                    await AnswerAsync(WebSocketProtocol.Pong(message.Id, _time.GetUtcNow()));
                    break;
                case ClientMessageType.Subscribe:
                    Subscribe(message);
                    break;
                case ClientMessageType.Unsubscribe:
                    await UnsubscribeAsync(message);
                    break;
            }
        }
        catch (OperationException failure)
        {
            await AnswerAsync(WebSocketProtocol.Error(id, failure));
        }
    }

    private void Subscribe(ClientMessage message)
    {
        // The parser lets no subscription without these through.
        var (id, filter) = (message.Id!, message.Filter ?? []);
        var channel = _channels.Get(message.Channel!, filter);
        if (!Caller.May(channel.Scope))
        {
            throw new OperationException(
                OperationError.Forbidden, $"this key's scope does not allow '{channel.Name}'.", $"Use a key with scope {channel.Scope}; `fleetwright keys create` makes one.");
        }

        if (_subscriptions.ContainsKey(id))
        {
            throw new OperationException(OperationError.Conflict, $"there is a subscription '{id}' already.", "Unsubscribe it first, or choose another id.");
        }

        if (_subscriptions.Count >= _options.MaxSubscriptions)
        {
            throw new OperationException(
                OperationError.RateLimited, $"a client may hold {_options.MaxSubscriptions} subscriptions.", "Unsubscribe what is not needed, or subscribe without a device to hear of all.");
        }

        var subscription = new ClientSubscription(id, channel, _queue, _logger, _gone.Token);
        _subscriptions[id] = subscription;
        _ = RunAsync(subscription, filter);
    }

    private async Task RunAsync(ClientSubscription subscription, System.Text.Json.Nodes.JsonObject filter)
    {
        // Opening a channel may take as long as the way to a device: the client's other messages do not wait for it.
        await Task.Yield();
        await subscription.RunAsync(filter);
        _subscriptions.TryRemove(KeyValuePair.Create(subscription.Id, subscription));
        subscription.Dispose();
    }

    private async Task UnsubscribeAsync(ClientMessage message)
    {
        if (!_subscriptions.TryRemove(message.Id!, out var subscription)) // The parser wants an id.
        {
            throw OperationException.NotFound(
                "there is no such subscription.", _subscriptions.IsEmpty ? "There is none at all." : "It may have ended, or was never acknowledged.");
        }

        subscription.Stop();
        await AnswerAsync(WebSocketProtocol.Ack(subscription.Id, "unsubscribe", subscription.Channel));
    }

    private ValueTask AnswerAsync(byte[] message) => _queue.AnswerAsync(message, _gone.Token);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A WebSocket client of '{Caller}' has gone: {Why}")]
    private partial void LogGone(string caller, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "A WebSocket client of '{Caller}' took nothing for {Limit} and is cut off; it lost {Dropped} events before")]
    private partial void LogStalled(string caller, TimeSpan limit, long dropped);
}
