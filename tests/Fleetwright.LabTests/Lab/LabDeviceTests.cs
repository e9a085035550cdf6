using System.Net.Sockets;

namespace Fleetwright.LabTests.Lab;

/// <summary>The devices are what lab.json says.</summary>
public sealed class LabDeviceTests(FleetLab lab)
{
    public static TheoryData<string> Names =>
        ["root-bash", "user-sudo", "busybox-ash", "restricted", "noisy", "slow", "fish"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Ssh_Device_IsWhatItClaims(string name)
    {
        LabDevice device = lab[name];

        // One login for all of it: on the slow device each takes a quarter of a minute.
        LabResult result = await lab.SshAsync(
            name,
            "hostname; cat /etc/machine-id; id -un; sh -c 'sudo -n true 2>/dev/null && printf \"sudo\\n\" || printf \"no sudo\\n\"'; "
            + "exec sh -c 'readlink /proc/$$/exe; :'");

        // Noise of start-up files may come before it, never after.
        string sudo = device.Privileges is "root" or "sudo" ? "sudo" : "no sudo";
        string expected = $"{device.Hostname}\n{device.MachineId}\n{device.User}\n{sudo}\n";
        string shell = device.Sh == "ash" ? "/busybox\n" : $"/{device.Sh}\n";
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
        Assert.EndsWith(shell, result.Output, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Ssh_Slow_AddsItsDelayToEveryAnswer()
    {
        long start = TimeProvider.System.GetTimestamp();
        using TcpClient client = new();
        await client.ConnectAsync(lab["slow"].Host, lab["slow"].Port);
        byte[] banner = new byte[4];
        await client.GetStream().ReadExactlyAsync(banner);

        Assert.Equal("SSH-"u8.ToArray(), banner);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromSeconds(1.9));
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
