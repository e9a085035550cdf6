using System.Text.Json;

namespace Fleetwright.LabTests.Lab;

/// <summary>Faults do what they say, and are undone.</summary>
[Collection(LabFaults.Name)]
public sealed class LabFaultTests(FleetLab lab)
{
    private const string Device = "user-sudo";

    [Theory]
    [InlineData("kill", "Connection refused")]
    [InlineData("freeze", "Connection timed out during banner exchange")]
    [InlineData("drop", "Connection timed out")]
    public async Task Break_OfSshd_IsSeenAndUndone(string fault, string message)
    {
        await using (await lab.BreakAsync(Device, fault))
        {
            LabResult broken = await lab.SshAsync(Device, "true", connectTimeoutSeconds: 2);
            Assert.Equal(255, broken.ExitCode);
            Assert.Contains(message, broken.Error, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await lab.SshAsync(Device, "true")).ExitCode);
    }

    [Fact]
    public async Task RotateHostKey_OfSshd_ChangesTheKeyAndGoesBack()
    {
        string before = await HostKeyAsync();
        Assert.Contains(lab[Device].HostKey, before, StringComparison.Ordinal);
        await using (await lab.BreakAsync(Device, "rotate-host-key"))
        {
            string rotated = await HostKeyAsync();
            Assert.Contains("ssh-ed25519", rotated, StringComparison.Ordinal);
            Assert.NotEqual(before, rotated);
        }

        Assert.Equal(before, await HostKeyAsync());
    }

    [Theory]
    [InlineData("busybox-ash")]
    [InlineData(Device)]
    public async Task FillDisk_OfDevice_LeavesNoByte(string device)
    {
        const string Write = "sh -c 'cat /proc/version >~/probe && cat /proc/version >/tmp/probe && rm ~/probe /tmp/probe'";
        await using (await lab.BreakAsync(device, "fill-disk"))
        {
            LabResult full = await lab.SshAsync(device, Write);
            Assert.NotEqual(0, full.ExitCode);
            Assert.Contains("No space left on device", full.Error, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await lab.SshAsync(device, Write)).ExitCode);
    }

    [Theory]
    [InlineData("docker-stop")]
    [InlineData("docker-kill")]
    public async Task StopDocker_OfEngine_IsSeenAndContainersLiveThroughIt(string fault)
    {
        string started = await StartedAtAsync("healthy");
        await using (await lab.BreakAsync("engine", fault))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => StartedAtAsync("healthy"));
        }

        Assert.Equal(started, await StartedAtAsync("healthy"));
        Assert.Equal(0, (await lab.SshAsync("root-bash", "docker inspect paused")).ExitCode);
    }

    [Fact]
    public async Task Fault_UnknownName_SaysWhichThereAre()
    {
        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(() => lab.FaultAsync("nobody", "drop"));

        Assert.Contains("user-sudo", error.Message, StringComparison.Ordinal);
    }

    private async Task<string> HostKeyAsync()
    {
        LabResult scan = await LabProcess.RunAsync(
            "ssh-keyscan", ["-t", "ed25519", "-p", $"{lab[Device].Port}", lab[Device].Host], TimeSpan.FromSeconds(30));
        return scan.OrThrow("ssh-keyscan").Output;
    }

    private async Task<string> StartedAtAsync(string container)
    {
        JsonElement found = await LabDocker.InspectAsync(lab.Engine.Socket, container);
        return found.GetProperty("State").GetProperty("StartedAt").GetString() ?? "";
    }
}
