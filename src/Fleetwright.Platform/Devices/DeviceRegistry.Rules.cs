using Fleetwright.Platform.Operations;

namespace Fleetwright.Platform.Devices;

/// <summary>What may be added and changed: valid, and never the same twice.</summary>
public sealed partial class DeviceRegistry
{
    // They stand in the place of an id in routes.
    private static readonly string[] ReservedIds = ["import", "export"];

    /// <summary>What the device would be, without adding it.</summary>
    /// <exception cref="OperationException">Something about it is not valid, or it is there already.</exception>
    internal Device Check(NewDevice device)
    {
        var name = DeviceValidation.Name(device.Name);
        var checkedDevice = new Device
        {
            Id = DeviceNames.Slug(name),
            Name = name,
            Address = DeviceValidation.Address(device.Address),
            DeclaredType = device.Type,
            Tags = DeviceValidation.Tags(device.Tags),
            AddedAt = _time.GetUtcNow(),
            Paused = device.Paused,
            MachineId = device.MachineId,
        };
        if (ReservedIds.Contains(checkedDevice.Id))
        {
            throw OperationException.Invalid("name", $"'{name}' is a word of the interface itself.", "Choose another name.");
        }

        lock (_gate)
        {
            RefuseSameName(checkedDevice, itself: null);
            RefuseSameAddress(checkedDevice, device.AllowSameMachine);
            if (!device.AllowSameMachine && SameMachine(device.MachineId, checkedDevice.Id) is { } other)
            {
                throw new OperationException(OperationError.Conflict, $"This is the same machine as '{other.Name}' (they share the machine-id).",
                    SameMachineAdvice(other.Name) + " To keep both as they are, add it with allowSameMachine=true.");
            }
        }

        return checkedDevice;
    }

    private Device Apply(DeviceChange change, Device current)
    {
        var device = current with
        {
            Name = change.Name is null ? current.Name : DeviceValidation.Name(change.Name),
            Address = change.Address is null ? current.Address : DeviceValidation.Address(change.Address),
            DeclaredType = change.Type ?? (change.DetectType ? null : current.DeclaredType),
            Tags = change.Tags is null ? current.Tags : DeviceValidation.Tags(change.Tags),
            Paused = change.Paused ?? current.Paused,
        };
        lock (_gate)
        {
            RefuseSameName(device, current.Id);
            if (device.Address != current.Address)
            {
                RefuseSameAddress(device, allowOtherUser: false);
            }
        }

        return device;
    }

    private void RefuseSameName(Device device, string? itself)
    {
        // An id never changes, so a new device may neither take another's id nor its name: either would make a name mean two things.
        foreach (var other in _entries.Values.Select(entry => entry.Device).Where(other => other.Id != itself))
        {
            if (Same(other.Name, device.Name) || Same(other.Id, device.Name) || (itself is null && (other.Id == device.Id || Same(other.Name, device.Id))))
            {
                throw new OperationException(OperationError.Conflict, $"There is a device '{other.Name}' (id {other.Id}) already.",
                    "Choose another name, or change that device with update_device.");
            }
        }

        static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
    }

    private void RefuseSameAddress(Device device, bool allowOtherUser)
    {
        var other = _entries.Values.Select(entry => entry.Device).FirstOrDefault(other => other.Id != device.Id
            && string.Equals(other.Address.Host, device.Address.Host, StringComparison.OrdinalIgnoreCase)
            && (other.Address.Port ?? 22) == (device.Address.Port ?? 22)
            && !(allowOtherUser && other.Address.User != device.Address.User));
        if (other is not null)
        {
            throw new OperationException(OperationError.Conflict, $"'{other.Name}' has this address already ({other.Address}).",
                $"Use '{other.Name}', or remove it first with remove_device.");
        }
    }

    private DeviceEntry? SameMachineEntry(string? machineId, string itself) => machineId is null
        ? null
        : _entries.Values.FirstOrDefault(entry => entry.Device.Id != itself && entry.Device.MachineId == machineId);

    private Device? SameMachine(string? machineId, string itself) => SameMachineEntry(machineId, itself)?.Device;

    private static string SameMachineAdvice(string other) =>
        $"Use '{other}'. If it is a clone, give it an identity of its own there: sudo rm /etc/machine-id && sudo systemd-machine-id-setup.";
}
