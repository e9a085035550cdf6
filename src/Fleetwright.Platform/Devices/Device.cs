using Fleetwright.Platform.Connections;

namespace Fleetwright.Platform.Devices;

/// <summary>What a device was found to be; decides which adapter fills in its differences.</summary>
public enum DeviceType
{
    /// <summary>Any Linux that is none of the others.</summary>
    Linux,
    Unraid,
    Ubuntu,
    Debian,
    Proxmox,
    Lxc,
    Alpine,
}

/// <summary>Whether a device answers.</summary>
public enum DeviceStatus
{
    /// <summary>Not asked yet.</summary>
    Unknown,
    Online,

    /// <summary>It does not answer; it is asked again by itself.</summary>
    Offline,

    /// <summary>It is there and does not let us in (key rejected, host key changed, …); a person must act.</summary>
    Unreachable,
}

/// <summary>A machine that Fleetwright manages, as it was entered.</summary>
public sealed record Device
{
    /// <summary>A slug made of the name: lower case letters, digits and dashes, at most 63. Never changes.</summary>
    public required string Id { get; init; }

    /// <summary>As people call it.</summary>
    public required string Name { get; init; }

    public required DeviceAddress Address { get; init; }

    /// <summary>The type an operator set by hand; null leaves it to the facts.</summary>
    public DeviceType? DeclaredType { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>A paused device is not polled and not connected to.</summary>
    public bool Paused { get; init; }

    /// <summary>/etc/machine-id, once seen; the same machine is not added twice.</summary>
    public string? MachineId { get; init; }
}

/// <summary>Whether a device answers, since when and why not.</summary>
public sealed record DeviceState
{
    public static readonly DeviceState Unasked = new() { Status = DeviceStatus.Unknown };

    public required DeviceStatus Status { get; init; }

    /// <summary>Why it is offline or unreachable.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Advice { get; init; }

    /// <summary>Since when the status holds.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The last time the device answered anything.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }
}
