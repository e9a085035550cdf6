using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Devices;

/// <summary>A device in a list.</summary>
public sealed record DeviceSummary
{
    /// <summary>Never changes; use it wherever a device is asked for.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>USER@HOST:PORT, or local for the machine Fleetwright runs on.</summary>
    public required string Address { get; init; }

    public required DeviceStatus Status { get; init; }

    /// <summary>Why it is offline, unreachable or paused.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do about that.</summary>
    public string? NextStep { get; init; }

    /// <summary>Since when the status holds.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When it last answered anything.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>Absent until it was found out.</summary>
    public DeviceType? Type { get; init; }

    public string? Os { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>True when it is not polled on purpose.</summary>
    public bool Paused { get; init; }

    internal static DeviceSummary Of(RegisteredDevice device) => new()
    {
        Id = device.Id,
        Name = device.Name,
        Address = device.Device.Address.ToString(),
        Status = device.State.Status,
        Reason = device.State.Reason,
        NextStep = device.State.Advice,
        Since = device.State.Since,
        LastSeenAt = device.State.LastSeenAt,
        Type = device.Type,
        Os = device.Facts?.OsName,
        Tags = device.Device.Tags,
        Paused = device.Device.Paused,
    };
}

/// <summary>A device and what it was found to be.</summary>
public sealed record DeviceInfo
{
    public required DeviceSummary Device { get; init; }

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>The private key it is reached with, when it has one of its own.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Hardware, system, tools and privileges, with the time they were found.</summary>
    public required Observation<DeviceFacts> Facts { get; init; }
}

/// <summary>What add_device takes.</summary>
public sealed record AddDevice
{
    /// <summary>What to call it.</summary>
    public required string Name { get; init; }

    /// <summary>USER@HOST[:PORT], an ssh alias, or local.</summary>
    public required string Address { get; init; }

    /// <summary>Private key's path where Fleetwright runs.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Labels to group by.</summary>
    public string[]? Tags { get; init; }

    /// <summary>Found out when absent.</summary>
    public DeviceTypeChoice? Type { get; init; }

    /// <summary>Add a clone that shares its machine-id.</summary>
    public bool? AllowSameMachine { get; init; }
}

/// <summary>What update_device takes; what is absent stays.</summary>
public sealed record UpdateDevice
{
    /// <summary>A new name; the id stays.</summary>
    public string? Name { get; init; }

    /// <summary>USER@HOST[:PORT], an ssh alias, or local.</summary>
    public string? Address { get; init; }

    /// <summary>Private key's path; empty for none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Replaces all labels.</summary>
    public string[]? Tags { get; init; }

    /// <summary>auto: as found out.</summary>
    public DeviceTypeChoice? Type { get; init; }

    /// <summary>true stops polling, false resumes.</summary>
    public bool? Paused { get; init; }
}

/// <summary>A type of device set by hand, or auto to go by what is found.</summary>
public enum DeviceTypeChoice
{
    Auto,
    Linux,
    Unraid,
    Ubuntu,
    Debian,
    Proxmox,
    Lxc,
    Alpine,
}

/// <summary>A device that was added, and what came of connecting to it.</summary>
public sealed record AddedDevice
{
    public required DeviceSummary Device { get; init; }

    /// <summary>Whether it answered; when not, it was added all the same.</summary>
    public required bool Reached { get; init; }

    /// <summary>Why it was not reached.</summary>
    public string? Problem { get; init; }

    /// <summary>What to do about that.</summary>
    public string? NextStep { get; init; }

    /// <summary>What works there, what is missing, and the command that would permit it.</summary>
    public IReadOnlyList<DeviceCheck> Checks { get; init; } = [];
}

/// <summary>A device that was removed.</summary>
public sealed record RemovedDevice(string Id, string Name);
