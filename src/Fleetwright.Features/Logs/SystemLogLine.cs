namespace Fleetwright.Features.Logs;

/// <summary>How serious a line says it is (RFC 5424).</summary>
public enum LogPriority
{
    Emergency,
    Alert,
    Critical,
    Error,
    Warning,
    Notice,
    Info,
    Debug,
}

/// <summary>One line of a system log, fit to be shown: no terminal codes, no control characters. What a line does not tell is absent.</summary>
public sealed record SystemLogLine
{
    /// <summary>When it was written.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The time as the file has it, when it lacks year and zone: "Nov 21 02:02:17", by the device's clock.</summary>
    public string? Stamp { get; init; }

    public LogPriority? Priority { get; init; }

    /// <summary>What wrote it, as it names itself: sshd, kernel, …</summary>
    public string? Identifier { get; init; }

    /// <summary>The systemd unit it belongs to: ssh.service.</summary>
    public string? Unit { get; init; }

    public int? Pid { get; init; }

    public required string Text { get; init; }
}
