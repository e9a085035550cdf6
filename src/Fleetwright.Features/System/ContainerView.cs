using Fleetwright.Features.Systems.Parsing;

namespace Fleetwright.Features.Systems;

/// <summary>
/// Whether the device is a container, and what then is its own. LXC mounts lxcfs over parts of /proc, which then tell the
/// container's numbers; elsewhere /proc tells the whole machine's, and the container's own are in its control group.
/// </summary>
internal sealed class ContainerView
{
    private static readonly HashSet<string> Kinds = new(
        ["lxc", "lxc-libvirt", "docker", "podman", "openvz", "systemd-nspawn", "rkt", "container-other"], StringComparer.OrdinalIgnoreCase);

    private readonly CgroupUsage _cgroup;
    private readonly HashSet<string> _lxcfs;
    private readonly long? _machineMemory;

    private ContainerView(bool isContainer, string kind, CgroupUsage cgroup, HashSet<string> lxcfs, long? machineMemory)
    {
        IsContainer = isContainer;
        _cgroup = cgroup;
        _lxcfs = lxcfs;
        _machineMemory = machineMemory;
        Scope = isContainer
            ? new SystemScope { Kind = SystemScopeKind.Container, Explanation = Explain(kind) }
            : new SystemScope { Kind = SystemScopeKind.Host };
    }

    public bool IsContainer { get; }

    public SystemScope Scope { get; }

    public bool SeesHostsDisks => IsContainer && !_lxcfs.Contains("/proc/diskstats");

    private bool HasOwnMemory => _lxcfs.Contains("/proc/meminfo");

    private bool HasOwnCpu => _lxcfs.Contains("/proc/stat");

    private bool MemoryIsLimited => _cgroup.MemoryLimitBytes is { } limit && (_machineMemory is not { } machine || limit < machine);

    public static ContainerView Read(ScriptOutput output, string? virtualization)
    {
        var lxcfs = output.Of("!lxcfs").ToHashSet(StringComparer.Ordinal);
        var cgroup = CgroupParser.Parse(output);
        var machine = MemInfoParser.Parse(output.Of("/proc/meminfo"))["MemTotal"];
        var declared = output.FirstOf("/run/systemd/container")?.Trim();

        // A virtual machine made of a container's image keeps its marker file (and systemd-detect-virt believes it), so Docker
        // and Podman must show something of their own: a layered root, /etc/hosts mounted over, or a control group of its own.
        var marks = output.Of("!container");
        var layered = output.Of("!mount").Any(static line => Number.Fields(line) is [_, "/", "overlay" or "aufs" or "fuse-overlayfs" or "fuse.fuse-overlayfs", ..]);
        var shown = layered || cgroup.IsNamespaced || marks.Contains("hosts");
        var claimed = virtualization is not null && Kinds.Contains(virtualization) ? virtualization.ToLowerInvariant()
            : declared is { Length: > 0 and < 32 } && Kinds.Contains(declared) ? declared.ToLowerInvariant()
            : marks.FirstOrDefault(static mark => mark != "hosts");
        var kind = claimed is "docker" or "podman" && !shown ? null
            : lxcfs.Contains("/proc/meminfo") ? claimed ?? "lxc"
            : claimed ?? (cgroup.IsNamespaced ? "unknown kind" : null);
        return new ContainerView(kind is not null, kind ?? "", cgroup, lxcfs, machine);
    }

    public MemoryMetrics? Memory(MemInfo info, ZfsArc? arc)
    {
        // Inside a container the ARC that shows is the host's, and none of the container's memory.
        var seen = MemInfoParser.Memory(info, IsContainer ? null : arc);
        if (!IsContainer || HasOwnMemory || !MemoryIsLimited || _cgroup is not { MemoryLimitBytes: { } limit, MemoryUsageBytes: { } usage })
        {
            return seen;
        }

        var needed = Math.Clamp(usage - Math.Min(_cgroup.MemoryReclaimableBytes, usage), 0, limit);
        return new MemoryMetrics
        {
            TotalBytes = limit,
            AvailableBytes = limit - needed,
            UsedBytes = needed,
            UsedPercent = Number.Percent(needed, limit),
            FreeBytes = Math.Max(0, limit - usage),
            CachedBytes = Math.Min(_cgroup.MemoryReclaimableBytes, usage),
        };
    }

    /// <summary>The container's own processor use, or null where /proc/stat tells it.</summary>
    public CpuMetrics? Cpu(SystemSample? now, SystemSample? before, double? seconds)
    {
        if (!IsContainer || HasOwnCpu || now?.ContainerCpuSeconds is not { } used)
        {
            return null;
        }

        var count = now.Stat.Cores.Count > 0 ? now.Stat.Cores.Count : (int?)null;
        var metrics = new CpuMetrics { LogicalCount = count, LimitCores = _cgroup.CpuLimitCores };
        if (before?.ContainerCpuSeconds is not { } earlier || seconds is not { } s || s <= 0 || used < earlier)
        {
            return metrics with { Reason = "This is the first sample since the device was connected; ask again in a second." };
        }

        return (_cgroup.CpuLimitCores ?? count) is { } cores && cores > 0
            ? metrics with { UsedPercent = Number.Percent(used - earlier, cores * s) }
            : metrics with { Reason = "It is not known how many processors the container may use." };
    }

    private string Explain(string kind)
    {
        var memory = HasOwnMemory ? "memory is the container's own, told by lxcfs"
            : MemoryIsLimited ? "memory is the container's own, from the limit and usage of its control group"
            : "memory has no limit of its own, so it is the whole host's";
        var cpu = HasOwnCpu ? "processor use is the container's own, told by lxcfs"
            : _cgroup.CpuLimitCores is not null ? "processor use is the container's own, in percent of its limit"
            : "processor use is the container's own, in percent of all the processors it may run on";
        return $"A container ({kind}): {memory}; {cpu}; uptime, load and pressure may be the host's; temperatures are the host's and are left out"
            + (SeesHostsDisks ? ", and so are disk rates." : ".");
    }
}
