using System.Collections.Immutable;
using System.Threading.Channels;

namespace Fleetwright.Platform.Events;

/// <summary>
/// The in-process bus. Publishing never waits: a subscriber that does not keep up loses its oldest events and is told how
/// many.
/// </summary>
public sealed class EventBus
{
    private ImmutableArray<EventSubscription> _subscriptions = [];
    private long _dropped;

    /// <summary>How many listen now.</summary>
    public int Subscribers => _subscriptions.Length;

    /// <summary>How many events listeners have lost since the start because they did not keep up, those gone included.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Publish(FleetEvent fleetEvent)
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Offer(fleetEvent);
        }
    }

    /// <summary>Starts listening; dispose the subscription to stop.</summary>
    public EventSubscription Subscribe(Func<FleetEvent, bool>? filter = null, int capacity = 1024)
    {
        var subscription = new EventSubscription(filter, capacity, Remove, () => Interlocked.Increment(ref _dropped));
        ImmutableInterlocked.Update(ref _subscriptions, list => list.Add(subscription));
        return subscription;
    }

    private void Remove(EventSubscription subscription) =>
        ImmutableInterlocked.Update(ref _subscriptions, list => list.Remove(subscription));
}

/// <summary>One listener's bounded queue of events.</summary>
public sealed class EventSubscription : IDisposable
{
    private readonly Channel<FleetEvent> _queue;
    private readonly Func<FleetEvent, bool>? _filter;
    private readonly Action<EventSubscription> _remove;
    private long _dropped;

    internal EventSubscription(Func<FleetEvent, bool>? filter, int capacity, Action<EventSubscription> remove, Action onDropped)
    {
        _filter = filter;
        _remove = remove;
        _queue = Channel.CreateBounded<FleetEvent>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ =>
            {
                Interlocked.Increment(ref _dropped);
                onDropped();
            });
    }

    public ChannelReader<FleetEvent> Events => _queue.Reader;

    /// <summary>How many events this listener has lost because it did not keep up.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Dispose()
    {
        _remove(this);
        _queue.Writer.TryComplete();
    }

    internal void Offer(FleetEvent fleetEvent)
    {
        if (_filter is null || _filter(fleetEvent))
        {
            _queue.Writer.TryWrite(fleetEvent);
        }
    }
}
