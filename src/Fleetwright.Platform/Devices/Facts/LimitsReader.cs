namespace Fleetwright.Platform.Devices.Facts;

/// <summary>What a device may use of its processors and memory: what is there, within the limits of its control group.</summary>
internal static class LimitsReader
{
    public static int? CpuCount(FactsText found)
    {
        var limits = new[]
        {
            Whole(found.First("nproc")) ?? Whole(found.First("cpus")),
            CpuSet(found.First("cpuset")),
            Quota(found.First("cpuquota")),
        };
        return limits.Where(limit => limit is > 0).Min();
    }

    public static long? MemoryBytes(FactsText found)
    {
        // MemTotal:       24684092 kB
        var total = found.First("memory")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kilobytes, "kB"]
            ? FactsText.Number(kilobytes) * 1024
            : null;
        // cgroup v2 says max, v1 a number near 2^63 for no limit; both are above any total.
        var limit = FactsText.Number(found.First("memorylimit"));
        var bytes = total is null ? null : limit is > 0 && limit < total ? limit : total;
        return bytes is > 0 and < 9e18 ? (long)bytes.Value : null;
    }

    private static int? Whole(string? text) => FactsText.Number(text) is > 0 and < 100_000 and var number ? (int)number : null;

    // 0-3,8,10-11
    private static int? CpuSet(string? text)
    {
        var count = 0L;
        foreach (var range in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = range.Split('-');
            if (ends.Length > 2 || FactsText.Number(ends[0]) is not { } first || FactsText.Number(ends[^1]) is not { } last
                || first < 0 || last < first || last > 100_000)
            {
                return null;
            }

            count += (long)(last - first) + 1;
        }

        return count is > 0 and < 100_000 ? (int)count : null;
    }

    // "150000 100000" is one and a half processors, which two can use; "max …" and "-1 …" are no limit.
    private static int? Quota(string? text) => text?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var quota, var period]
        && FactsText.Number(quota) is { } used and > 0 && FactsText.Number(period) is { } of and > 0 && used / of < 100_000
            ? (int)Math.Ceiling(used / of)
            : null;
}
