namespace Fleetwright.Features.Systems.Processes;

/// <summary>The processes that use the most, and how many there are in all.</summary>
public sealed record ProcessList
{
    /// <summary>How many processes the user may see.</summary>
    public required int Total { get; init; }

    /// <summary>The time that the CPU shares cover.</summary>
    public required double IntervalSeconds { get; init; }

    public required IReadOnlyList<ProcessMetrics> Processes { get; init; }

    /// <summary>What is missing here and why.</summary>
    public IReadOnlyList<string>? Notes { get; init; }
}

/// <summary>One process.</summary>
public sealed record ProcessMetrics
{
    public required int Pid { get; init; }

    public required int ParentPid { get; init; }

    /// <summary>As the kernel has it, 15 characters at most.</summary>
    public required string Name { get; init; }

    /// <summary>Null for a kernel thread. Secrets are redacted.</summary>
    public string? CommandLine { get; init; }

    public string? User { get; init; }

    /// <summary>running, sleeping, disk sleep, zombie, stopped, idle, …</summary>
    public required string State { get; init; }

    /// <summary>100 is one processor fully used; a process of many threads can use more.</summary>
    public double? CpuPercent { get; init; }

    /// <summary>Resident memory, shared pages included.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Of the device's memory.</summary>
    public double? MemoryPercent { get; init; }

    public required int Threads { get; init; }

    public double? RunningSeconds { get; init; }
}

/// <summary>What a list of processes is ordered by, the largest first.</summary>
public enum ProcessOrder
{
    Cpu,
    Memory,
}
