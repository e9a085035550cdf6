namespace Fleetwright.Platform.Devices;

/// <summary>What a device was found to be and to have. Null is unknown.</summary>
public sealed record DeviceFacts
{
    public required DeviceType Type { get; init; }

    public string? Hostname { get; init; }

    /// <summary>/etc/os-release ID (debian), or the product's own name (unraid).</summary>
    public string? OsId { get; init; }

    /// <summary>As the system names itself: "Debian GNU/Linux 12 (bookworm)".</summary>
    public string? OsName { get; init; }

    public string? OsVersion { get; init; }

    public string? KernelVersion { get; init; }

    /// <summary>uname -m: x86_64, aarch64, …</summary>
    public string? Architecture { get; init; }

    public string? CpuModel { get; init; }

    /// <summary>Logical processors the device can use, inside its container limits.</summary>
    public int? CpuCount { get; init; }

    public long? MemoryBytes { get; init; }

    /// <summary>none, kvm, lxc, docker, vmware, … as systemd-detect-virt names them.</summary>
    public string? Virtualization { get; init; }

    public DateTimeOffset? BootTime { get; init; }

    /// <summary>The device's clock minus ours, in seconds; the round trip limits how true it is.</summary>
    public double? TimeSkewSeconds { get; init; }

    /// <summary>
    /// /etc/machine-id; where a machine has none that lasts, what stands in for it with its origin in front
    /// (hostkey:, dmi:, mac:).
    /// </summary>
    public string? MachineId { get; init; }

    public required DevicePrivileges Privileges { get; init; }

    /// <summary>The tools that were found, by name (docker, zpool, smartctl, journalctl, …).</summary>
    public IReadOnlyDictionary<string, DeviceTool> Tools { get; init; } = new Dictionary<string, DeviceTool>(StringComparer.Ordinal);

    /// <summary>The Docker-compatible socket to use (/var/run/docker.sock, Podman's), or null where there is none.</summary>
    public string? DockerSocketPath { get; init; }

    /// <summary>Whether the user may open that socket without sudo.</summary>
    public bool DockerSocketWritable { get; init; }

    public bool HasTool(string name) => Tools.ContainsKey(name);
}

/// <summary>What the user that Fleetwright signs in as may do there.</summary>
public sealed record DevicePrivileges
{
    public required string User { get; init; }

    public bool IsRoot { get; init; }

    /// <summary>sudo -n works for this user.</summary>
    public bool PasswordlessSudo { get; init; }

    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Commands (with their paths, as sudoers gives them) that sudo -n runs as root where it does not run everything.</summary>
    public IReadOnlyList<string> SudoCommands { get; init; } = [];

    /// <summary>Whether sudo -n runs this program as root, with any arguments.</summary>
    public bool MaySudo(string path) => PasswordlessSudo || SudoCommands.Contains(path, StringComparer.Ordinal);

    [System.Text.Json.Serialization.JsonIgnore]
    public bool CanBeRoot => IsRoot || PasswordlessSudo;
}

/// <summary>A tool on a device.</summary>
public sealed record DeviceTool
{
    /// <summary>What to run it by: its path, or the bare name where it is part of the device's own shell (busybox).</summary>
    public required string Path { get; init; }

    /// <summary>As the tool prints it; null when it does not say or was not asked.</summary>
    public string? Version { get; init; }
}
