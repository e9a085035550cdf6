using System.Runtime.CompilerServices;

namespace Fleetwright.Platform.Events.Live;

/// <summary>
/// What channels need that tell of events on the bus. One per channel: an event that many subscriptions tell of becomes one
/// message.
/// </summary>
public sealed class LiveEvents(EventBus bus, Func<FleetEvent, LiveMessage> write)
{
    private const int Capacity = 256;
    private readonly ConditionalWeakTable<FleetEvent, LiveMessage> _written = [];

    /// <summary>
    /// The events that fit, from this call on, until cancelled. What <paramref name="first"/> gives comes before them; it is
    /// asked after the listening began, so that nothing falls between the two.
    /// </summary>
    /// <param name="fits">Runs in the publisher's thread, so it only compares.</param>
    /// <param name="first">What is so now; null gives nothing.</param>
    /// <param name="isLast">True for an event that ends the stream, after it was told.</param>
    /// <param name="cancellationToken">Ends it, by <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<LiveMessage> FollowAsync(
        Func<FleetEvent, bool> fits,
        Func<Task<LiveMessage?>>? first,
        Func<FleetEvent, bool>? isLast,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var events = bus.Subscribe(fits, Capacity);
        if (first is not null && await first() is { } snapshot)
        {
            yield return snapshot;
        }

        long known = 0;
        await foreach (var told in events.Events.ReadAllAsync(cancellationToken))
        {
            var dropped = events.Dropped;
            if (dropped > known)
            {
                yield return LiveMessage.Gap(dropped - known, told.At);
                known = dropped;
            }

            yield return _written.GetValue(told, key => write(key));
            if (isLast?.Invoke(told) is true)
            {
                yield break;
            }
        }
    }
}
