using System.Buffers.Text;
using Fleetwright.Platform.Events.Live;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>
/// What waits to be sent to one client. Answers come first, and make who gives them wait when there are too many; events are
/// bounded in number and bytes, and the oldest make room for new ones. What was dropped is counted, and told before the
/// next event. One reader, any number of writers.
/// </summary>
internal sealed class OutboundQueue(int maxEvents, long maxBytes) : IDisposable
{
    private const int MaxAnswers = 32;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _room = new(MaxAnswers);
    private readonly SemaphoreSlim _ready = new(0);
    private readonly Queue<byte[]> _answers = new();
    private readonly Queue<Waiting> _events = new();
    private readonly List<OutboundSource> _losers = [];
    private long _bytes;
    private long _dropped;
    private long _untold;
    private bool _completed;

    /// <summary>Events that this client lost since it connected.</summary>
    public long Dropped
    {
        get
        {
            lock (_gate)
            {
                return _dropped;
            }
        }
    }

    /// <summary>No more is taken; what waits is answers only, and events are let go.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            _events.Clear();
            _untold = 0;
            Wake();
        }
    }

    public async ValueTask AnswerAsync(byte[] message, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        lock (_gate)
        {
            if (!_completed)
            {
                _answers.Enqueue(message);
                Wake();
            }
        }
    }

    /// <summary>Adds an event of a subscription; never waits.</summary>
    public void Offer(OutboundSource source, LiveMessage message)
    {
        // Made before the lock is taken: it may be large.
        var body = message.Lost > 0 ? default : message.Body;
        lock (_gate)
        {
            if (_completed || source.IsClosed)
            {
                return;
            }

            if (message.Lost > 0)
            {
                source.Sequence += message.Lost;
                Count(source, message.Lost);
            }
            else
            {
                Add(new Waiting(source, ++source.Sequence, body, IsEnd: false));
            }

            Wake();
        }
    }

    /// <summary>Adds the end of a subscription, after its events; it is never dropped.</summary>
    public void End(OutboundSource source, Func<long, byte[]> write)
    {
        lock (_gate)
        {
            if (!_completed && !source.IsClosed)
            {
                Add(new Waiting(source, source.Sequence, write(source.Sequence), IsEnd: true));
                Wake();
            }
        }
    }

    /// <summary>Waits until there is something to take, or the queue is complete.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _ready.WaitAsync(cancellationToken);

    /// <summary>Takes what is next; false when nothing waits.</summary>
    public bool TryTake(out OutboundMessage message)
    {
        lock (_gate)
        {
            if (_answers.TryDequeue(out var answer))
            {
                _room.Release();
                message = new OutboundMessage(answer);
                return true;
            }

            if (_untold > 0)
            {
                message = new OutboundMessage(TellDropped());
                return true;
            }

            while (_events.TryDequeue(out var next))
            {
                _bytes -= next.Body.Length;
                if (!next.Source.IsClosed)
                {
                    message = next.IsEnd ? new OutboundMessage(next.Body) : new OutboundMessage(next.Body, next.Source.EventStart, next.Sequence);
                    return true;
                }
            }
        }

        message = default;
        return false;
    }

    /// <summary>Nothing of this subscription is sent any more.</summary>
    public void Close(OutboundSource source)
    {
        lock (_gate)
        {
            source.IsClosed = true;
        }
    }

    public void Dispose()
    {
        _room.Dispose();
        _ready.Dispose();
    }

    private void Add(Waiting item)
    {
        _events.Enqueue(item);
        _bytes += item.Body.Length;

        // Ends are put back, and there are fewer of them than events may wait; the newest event always stays.
        for (var looked = _events.Count - 1; looked > 0 && (_events.Count > maxEvents || _bytes > maxBytes); looked--)
        {
            var oldest = _events.Dequeue();
            if (oldest.IsEnd && !oldest.Source.IsClosed)
            {
                _events.Enqueue(oldest);
                continue;
            }

            _bytes -= oldest.Body.Length;
            if (!oldest.Source.IsClosed)
            {
                Count(oldest.Source, 1);
            }
        }
    }

    private void Count(OutboundSource source, long lost)
    {
        _dropped += lost;
        _untold += lost;
        if (source.Untold == 0)
        {
            _losers.Add(source);
        }

        source.Untold += lost;
    }

    private byte[] TellDropped()
    {
        var told = WebSocketProtocol.Dropped(_untold, _dropped, _losers.Where(source => !source.IsClosed).Select(source => (source.Id, source.Untold)));
        foreach (var source in _losers)
        {
            source.Untold = 0;
        }

        _losers.Clear();
        _untold = 0;
        return told;
    }

    // Under the lock: one permit says that something waits, however much it is.
    private void Wake()
    {
        if (_ready.CurrentCount == 0)
        {
            _ready.Release();
        }
    }

    private readonly record struct Waiting(OutboundSource Source, long Sequence, ReadOnlyMemory<byte> Body, bool IsEnd);
}

/// <summary>The subscription that an event belongs to; guarded by the queue.</summary>
internal sealed class OutboundSource(string id, string channel)
{
    public string Id { get; } = id;

    public byte[] EventStart { get; } = WebSocketProtocol.EventStart(id, channel);

    /// <summary>Of the newest event, dropped or not.</summary>
    public long Sequence { get; set; }

    /// <summary>Dropped and not told yet.</summary>
    public long Untold { get; set; }

    public bool IsClosed { get; set; }
}

/// <summary>One message to send: as it is, or an event whose start and number are the subscription's own.</summary>
internal readonly record struct OutboundMessage(ReadOnlyMemory<byte> Body, byte[]? EventStart = null, long Sequence = 0)
{
    private const int MaxDigits = 20;

    /// <summary>At least as many bytes as it has.</summary>
    public int MaxLength => Body.Length + (EventStart is null ? 0 : EventStart.Length + MaxDigits + 1);

    /// <returns>How many bytes it has.</returns>
    public int CopyTo(Span<byte> buffer)
    {
        if (EventStart is null)
        {
            Body.Span.CopyTo(buffer);
            return Body.Length;
        }

        EventStart.CopyTo(buffer);
        var length = EventStart.Length;
        Utf8Formatter.TryFormat(Sequence, buffer[length..], out var digits);
        length += digits;
        buffer[length++] = (byte)',';
        Body.Span.CopyTo(buffer[length..]);
        return length + Body.Length;
    }
}
