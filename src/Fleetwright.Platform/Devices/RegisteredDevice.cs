using Fleetwright.Platform.Connections;

namespace Fleetwright.Platform.Devices;

/// <summary>A device as the registry knows it at one moment; never changes, ask again for what is newer.</summary>
/// <param name="Device">As it was entered.</param>
/// <param name="State">Whether it answers.</param>
/// <param name="Facts">What it was found to be; null until it answered once.</param>
public sealed record RegisteredDevice(Device Device, DeviceState State, DeviceFacts? Facts)
{
    public string Id => Device.Id;

    public string Name => Device.Name;

    /// <summary>The declared type, else the one that was found; null when neither is known.</summary>
    public DeviceType? Type => Device.DeclaredType ?? Facts?.Type;

    /// <summary>Known to be away, so there is no use in asking: offline, unreachable or paused.</summary>
    public bool IsAway => Device.Paused || State.Status is DeviceStatus.Offline or DeviceStatus.Unreachable;
}

/// <summary>A device to be added.</summary>
public sealed record NewDevice
{
    public required string Name { get; init; }

    public required DeviceAddress Address { get; init; }

    /// <summary>Null leaves the type to what is found.</summary>
    public DeviceType? Type { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public bool Paused { get; init; }

    /// <summary>What the machine said it is, when it was asked already.</summary>
    public string? MachineId { get; init; }

    /// <summary>
    /// Adds it even when its machine-id is that of another device (cloned machines, containers that share one), or when
    /// another device has the same address with another user.
    /// </summary>
    public bool AllowSameMachine { get; init; }
}

/// <summary>What to change of a device; null leaves a thing as it is.</summary>
public sealed record DeviceChange
{
    public string? Name { get; init; }

    public DeviceAddress? Address { get; init; }

    public DeviceType? Type { get; init; }

    /// <summary>Forgets the declared type, so that what is found counts again.</summary>
    public bool DetectType { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public bool? Paused { get; init; }
}

/// <summary>The data of a device.status event.</summary>
/// <param name="Name">The device's name.</param>
/// <param name="Was">The status before.</param>
/// <param name="State">The status now, with its reason.</param>
public sealed record DeviceStatusChange(string Name, DeviceStatus Was, DeviceState State);

/// <summary>Makes the way to a device; opening it is left to first use.</summary>
public delegate IConnection DeviceConnector(string deviceId, DeviceAddress address);
