namespace Fleetwright.Platform.Probes;

/// <summary>How often and how hard devices are asked; the section "Probes".</summary>
public sealed class ProbeOptions
{
    public const string Section = "Probes";

    /// <summary>
    /// Intervals by probe name, in place of the probe's own: seconds ("30"), a number with a unit ("500ms", "30s", "5m", "1h",
    /// "1d"), a time span ("00:00:30"), or "off" for a probe that is asked only when somebody wants its answer. 1 s to 7 days.
    /// </summary>
    public IReadOnlyDictionary<string, TimeSpan> Intervals { get; set; } = new Dictionary<string, TimeSpan>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The interval of the live probes on a device that somebody watches; 500 ms to 1 minute.</summary>
    public TimeSpan LiveInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The probes that become faster on a device that somebody watches, by name, separated by commas.</summary>
    public IReadOnlyList<string> LiveProbes { get; set; } = ["system", "containers"];

    /// <summary>How many devices are polled at one time; 1 to 1000. A poll that waits for its device does not count for long.</summary>
    public int MaxConcurrentDevices { get; set; } = 16;

    /// <summary>How many round trips run on one device at one time; 1 to 8. A server's MaxSessions bounds it as well.</summary>
    public int MaxConcurrentRunsPerDevice { get; set; } = 3;

    /// <summary>How far a poll may move from its interval, so that devices do not fall into step; 0 to 0.5 of the interval.</summary>
    public double Jitter { get; set; } = 0.1;

    /// <summary>How soon a device that does not answer is tried again, at the latest; 1 s to 1 hour.</summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The same for a device that does not let us in, which a person must mend; 1 s to 1 day.</summary>
    public TimeSpan UnreachableRetryInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Over how long the first polls after a start are spread at most; 0 to 5 minutes.</summary>
    public TimeSpan StartSpread { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A probe's interval; infinite when it is asked on demand only.</summary>
    internal TimeSpan IntervalOf(IProbe probe) => Intervals.TryGetValue(probe.Name, out var interval) ? interval : probe.DefaultInterval;

    internal bool IsLive(IProbe probe) => LiveProbes.Contains(probe.Name, StringComparer.OrdinalIgnoreCase);
}
