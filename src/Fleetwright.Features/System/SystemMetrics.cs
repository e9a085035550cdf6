namespace Fleetwright.Features.Systems;

/// <summary>
/// How a machine is doing at one moment. Null is unknown, never zero; rates cover the last <see cref="IntervalSeconds"/>.
/// </summary>
public sealed record SystemMetrics
{
    public required SystemScope Scope { get; init; }

    public double? UptimeSeconds { get; init; }

    public DateTimeOffset? BootTime { get; init; }

    /// <summary>The time that every rate and every CPU share here covers; null while there is only one sample.</summary>
    public double? IntervalSeconds { get; init; }

    public required CpuMetrics Cpu { get; init; }

    public MemoryMetrics? Memory { get; init; }

    /// <summary>Null where the device has no swap.</summary>
    public SwapMetrics? Swap { get; init; }

    public LoadMetrics? Load { get; init; }

    /// <summary>Null where the kernel does not tell pressure stall information.</summary>
    public PressureMetrics? Pressure { get; init; }

    public IReadOnlyList<FileSystemMetrics> FileSystems { get; init; } = [];

    public IReadOnlyList<DiskMetrics> Disks { get; init; } = [];

    public IReadOnlyList<NetworkInterfaceMetrics> NetworkInterfaces { get; init; } = [];

    public IReadOnlyList<TemperatureMetrics> Temperatures { get; init; } = [];

    public ProcessCounts? Processes { get; init; }

    /// <summary>What is missing here and why, in sentences.</summary>
    public IReadOnlyList<string>? Notes { get; init; }
}

/// <summary>Whether the numbers are a whole machine's or a container's.</summary>
public enum SystemScopeKind
{
    Host,
    Container,
}

/// <summary>Whose numbers these are.</summary>
public sealed record SystemScope
{
    public required SystemScopeKind Kind { get; init; }

    /// <summary>How the numbers of a container were come by, in one sentence.</summary>
    public string? Explanation { get; init; }
}

/// <summary>Processor use as percent of all processors together (of the limit, inside a container that has one).</summary>
public sealed record CpuMetrics
{
    public int? LogicalCount { get; init; }

    /// <summary>How many processors' worth of time the container may use; null without a limit.</summary>
    public double? LimitCores { get; init; }

    /// <summary>All that is neither idle nor waiting for disks: 0 to 100.</summary>
    public double? UsedPercent { get; init; }

    /// <summary>Without the time that virtual machines ran in.</summary>
    public double? UserPercent { get; init; }

    public double? NicePercent { get; init; }

    public double? SystemPercent { get; init; }

    public double? InterruptPercent { get; init; }

    /// <summary>Idle while a disk or a network file system was waited for.</summary>
    public double? IowaitPercent { get; init; }

    /// <summary>Wanted to run while the hypervisor ran someone else.</summary>
    public double? StealPercent { get; init; }

    /// <summary>Ran virtual machines.</summary>
    public double? GuestPercent { get; init; }

    public double? IdlePercent { get; init; }

    public IReadOnlyList<CpuCoreMetrics>? Cores { get; init; }

    /// <summary>Why there are no shares, when there are none.</summary>
    public string? Reason { get; init; }
}

/// <summary>One logical processor.</summary>
public sealed record CpuCoreMetrics(int Core, double UsedPercent, double IowaitPercent, double StealPercent);

/// <summary>Memory. Used is what is not available: caches that can be given back, ZFS ARC among them, do not count.</summary>
public sealed record MemoryMetrics
{
    public required long TotalBytes { get; init; }

    /// <summary>What programs can still get without swapping.</summary>
    public required long AvailableBytes { get; init; }

    public required long UsedBytes { get; init; }

    public required double UsedPercent { get; init; }

    public long? FreeBytes { get; init; }

    public long? BuffersBytes { get; init; }

    /// <summary>Page cache and reclaimable slab.</summary>
    public long? CachedBytes { get; init; }

    /// <summary>Shared memory and tmpfs; part of the page cache that cannot be given back.</summary>
    public long? SharedBytes { get; init; }

    /// <summary>What the ZFS ARC holds now.</summary>
    public long? ZfsArcBytes { get; init; }

    /// <summary>What it may grow to.</summary>
    public long? ZfsArcMaxBytes { get; init; }

    /// <summary>What it would give back under pressure; counted into <see cref="AvailableBytes"/>.</summary>
    public long? ZfsArcReclaimableBytes { get; init; }

    /// <summary>True where the kernel (before 3.14) does not tell what is available, and it was computed.</summary>
    public bool? AvailableIsEstimated { get; init; }
}

