namespace Fleetwright.Features.Systems.Parsing;

/// <summary>What the control group that the device sees as its root is allowed and uses.</summary>
internal sealed record CgroupUsage
{
    /// <summary>The root has limits of its own: only so inside a container (version 2).</summary>
    public bool IsNamespaced { get; init; }

    public long? MemoryLimitBytes { get; init; }

    public long? MemoryUsageBytes { get; init; }

    /// <summary>File cache that was not used lately, and slab that can go: freed first under pressure.</summary>
    public long MemoryReclaimableBytes { get; init; }

    public double? CpuLimitCores { get; init; }

    /// <summary>Processor time since the group was made.</summary>
    public double? CpuUsageSeconds { get; init; }
}

/// <summary>
/// Control groups, version 2 (https://docs.kernel.org/admin-guide/cgroup-v2.html) and version 1; each value of a file
/// that is missing, "max", or beyond what a machine has, is no limit.
/// </summary>
internal static class CgroupParser
{
    private const string Root = "/sys/fs/cgroup/";

    // Version 1 writes "no limit" as the largest page-aligned 63-bit number.
    private const long NoLimit = 1L << 60;

    public static CgroupUsage Parse(ScriptOutput output) => output.Has(Root + "memory.max") ? Version2(output) : Version1(output);

    private static CgroupUsage Version2(ScriptOutput output)
    {
        var cpu = Table(output, Root + "cpu.stat");
        var quota = Number.Fields(output.FirstOf(Root + "cpu.max") ?? "");
        return new CgroupUsage
        {
            IsNamespaced = true,
            MemoryLimitBytes = Limit(output.NumberOf(Root + "memory.max")),
            MemoryUsageBytes = output.NumberOf(Root + "memory.current"),
            MemoryReclaimableBytes = Reclaimable(output, Root + "memory.stat", "inactive_file"),
            CpuLimitCores = quota.Length == 2 ? Cores(Number.Long(quota[0]), Number.Long(quota[1])) : null,
            CpuUsageSeconds = cpu.TryGetValue("usage_usec", out var micro) ? micro / 1e6 : null,
        };
    }

    private static CgroupUsage Version1(ScriptOutput output) => new()
    {
        MemoryLimitBytes = Limit(output.NumberOf(Root + "memory/memory.limit_in_bytes")),
        MemoryUsageBytes = output.NumberOf(Root + "memory/memory.usage_in_bytes"),
        MemoryReclaimableBytes = Reclaimable(output, Root + "memory/memory.stat", "total_inactive_file"),
        CpuLimitCores = Cores(output.NumberOf(Root + "cpu/cpu.cfs_quota_us"), output.NumberOf(Root + "cpu/cpu.cfs_period_us")),
        CpuUsageSeconds = output.NumberOf(Root + "cpuacct/cpuacct.usage") is { } nano ? nano / 1e9 : null,
    };

    private static long Reclaimable(ScriptOutput output, string path, string cache)
    {
        var table = Table(output, path);
        var bytes = table.GetValueOrDefault(cache);
        var slab = table.GetValueOrDefault("slab_reclaimable");
        return bytes > long.MaxValue - slab ? long.MaxValue : bytes + slab;
    }

    private static Dictionary<string, long> Table(ScriptOutput output, string path)
    {
        var table = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in output.Of(path))
        {
            if (Number.Fields(line) is [var name, var text] && Number.Long(text) is { } value)
            {
                table[name] = value;
            }
        }

        return table;
    }

    private static long? Limit(long? bytes) => bytes is > 0 and < NoLimit ? bytes : null;

    private static double? Cores(long? quota, long? period) =>
        quota is > 0 && period is > 0 ? Math.Round((double)quota.Value / period.Value, 2) : null;
}
