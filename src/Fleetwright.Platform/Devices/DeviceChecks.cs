using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices.Facts;

namespace Fleetwright.Platform.Devices;

/// <summary>What can be done on a device with these facts, and the exact command that would permit the rest. Pure.</summary>
internal static class DeviceChecks
{
    /// <summary>Beyond it certificates, logs and comparisons of times begin to suffer.</summary>
    private const double SkewToMention = 5;

    public static IReadOnlyList<DeviceCheck> Of(DeviceFacts facts) =>
    [
        Containers(facts),
        Drives(facts),
        Logs(facts),
        .. VirtualMachines(facts),
        Root(facts),
        Clock(facts),
    ];

    private static DeviceCheck Containers(DeviceFacts facts)
    {
        const string name = "containers";
        var user = facts.Privileges;
        if (facts.DockerSocketPath is { } socket)
        {
            return facts.DockerSocketWritable ? new(name, CheckOutcome.Ok, $"{socket} is open to {user.User}.")
                : user.CanBeRoot ? new(name, CheckOutcome.Ok, $"{socket} is reached with sudo.")
                : new(name, CheckOutcome.NotPermitted, $"{user.User} may not open {socket}.", JoinGroup(user, "docker"));
        }

        return facts.HasTool("docker") && facts.HasTool("dockerd")
            ? new(name, CheckOutcome.Missing, "Docker is installed, and its socket is not there: the engine does not run.",
                facts.HasTool("systemctl") ? Sudo(user) + "systemctl enable --now docker" : null)
            : new(name, CheckOutcome.Absent, "There is no Docker or Podman socket.");
    }

    private static DeviceCheck Drives(DeviceFacts facts)
    {
        const string name = "drives";
        var user = facts.Privileges;
        if (facts.Tools.TryGetValue("smartctl", out var smartctl))
        {
            return user.IsRoot ? new(name, CheckOutcome.Ok, $"smartctl {smartctl.Version} runs as root.")
                : user.MaySudo(smartctl.Path) ? new(name, CheckOutcome.Ok, $"smartctl {smartctl.Version} runs with sudo.")
                : new(name, CheckOutcome.NotPermitted, $"smartctl needs root, and {user.User} may not run it with sudo.",
                    AllowSudo(user, smartctl.Path, "fleetwright-smartctl"));
        }

        return facts.Virtualization is "none" or null
            ? new(name, CheckOutcome.Missing, "smartctl is not installed, so the health of drives cannot be read.",
                DeviceAdapters.For(facts.Type).InstallCommand(facts, "smartmontools"))
            : new(name, CheckOutcome.Absent, $"smartctl is not installed; under {facts.Virtualization} drives are the host's to watch.");
    }

    private static DeviceCheck Logs(DeviceFacts facts)
    {
        const string name = "logs";
        var user = facts.Privileges;
        if (!facts.HasTool("journalctl"))
        {
            return new(name, CheckOutcome.Absent, "There is no systemd journal.");
        }

        return user.CanBeRoot || user.Groups.Any(group => group is "systemd-journal" or "adm" or "wheel")
            ? new(name, CheckOutcome.Ok, "The system's journal can be read.")
            : new(name, CheckOutcome.NotPermitted, $"{user.User} sees only messages of their own in the journal.", JoinGroup(user, "systemd-journal"));
    }

    private static IEnumerable<DeviceCheck> VirtualMachines(DeviceFacts facts)
    {
        const string name = "virtualMachines";
        var user = facts.Privileges;
        if (facts.Type == DeviceType.Proxmox || facts.HasTool("qm"))
        {
            yield return user.CanBeRoot
                ? new(name, CheckOutcome.Ok, "qm and pct can be run.")
                : new(name, CheckOutcome.NotPermitted, $"qm and pct need root, and {user.User} may not use sudo without a password.", AllowSudo(user, "ALL", "fleetwright"));
        }
        else if (facts.HasTool("virsh"))
        {
            yield return user.CanBeRoot || user.Groups.Contains("libvirt", StringComparer.Ordinal)
                ? new(name, CheckOutcome.Ok, "virsh can be run.")
                : new(name, CheckOutcome.NotPermitted, $"{user.User} may not talk to libvirt.", JoinGroup(user, "libvirt"));
        }
    }

    private static DeviceCheck Root(DeviceFacts facts)
    {
        const string name = "root";
        var user = facts.Privileges;
        return user.IsRoot ? new(name, CheckOutcome.Ok, "Signed in as root.")
            : user.PasswordlessSudo ? new(name, CheckOutcome.Ok, $"{user.User} may use sudo without a password.")
            : user.SudoCommands.Count > 0 ? new(name, CheckOutcome.Ok, $"{user.User} may use sudo without a password for {string.Join(", ", user.SudoCommands)}.")
            : new(name, CheckOutcome.NotPermitted, $"{user.User} has no passwordless sudo: what needs root is not read, and not repaired.",
                facts.HasTool("sudo") ? AllowSudo(user, "ALL", "fleetwright") : null);
    }

    private static DeviceCheck Clock(DeviceFacts facts)
    {
        const string name = "clock";
        return facts.TimeSkewSeconds is not { } skew ? new(name, CheckOutcome.Unknown, "The clock could not be read.")
            : Math.Abs(skew) <= SkewToMention ? new(name, CheckOutcome.Ok, "The clock agrees with ours.")
            : new(name, CheckOutcome.Warning, $"The clock is {Math.Abs(skew):0} s {(skew > 0 ? "ahead of" : "behind")} ours.",
                facts.HasTool("timedatectl") ? Sudo(facts.Privileges) + "timedatectl set-ntp true" : null);
    }

    private static string Sudo(DevicePrivileges user) => user.IsRoot ? "" : "sudo ";

    // Takes effect with the next connection; testing again makes one.
    private static string JoinGroup(DevicePrivileges user, string group) => $"sudo usermod -aG {group} {Argument(user.User)}";

    private static string AllowSudo(DevicePrivileges user, string command, string file) =>
        $"echo {ShellQuoting.Quote($"{user.User} ALL=(root) NOPASSWD: {command}")} | sudo tee /etc/sudoers.d/{file}"
        + $" && sudo chmod 440 /etc/sudoers.d/{file} && sudo visudo -c";

    // The name came from the device; it goes into a command that a person will run there.
    private static string Argument(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && !text.StartsWith('-') ? text : ShellQuoting.Quote(text);
}
