using Fleetwright.Platform.Devices;

namespace Fleetwright.Platform.Events.Live;

/// <summary>A device as channels tell of it.</summary>
public sealed record LiveDevice
{
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

    public bool Paused { get; init; }

    public static LiveDevice Of(RegisteredDevice device) => new()
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

    /// <summary>The data of an event on the bus, as clients get it: what the registry says of devices in these words, all else as it is.</summary>
    public static object? Shown(FleetEvent told) => told.Data switch
    {
        RegisteredDevice device => Of(device),
        // Removed: what is left to say is its name.
        Device device => new DeviceName(device.Id, device.Name),
        DeviceStatusChange change => new LiveDeviceStatus
        {
            Name = change.Name,
            Was = change.Was,
            Status = change.State.Status,
            Reason = change.State.Reason,
            NextStep = change.State.Advice,
            Since = change.State.Since,
            LastSeenAt = change.State.LastSeenAt,
        },
        var data => data,
    };
}

/// <summary>A device that was removed.</summary>
public sealed record DeviceName(string Id, string Name);

/// <summary>A device's status before and now.</summary>
public sealed record LiveDeviceStatus
{
    public required string Name { get; init; }

    public required DeviceStatus Was { get; init; }

    public required DeviceStatus Status { get; init; }

    public string? Reason { get; init; }

    public string? NextStep { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? LastSeenAt { get; init; }
}

/// <summary>The devices at one moment.</summary>
public sealed record LiveDeviceList(IReadOnlyList<LiveDevice> Devices);
