namespace Fleetwright.Platform.Devices.Facts;

/// <summary>
/// What is particular to one type of device, in one class per type: how it is recognised, what it calls itself, what it
/// is known by, and how a package is installed there. A new type is a new class and its line in <see cref="DeviceAdapters"/>.
/// </summary>
public abstract class DeviceAdapter
{
    public abstract DeviceType Type { get; }

    /// <summary>The command that installs a package of that (Debian) name; null when there is no such way.</summary>
    public virtual string? InstallCommand(DeviceFacts facts, string package)
    {
        var sudo = facts.Privileges.IsRoot ? "" : "sudo ";
        return facts.HasTool("apt-get") ? $"{sudo}apt-get install -y {package}"
            : facts.HasTool("dnf") ? $"{sudo}dnf install -y {package}"
            : facts.HasTool("yum") ? $"{sudo}yum install -y {package}"
            : facts.HasTool("apk") ? $"{sudo}apk add {package}"
            : facts.HasTool("zypper") ? $"{sudo}zypper install -y {package}"
            : facts.HasTool("pacman") ? $"{sudo}pacman -S --noconfirm {package}"
            : null;
    }

    /// <summary>Whether the found machine is of this type.</summary>
    internal abstract bool Recognises(FactsText found, string? virtualization);

    internal virtual OsDescription Os(FactsText found) => new(
        found.Assigned("os", "ID"),
        found.Assigned("os", "PRETTY_NAME") ?? found.Assigned("os", "NAME"),
        found.Assigned("os", "VERSION_ID"));

    /// <summary>
    /// What the machine is known by, for good: a machine-id, else something marked with where it is from. Null when there
    /// is nothing that would survive a restart.
    /// </summary>
    internal virtual string? Identity(FactsText found, bool inContainer) =>
        MachineIdentity.MachineId(found) ?? MachineIdentity.Fallback(found, inContainer);

    internal static bool IsOs(FactsText found, string id) => found.Assigned("os", "ID") == id
        || (found.Assigned("os", "ID_LIKE") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(id, StringComparer.Ordinal);
}

internal sealed record OsDescription(string? Id, string? Name, string? Version);

/// <summary>The adapters, the particular before the general.</summary>
public static class DeviceAdapters
{
    private static readonly DeviceAdapter[] All =
    [
        new UnraidAdapter(), new ProxmoxAdapter(), new LxcAdapter(), new UbuntuAdapter(), new DebianAdapter(), new AlpineAdapter(), new LinuxAdapter(),
    ];

    public static DeviceAdapter For(DeviceType type) => All.First(adapter => adapter.Type == type);

    internal static DeviceAdapter Recognise(FactsText found, string? virtualization) =>
        All.First(adapter => adapter.Recognises(found, virtualization));
}

/// <summary>Unraid: Slackware in memory, so nothing that is made at boot is the same after the next one.</summary>
internal sealed class UnraidAdapter : DeviceAdapter
{
    public override DeviceType Type => DeviceType.Unraid;

    // Packages do not survive a reboot there; what matters is part of the system.
    public override string? InstallCommand(DeviceFacts facts, string package) => null;

    internal override bool Recognises(FactsText found, string? virtualization) => found.First("unraid") is not null;

    internal override OsDescription Os(FactsText found)
    {
        var version = found.Assigned("unraid", "version");
        return new OsDescription("unraid", version is null ? "Unraid" : $"Unraid {version}", version);
    }

    internal override string? Identity(FactsText found, bool inContainer) => MachineIdentity.Fallback(found, inContainer);
}

/// <summary>Proxmox VE: Debian below, so os-release says Debian; the version that counts is pve-manager's.</summary>
internal sealed class ProxmoxAdapter : DeviceAdapter
{
    public override DeviceType Type => DeviceType.Proxmox;

    internal override bool Recognises(FactsText found, string? virtualization) => found.First("proxmox") == "yes";

    internal override OsDescription Os(FactsText found)
    {
        var version = found.Lines("proxmox").Skip(1).FirstOrDefault();
        return new OsDescription("proxmox", version is null ? "Proxmox VE" : $"Proxmox VE {version}", version);
    }
}

/// <summary>A system container (Proxmox's CT, Incus, LXD) of whatever distribution; that is in the OS fields.</summary>
internal sealed class LxcAdapter : DeviceAdapter
{
    public override DeviceType Type => DeviceType.Lxc;

    internal override bool Recognises(FactsText found, string? virtualization) => virtualization is "lxc" or "lxc-libvirt";
}

internal sealed class UbuntuAdapter : DeviceAdapter
{
    public override DeviceType Type => DeviceType.Ubuntu;

    internal override bool Recognises(FactsText found, string? virtualization) => IsOs(found, "ubuntu");
}

internal sealed class DebianAdapter : DeviceAdapter
{
    public override DeviceType Type => DeviceType.Debian;

    internal override bool Recognises(FactsText found, string? virtualization) =>
        IsOs(found, "debian") || (found.First("os") is null && found.First("debian") is not null);

    // os-release says 12, debian_version says 12.5.
    internal override OsDescription Os(FactsText found)
    {
        var os = base.Os(found);
        var point = found.First("debian");
        return os.Id is null or "debian" && point is not null && char.IsAsciiDigit(point[0])
            ? os with { Id = "debian", Name = os.Name ?? $"Debian GNU/Linux {point}", Version = point }
            : os;
    }
}

internal sealed class AlpineAdapter : DeviceAdapter
{
    public override DeviceType Type => DeviceType.Alpine;

    internal override bool Recognises(FactsText found, string? virtualization) => IsOs(found, "alpine") || found.First("alpine") is not null;

    internal override OsDescription Os(FactsText found)
    {
        var os = base.Os(found);
        return found.First("alpine") is { } release
            ? os with { Id = "alpine", Name = os.Name ?? $"Alpine Linux {release}", Version = release }
            : os;
    }
}

/// <summary>Any other Linux, known by its os-release.</summary>
internal sealed class LinuxAdapter : DeviceAdapter
{
    public override DeviceType Type => DeviceType.Linux;

    internal override bool Recognises(FactsText found, string? virtualization) => true;
}
