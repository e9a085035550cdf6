using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Probes;

/// <summary>All registered probes; a name that two of them bear stops the start.</summary>
internal sealed class ProbeSet
{
    public const string FactsName = "facts";

    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);

    public ProbeSet(IEnumerable<IProbe> probes, IOptions<ProbeOptions> options)
    {
        Entries = [.. probes.Select(p => ProbeEntry.Create(p, options.Value.IntervalOf(p), options.Value.IsLive(p)))];
        for (var i = 0; i < Entries.Count; i++)
        {
            if (!_indexes.TryAdd(Entries[i].Probe.Name, i))
            {
                throw new InvalidOperationException($"Two probes are called '{Entries[i].Probe.Name}': "
                    + $"{Entries[_indexes[Entries[i].Probe.Name]].Probe.GetType().Name} and {Entries[i].Probe.GetType().Name}.");
            }
        }

        FactsIndex = _indexes.GetValueOrDefault(FactsName, -1);
    }

    public IReadOnlyList<ProbeEntry> Entries { get; }

    /// <summary>Where the probe that finds out what a device is stands; −1 when there is none.</summary>
    public int FactsIndex { get; }

    /// <exception cref="InvalidOperationException">The probe was not registered with AddProbe.</exception>
    public int IndexOf(IProbe probe) =>
        _indexes.TryGetValue(probe.Name, out var index) && ReferenceEquals(Entries[index].Probe, probe)
            ? index
            : throw new InvalidOperationException($"The probe '{probe.Name}' was not registered with AddProbe.");

    public bool TryGetIndex(string name, out int index) => _indexes.TryGetValue(name, out index);
}
