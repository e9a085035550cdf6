namespace Fleetwright.Platform.Connections;

/// <summary>
/// When a lost connection may be tried again: at once after a loss that followed a long up time, then 1 s, 2 s,
/// 4 s … up to a minute (five where only a person can help), each less a random part so that a fleet does not
/// come back in one moment.
/// </summary>
internal sealed class ReconnectBackoff(TimeProvider time, Random random)
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan LongestForPerson = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan LongUpTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstForPerson = TimeSpan.FromSeconds(15);
    private int _failures;
    private long _since;
    private long _openedAt;
    private TimeSpan _wait;

    /// <summary>Why the last attempt failed, while it is too early for the next one; else null.</summary>
    public ConnectionException? Holding => Last is not null && Remaining > TimeSpan.Zero ? Last : null;

    /// <summary>Why the device is not connected; null when it is, or never was tried.</summary>
    public ConnectionException? Last { get; private set; }

    /// <summary>Until the next attempt; zero when it may be made now.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var rest = _wait - time.GetElapsedTime(_since);
            return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
        }
    }

    public void Opened()
    {
        Last = null;
        _openedAt = time.GetTimestamp();
    }

    /// <summary>An open connection went away.</summary>
    public void Lost(ConnectionException reason)
    {
        if (time.GetElapsedTime(_openedAt) >= LongUpTime)
        {
            _failures = 0;
            Hold(reason, TimeSpan.Zero);
            return;
        }

        Failed(reason);
    }

    /// <summary>An attempt to connect failed.</summary>
    public void Failed(ConnectionException reason)
    {
        var (first, longest) = reason.NeedsPerson ? (FirstForPerson, LongestForPerson) : (First, Longest);
        var full = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(_failures, 16)));
        _failures++;
        Hold(reason, TimeSpan.FromSeconds(full * (0.5 + (random.NextDouble() / 2))));
    }

    private void Hold(ConnectionException reason, TimeSpan wait)
    {
        Last = reason;
        _since = time.GetTimestamp();
        _wait = wait;
    }
}
