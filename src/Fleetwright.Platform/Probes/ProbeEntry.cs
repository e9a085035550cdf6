namespace Fleetwright.Platform.Probes;

/// <summary>
/// A registered probe with its settings. What is typed about a probe is behind <see cref="ProbeEntry{T}"/>, so that the
/// runner and the scheduler treat all probes alike, and reflection happens once, here.
/// </summary>
internal abstract class ProbeEntry
{
    protected ProbeEntry(IProbe probe, TimeSpan interval, bool isLive)
    {
        Probe = probe;
        Interval = interval;
        IsLive = isLive;
    }

    public IProbe Probe { get; }

    /// <summary>Infinite when the probe is asked on demand only.</summary>
    public TimeSpan Interval { get; }

    /// <summary>Becomes faster while somebody watches the device.</summary>
    public bool IsLive { get; }

    public static ProbeEntry Create(IProbe probe, TimeSpan interval, bool isLive)
    {
        for (var type = probe.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Probe<>))
            {
                var entry = typeof(ProbeEntry<>).MakeGenericType(type.GetGenericArguments());
                return (ProbeEntry)Activator.CreateInstance(entry, probe, interval, isLive)!; // not a Nullable<T>: never null
            }
        }

        throw new ArgumentException($"The probe '{probe.Name}' must derive from ScriptProbe<T> or SocketProbe<T>.", nameof(probe));
    }

    /// <summary>Else it is a script, which shares a round trip with others.</summary>
    public abstract bool TalksOverSocket { get; }

    public abstract ProbeSlot CreateSlot(string deviceId, ReadingSink sink);
}

internal sealed class ProbeEntry<T>(Probe<T> probe, TimeSpan interval, bool isLive) : ProbeEntry(probe, interval, isLive)
    where T : class
{
    public override bool TalksOverSocket { get; } = probe is SocketProbe<T>;

    public override ProbeSlot CreateSlot(string deviceId, ReadingSink sink) => new ProbeSlot<T>(this, probe, deviceId, sink);
}
