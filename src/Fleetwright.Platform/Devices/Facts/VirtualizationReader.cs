namespace Fleetwright.Platform.Devices.Facts;

/// <summary>Under what the system runs, in the words of systemd-detect-virt(1); works without it and without being root.</summary>
internal static class VirtualizationReader
{
    private static readonly string[] Containers =
        ["lxc", "lxc-libvirt", "docker", "podman", "systemd-nspawn", "openvz", "rkt", "wsl", "proot", "pouch", "container-other"];

    // Where a container's manager says so, the surest first.
    private static readonly string[] ContainerSigns = ["environ", "systemd", "manager", "file"];

    // DMI vendor or product (part of it) → name.
    private static readonly (string Part, string Name)[] Boards =
    [
        ("QEMU", "kvm"), ("KVM", "kvm"), ("VMware", "vmware"), ("VirtualBox", "oracle"), ("innotek", "oracle"), ("Xen", "xen"),
        ("Amazon EC2", "amazon"), ("Google Compute Engine", "google"), ("Parallels", "parallels"), ("Bochs", "bochs"), ("Hyper-V", "microsoft"),
        ("Virtual Machine", "microsoft"), ("BHYVE", "bhyve"), ("OpenStack", "kvm"), ("DigitalOcean", "kvm"), ("Hetzner", "kvm"),
        ("Apple Virtualization", "apple"), ("Firecracker", "amazon"),
    ];

    /// <summary>none for bare metal; null when nothing tells.</summary>
    public static string? Read(FactsText found)
    {
        var container = ContainerSigns.Select(word => found.Word("virt", word))
            .FirstOrDefault(name => name is not null && IsContainer(name));
        var detected = found.Word("virt", "detected");
        if (container is not null || (detected is not null && IsContainer(detected)))
        {
            return container ?? detected;
        }

        if (detected is not null && detected.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            return detected;
        }

        if (found.Lines("uname").Skip(1).FirstOrDefault()?.Contains("microsoft", StringComparison.OrdinalIgnoreCase) == true)
        {
            return "wsl";
        }

        var board = $"{found.Word("virt", "vendor")} {found.Word("virt", "product")}";
        var known = Boards.FirstOrDefault(candidate => board.Contains(candidate.Part, StringComparison.OrdinalIgnoreCase)).Name;
        return known
            ?? (found.Word("virt", "hypervisor") is not null ? "vm-other" : board.Trim().Length > 0 ? "none" : null);
    }

    public static bool IsContainer(string? virtualization) => virtualization is not null && Containers.Contains(virtualization, StringComparer.Ordinal);
}
