using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Devices.Facts;
using Fleetwright.Tests.Devices.Facts;

namespace Fleetwright.Tests.Devices;

public sealed class DeviceChecksTests
{
    private static readonly DeviceFacts Plain = new()
    {
        Type = DeviceType.Debian,
        Virtualization = "none",
        TimeSkewSeconds = 0.1,
        Privileges = new DevicePrivileges { User = "fleet", Groups = ["fleet"] },
        Tools = Tools("docker", "dockerd", "systemctl", "journalctl", "apt-get", "sudo", "timedatectl"),
    };

    private static DeviceFacts Of(string recorded) => FactsParser.Parse(Recorded.Bytes(recorded))!;

    private static DeviceCheck Check(DeviceFacts facts, string name) => DeviceChecks.Of(facts).Single(check => check.Name == name);

    private static Dictionary<string, DeviceTool> Tools(params string[] names) =>
        names.ToDictionary(name => name, name => new DeviceTool { Path = "/usr/bin/" + name }, StringComparer.Ordinal);

    [Fact]
    public void Of_Unraid_NothingIsMissing()
    {
        Assert.All(DeviceChecks.Of(Of("unraid")), check => Assert.True(
            check.Outcome is CheckOutcome.Ok or CheckOutcome.Absent or CheckOutcome.Unknown, check.ToString()));
    }

    [Fact]
    public void Containers_SocketShut_NamesTheGroup()
    {
        var check = Check(Of("alpine"), "containers");

        Assert.Equal((CheckOutcome.NotPermitted, "sudo usermod -aG docker ops"), (check.Outcome, check.Remedy));
    }

    [Fact]
    public void Containers_EngineDown_NamesTheServiceToStart()
    {
        var check = Check(Plain, "containers");

        Assert.Equal((CheckOutcome.Missing, "sudo systemctl enable --now docker"), (check.Outcome, check.Remedy));
    }

    [Fact]
    public void Drives_ToolMissingOnMetal_NamesThePackage()
    {
        var check = Check(Plain, "drives");

        Assert.Equal((CheckOutcome.Missing, "sudo apt-get install -y smartmontools"), (check.Outcome, check.Remedy));
    }

    [Fact]
    public void Drives_ToolMissingInAGuest_IsNotMissed() =>
        Assert.Equal(CheckOutcome.Absent, Check(Plain with { Virtualization = "kvm" }, "drives").Outcome);

    [Fact]
    public void Drives_ToolNotAllowed_GivesTheSudoersLine()
    {
        var check = Check(Plain with { Tools = Tools("smartctl", "sudo") }, "drives");

        Assert.Equal(CheckOutcome.NotPermitted, check.Outcome);
        Assert.Equal(
            "echo 'fleet ALL=(root) NOPASSWD: /usr/bin/smartctl' | sudo tee /etc/sudoers.d/fleetwright-smartctl"
            + " && sudo chmod 440 /etc/sudoers.d/fleetwright-smartctl && sudo visudo -c",
            check.Remedy);
    }

    [Fact]
    public void Drives_SudoAllowsJustThat_IsOk() => Assert.Equal(CheckOutcome.Ok, Check(Of("proxmox"), "drives").Outcome);

    [Fact]
    public void VirtualMachines_ProxmoxWithoutRoot_IsNotPermitted() =>
        Assert.Equal(CheckOutcome.NotPermitted, Check(Of("proxmox"), "virtualMachines").Outcome);

    [Fact]
    public void Logs_OrdinaryUser_NamesTheGroup() =>
        Assert.Equal("sudo usermod -aG systemd-journal fleet", Check(Plain, "logs").Remedy);

    [Fact]
    public void Remedy_UserNameThatIsShell_IsOneQuotedArgument()
    {
        var facts = Plain with { Privileges = new DevicePrivileges { User = "x; reboot" } };

        Assert.Equal("sudo usermod -aG systemd-journal 'x; reboot'", Check(facts, "logs").Remedy);
    }

    [Theory]
    [InlineData(null, CheckOutcome.Unknown)]
    [InlineData(4.0, CheckOutcome.Ok)]
    [InlineData(-90.0, CheckOutcome.Warning)]
    public void Clock_BySkew(double? skew, CheckOutcome outcome) =>
        Assert.Equal(outcome, Check(Plain with { TimeSkewSeconds = skew }, "clock").Outcome);
}