/// <summary>Swap space.</summary>
public sealed record SwapMetrics
{
    public required long TotalBytes { get; init; }

    public required long UsedBytes { get; init; }

    public required double UsedPercent { get; init; }

    public double? InPagesPerSecond { get; init; }

    public double? OutPagesPerSecond { get; init; }
}

/// <summary>Load averages: processes that run, wait to run, or wait for disks.</summary>
public sealed record LoadMetrics(double OneMinute, double FiveMinutes, double FifteenMinutes);

/// <summary>Pressure stall information: the share of time in which work waited for a resource.</summary>
public sealed record PressureMetrics
{
    public PressureResource? Cpu { get; init; }

    public PressureResource? Memory { get; init; }

    public PressureResource? Io { get; init; }
}

/// <summary>One resource. Some: at least one task waited; full: all of them did.</summary>
public sealed record PressureResource
{
    public double? SomePercent10s { get; init; }

    public double? SomePercent60s { get; init; }

    public double? SomePercent300s { get; init; }

    public double? FullPercent10s { get; init; }

    public double? FullPercent60s { get; init; }

    public double? FullPercent300s { get; init; }
}

/// <summary>One mounted file system; bind mounts of the same one are left out.</summary>
public sealed record FileSystemMetrics
{
    public required string MountPoint { get; init; }

    public required string Device { get; init; }

    public required string Type { get; init; }

    public long? SizeBytes { get; init; }

    public long? UsedBytes { get; init; }

    /// <summary>Free to ordinary users: without the blocks reserved for root.</summary>
    public long? AvailableBytes { get; init; }

    /// <summary>Of what ordinary users can have, as df says it.</summary>
    public double? UsedPercent { get; init; }

    /// <summary>Null where the file system makes inodes as needed.</summary>
    public long? Inodes { get; init; }

    public long? InodesUsed { get; init; }

    public double? InodesUsedPercent { get; init; }

    public required bool ReadOnly { get; init; }

    public string? Options { get; init; }

    /// <summary>Why there are no numbers, when there are none.</summary>
    public string? Reason { get; init; }
}

/// <summary>One whole disk; partitions, loop devices and stacked devices are left out.</summary>
public sealed record DiskMetrics
{
    public required string Name { get; init; }

    public double? ReadBytesPerSecond { get; init; }

    public double? WriteBytesPerSecond { get; init; }

    public double? ReadsPerSecond { get; init; }

    public double? WritesPerSecond { get; init; }

    /// <summary>The share of time in which at least one request was under way: 0 to 100.</summary>
    public double? BusyPercent { get; init; }

    /// <summary>How long a request took on average, waiting included; null when there was none.</summary>
    public double? AwaitMilliseconds { get; init; }
}

/// <summary>One network interface; loopback and the far ends of containers are left out.</summary>
public sealed record NetworkInterfaceMetrics
{
    public required string Name { get; init; }

    /// <summary>As the kernel says it: up, down, unknown, dormant, lowerlayerdown.</summary>
    public string? State { get; init; }

    public double? ReceiveBytesPerSecond { get; init; }

    public double? TransmitBytesPerSecond { get; init; }

    public double? ReceivePacketsPerSecond { get; init; }

    public double? TransmitPacketsPerSecond { get; init; }

    public double? ErrorsPerSecond { get; init; }

    public double? DropsPerSecond { get; init; }

    /// <summary>Since the interface came up, both directions.</summary>
    public required long Errors { get; init; }

    /// <summary>Since the interface came up, both directions.</summary>
    public required long Drops { get; init; }
}

/// <summary>One temperature sensor. Those of disks are left out: reading them keeps a disk awake.</summary>
public sealed record TemperatureMetrics
{
    /// <summary>The chip or thermal zone: coretemp, k10temp, nvme, acpitz.</summary>
    public required string Chip { get; init; }

    /// <summary>What the chip calls it: Package id 0, Tctl; or temp1.</summary>
    public required string Label { get; init; }

    public required double TemperatureCelsius { get; init; }

    /// <summary>Where the hardware protects itself; null when the chip does not say.</summary>
    public double? CriticalCelsius { get; init; }
}

/// <summary>How many processes there are.</summary>
public sealed record ProcessCounts
{
    public int? Total { get; init; }

    public int? Threads { get; init; }

    public int? Running { get; init; }

    /// <summary>Wait for a disk or a network file system without being interruptible.</summary>
    public int? Blocked { get; init; }

    /// <summary>Times the kernel ended a process for lack of memory, since the boot.</summary>
    public long? OutOfMemoryKills { get; init; }
}
