namespace Fleetwright.Platform.Probes;

/// <summary>How the polling itself fares; for get_server_health.</summary>
public sealed record ProbeStatistics
{
    /// <summary>Devices that are polled now, or asked by somebody.</summary>
    public required int Running { get; init; }

    /// <summary>Polls that were started in the last full minute.</summary>
    public required int PollsPerMinute { get; init; }

    /// <summary>Of the polls of the last five minutes, those whose device could not be asked.</summary>
    public required int FailedPollsInFiveMinutes { get; init; }

    /// <summary>How late the last poll was started; null before the first.</summary>
    public TimeSpan? LastLag { get; init; }

    /// <summary>The latest start of a poll in the last five minutes.</summary>
    public required TimeSpan MaxLagInFiveMinutes { get; init; }

    /// <summary>Readings and points that wait to be written to the store.</summary>
    public required int PendingWrites { get; init; }

    /// <summary>Points that were lost because the store did not take them for too long.</summary>
    public required long DroppedPoints { get; init; }

    /// <summary>The polled devices, by id.</summary>
    public required IReadOnlyList<DevicePollStatistics> Devices { get; init; }
}

/// <summary>How one device's polls fare.</summary>
/// <param name="Device">The device's id.</param>
/// <param name="LastPollAt">When its last poll began; null before the first.</param>
/// <param name="LastPollDuration">How long that took, connecting included; null while the first one runs.</param>
/// <param name="FailuresInARow">Polls since it last answered.</param>
/// <param name="Watched">Somebody watches it live.</param>
public sealed record DevicePollStatistics(
    string Device, DateTimeOffset? LastPollAt, TimeSpan? LastPollDuration, int FailuresInARow, bool Watched);

/// <summary>Counts over the last five minutes, in slices of ten seconds.</summary>
internal sealed class PollMeter(TimeProvider time)
{
    private const int SliceCount = 31;
    private const int SlicesPerMinute = 6;
    private static readonly TimeSpan SliceLength = TimeSpan.FromSeconds(10);

    private readonly Lock _change = new();
    private readonly Slice[] _slices = new Slice[SliceCount];
    private TimeSpan? _lastLag;
    private int _running;

    public int Running => Volatile.Read(ref _running);

    public void RunStarted() => Interlocked.Increment(ref _running);

    public void RunEnded() => Interlocked.Decrement(ref _running);

    public void PollStarted(TimeSpan lag)
    {
        lag = lag < TimeSpan.Zero ? TimeSpan.Zero : lag;
        lock (_change)
        {
            ref var slice = ref Current();
            slice.Polls++;
            slice.MaxLag = lag > slice.MaxLag ? lag : slice.MaxLag;
            _lastLag = lag;
        }
    }

    public void PollFailed()
    {
        lock (_change)
        {
            Current().Failures++;
        }
    }

    public (int PollsPerMinute, int Failures, TimeSpan? LastLag, TimeSpan MaxLag) Read()
    {
        lock (_change)
        {
            var now = Number();
            int polls = 0, failures = 0;
            var maxLag = TimeSpan.Zero;
            foreach (var slice in _slices)
            {
                var age = now - slice.Number;
                if (age is < 0 or >= SliceCount)
                {
                    continue;
                }

                polls += age is >= 1 and <= SlicesPerMinute ? slice.Polls : 0;
                failures += slice.Failures;
                maxLag = slice.MaxLag > maxLag ? slice.MaxLag : maxLag;
            }

            return (polls, failures, _lastLag, maxLag);
        }
    }

    private long Number() => time.GetTimestamp() / (long)(SliceLength.TotalSeconds * time.TimestampFrequency);

    private ref Slice Current()
    {
        var number = Number();
        ref var slice = ref _slices[(int)(number % SliceCount)];
        if (slice.Number != number)
        {
            slice = new Slice { Number = number };
        }

        return ref slice;
    }

    private struct Slice
    {
        public long Number;
        public int Polls;
        public int Failures;
        public TimeSpan MaxLag;
    }
}
