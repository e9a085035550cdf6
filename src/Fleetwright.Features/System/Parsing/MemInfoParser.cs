namespace Fleetwright.Features.Systems.Parsing;

/// <summary>/proc/meminfo: amounts in bytes by the kernel's own names.</summary>
internal sealed class MemInfo(IReadOnlyDictionary<string, long> bytes)
{
    public long? this[string name] => bytes.TryGetValue(name, out var value) ? value : null;

    public int Count => bytes.Count;
}

/// <summary>/proc/meminfo; https://man7.org/linux/man-pages/man5/proc_meminfo.5.html. "kB" there means 1024 bytes.</summary>
internal static class MemInfoParser
{
    public static MemInfo Parse(IReadOnlyList<string> lines)
    {
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                continue;
            }

            var fields = Number.Fields(line[(colon + 1)..]);
            if (fields.Length == 0 || Number.Long(fields[0]) is not { } amount)
            {
                continue;
            }

            // A line without its unit was cut, unless it is a count of huge pages; an amount in another unit is not guessed at.
            var unit = fields.Length > 1 ? fields[1] : "";
            var value = unit == "kB" ? Number.Times(amount, 1024)
                : unit.Length == 0 && line.StartsWith("HugePages_", StringComparison.Ordinal) ? amount : null;
            if (value is { } known)
            {
                values[line[..colon]] = known;
            }
        }

        return new MemInfo(values);
    }

    public static MemoryMetrics? Memory(MemInfo info, ZfsArc? arc)
    {
        if (info["MemTotal"] is not { } total || total <= 0 || info["MemFree"] is not { } free || free > total)
        {
            return null;
        }

        var reported = info["MemAvailable"];
        var available = Math.Clamp((reported ?? Estimate(info, free)) + (arc?.ReclaimableBytes ?? 0), 0, total);
        return new MemoryMetrics
        {
            TotalBytes = total,
            AvailableBytes = available,
            UsedBytes = total - available,
            UsedPercent = Number.Percent(total - available, total),
            FreeBytes = free,
            BuffersBytes = info["Buffers"],
            CachedBytes = info["Cached"] is { } cached ? Clamp(cached, info["SReclaimable"] ?? 0) : null,
            SharedBytes = info["Shmem"],
            ZfsArcBytes = arc?.SizeBytes,
            ZfsArcMaxBytes = arc?.MaxBytes,
            ZfsArcReclaimableBytes = arc?.ReclaimableBytes,
            AvailableIsEstimated = reported is null ? true : null,
        };
    }

    public static SwapMetrics? Swap(MemInfo info)
    {
        if (info["SwapTotal"] is not { } total || total == 0 || info["SwapFree"] is not { } free || free > total)
        {
            return null;
        }

        return new SwapMetrics { TotalBytes = total, UsedBytes = total - free, UsedPercent = Number.Percent(total - free, total) };
    }

    // Before 3.14 the kernel does not say. Caches can go, except what is shared memory.
    private static long Estimate(MemInfo info, long free)
    {
        var cache = Clamp(Clamp(info["Cached"] ?? 0, info["Buffers"] ?? 0), info["SReclaimable"] ?? 0);
        return Clamp(free, Math.Max(0, cache - (info["Shmem"] ?? 0)));
    }

    private static long Clamp(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
}

/// <summary>What the ZFS cache holds.</summary>
internal sealed record ZfsArc(long SizeBytes, long? MaxBytes, long ReclaimableBytes);

/// <summary>/proc/spl/kstat/zfs/arcstats: lines of name, type and value.</summary>
internal static class ZfsArcParser
{
    public static ZfsArc? Parse(IReadOnlyList<string> lines)
    {
        long? size = null, min = null, max = null;
        foreach (var line in lines)
        {
            if (Number.Fields(line) is not [var name, _, var value])
            {
                continue;
            }

            switch (name)
            {
                case "size":
                    size = Number.Long(value);
                    break;
                case "c_min":
                    min = Number.Long(value);
                    break;
                case "c_max":
                    max = Number.Long(value);
                    break;
            }
        }

        // The ARC gives memory back down to c_min; without that figure nothing is promised.
        return size is { } held ? new ZfsArc(held, max, min is { } floor ? Math.Max(0, held - floor) : 0) : null;
    }
}
