namespace Fleetwright.LabTests.Lab;

/// <summary>The devices are what lab.json says.</summary>
public sealed class LabDeviceTests(FleetLab lab)
{
    public static TheoryData<string> Names =>
        ["root-bash", "user-sudo", "busybox-ash", "restricted", "noisy", "slow", "fish"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Ssh_Device_AnswersAsItself(string name)
    {
        // Noise of start-up files may come before it, never after.
        LabResult result = await lab.SshAsync(name, "true && hostname && cat /etc/machine-id");

        Assert.Equal(0, result.ExitCode);
        Assert.EndsWith($"{lab[name].Hostname}\n{lab[name].MachineId}\n", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Ssh_Device_HasThePrivilegesItClaims(string name)
    {
        LabResult root = await lab.SshAsync(name, "test \"$(id -u)\" = 0");
        LabResult sudo = await lab.SshAsync(name, "sudo -n true");

        Assert.Equal(lab[name].Privileges == "root", root.ExitCode == 0);
        Assert.Equal(lab[name].Privileges is "root" or "sudo", sudo.ExitCode == 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Ssh_Device_RunsTheShellItClaims(string name)
    {
        LabResult result = await lab.SshAsync(name, "exec sh -c 'readlink /proc/$$/exe; :'");

        string expected = lab[name].Sh == "ash" ? "busybox" : lab[name].Sh;
        Assert.EndsWith($"/{expected}\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_Restricted_RefusesToForward()
    {
        LabDevice device = lab["restricted"];
        string[] arguments =
        [
            "-F", "none", "-i", device.KeyFile, "-o", "BatchMode=yes", "-o", $"UserKnownHostsFile=\"{lab.Description.KnownHosts}\"",
            "-p", $"{device.Port}", "-W", $"127.0.0.1:{device.Port}", $"{device.User}@{device.Host}",
        ];
        LabResult result = await LabProcess.RunAsync("ssh", arguments, TimeSpan.FromSeconds(30));

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("administratively prohibited", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_Noisy_PrintsOnBothStreamsFirst()
    {
        LabResult result = await lab.SshAsync("noisy", "true");

        Assert.Contains("motd line 199", result.Output, StringComparison.Ordinal);
        Assert.Contains("warning 199", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_UserSudo_MayNotReachDockerWithoutSudo()
    {
        const string Version = "docker version --format '{{.Server.Version}}'";

        Assert.NotEqual(0, (await lab.SshAsync("user-sudo", Version)).ExitCode);
        Assert.Equal(0, (await lab.SshAsync("user-sudo", $"sudo -n {Version}")).ExitCode);
    }
}
