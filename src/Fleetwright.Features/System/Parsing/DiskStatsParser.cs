using System.Text.RegularExpressions;

namespace Fleetwright.Features.Systems.Parsing;

/// <summary>A disk's counters since the boot; times in milliseconds.</summary>
internal readonly record struct DiskCounters(
    long Reads, long ReadBytes, long ReadTime, long Writes, long WriteBytes, long WriteTime, long BusyTime);

/// <summary>/proc/diskstats; https://docs.kernel.org/admin-guide/iostats.html. A sector there is 512 bytes on every disk.</summary>
internal static partial class DiskStatsParser
{
    private const long SectorBytes = 512;

    /// <param name="lines">The file.</param>
    /// <param name="wholeDisks">The names in /sys/block; when it is empty, names tell disks from partitions.</param>
    public static Dictionary<string, DiskCounters> Parse(IReadOnlyList<string> lines, IReadOnlySet<string> wholeDisks)
    {
        var disks = new Dictionary<string, DiskCounters>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var f = Number.Fields(line);
            if (f.Length < 14 || !Counts(f[2], wholeDisks))
            {
                continue;
            }

            if (Number.Long(f[3]) is { } reads && Number.Times(Number.Long(f[5]), SectorBytes) is { } readBytes
                && Number.Long(f[6]) is { } readTime && Number.Long(f[7]) is { } writes
                && Number.Times(Number.Long(f[9]), SectorBytes) is { } writeBytes
                && Number.Long(f[10]) is { } writeTime && Number.Long(f[12]) is { } busyTime)
            {
                disks[f[2]] = new DiskCounters(reads, readBytes, readTime, writes, writeBytes, writeTime, busyTime);
            }
        }

        return disks;
    }

    public static DiskMetrics Rates(string name, DiskCounters now, DiskCounters? before, double? seconds)
    {
        // One counter that went backwards means that all began again: the disk was replaced or a counter wrapped.
        if (before is not { } b || seconds is not { } s || s <= 0 || now.Reads < b.Reads || now.Writes < b.Writes
            || now.ReadBytes < b.ReadBytes || now.WriteBytes < b.WriteBytes || now.BusyTime < b.BusyTime
            || now.ReadTime < b.ReadTime || now.WriteTime < b.WriteTime)
        {
            return new DiskMetrics { Name = name };
        }

        double operations = now.Reads - b.Reads + (now.Writes - b.Writes);
        double waited = now.ReadTime - b.ReadTime + (now.WriteTime - b.WriteTime);
        return new DiskMetrics
        {
            Name = name,
            ReadBytesPerSecond = Number.Rate(now.ReadBytes, b.ReadBytes, s),
            WriteBytesPerSecond = Number.Rate(now.WriteBytes, b.WriteBytes, s),
            ReadsPerSecond = Number.Rate(now.Reads, b.Reads, s),
            WritesPerSecond = Number.Rate(now.Writes, b.Writes, s),
            BusyPercent = Number.Percent(now.BusyTime - b.BusyTime, s * 1000),
            AwaitMilliseconds = operations > 0 ? Math.Round(waited / operations, 2) : null,
        };
    }

    private static bool Counts(string name, IReadOnlySet<string> wholeDisks) =>
        !Stacked().IsMatch(name) && (wholeDisks.Count > 0
            ? wholeDisks.Contains(name.Replace('/', '!')) // sysfs writes cciss/c0d0 as cciss!c0d0
            : !Partition().IsMatch(name));

    /// <summary>Devices that stand on others or on memory; counting them would count twice.</summary>
    [GeneratedRegex("^(loop|ram|zram|dm-|md|sr|fd|nbd|zd|drbd|bcache)[0-9]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Stacked();

    [GeneratedRegex("^((sd|hd|vd|xvd)[a-z]+[0-9]+|(nvme[0-9]+n[0-9]+|mmcblk[0-9]+|pmem[0-9]+)p[0-9]+|mmcblk[0-9]+boot[0-9]+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Partition();
}
