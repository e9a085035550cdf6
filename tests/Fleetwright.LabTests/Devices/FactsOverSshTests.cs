using Fleetwright.LabTests.Connections;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.LabTests.Devices;

/// <summary>The facts script on real shells behind a real sshd.</summary>
public sealed class FactsOverSshTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dash")]
    [InlineData("bash")]
    [InlineData("busybox")]
    public async Task Facts_OfEachShell_AreThoseOfThisMachine(string sh)
    {
        await using var sshd = await SshdFixture.StartAsync(new SshdOptions { Sh = sh });

        var facts = await AskAsync(sshd);

        Assert.Equal(Environment.MachineName, facts.Hostname);
        Assert.Equal(Environment.UserName, facts.Privileges.User);
        Assert.Equal(Environment.IsPrivilegedProcess, facts.Privileges.IsRoot);
        Assert.Equal((await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", Cancel)).Trim(), facts.KernelVersion);
        Assert.InRange(facts.CpuCount ?? 0, 1, Environment.ProcessorCount);
        Assert.InRange(facts.MemoryBytes ?? 0, 1, long.MaxValue);
        Assert.InRange(facts.TimeSkewSeconds ?? double.NaN, -5, 5);
        Assert.InRange(TimeProvider.System.GetUtcNow() - facts.BootTime!.Value, TimeSpan.Zero, TimeSpan.FromDays(3650));
        Assert.True(facts.HasTool("ps"));
    }

    [Fact]
    public async Task Facts_PastToolsThatHangOrPrintWithoutEnd_AreThere()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await ToolAsync(sshd, "docker", "sleep 60");
        await ToolAsync(sshd, "restic", "yes '= end'");
        await ToolAsync(sshd, "tailscale", "printf 'no newline, \\377\\000 = clockend'");
        await ToolAsync(sshd, "smartctl", "echo 'smartctl 7.4 2023-08-01'; kill -9 $$");

        var facts = await AskAsync(sshd);

        Assert.Null(facts.Tools["docker"].Version);
        Assert.Null(facts.Tools["restic"].Version);
        Assert.Null(facts.Tools["tailscale"].Version);
        Assert.Equal("7.4", facts.Tools["smartctl"].Version);
    }

    private static async Task<DeviceFacts> AskAsync(SshdFixture sshd)
    {
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create("device", sshd.Address);
        await connection.RunAsync(new Platform.Connections.Command("true"), Cancel);
        var asked = TimeProvider.System.GetUtcNow();
        var reading = FactsProbe.Parse(await connection.RunAsync(new FactsProbe().Question, Cancel), asked);
        Assert.True(reading.Status == ReadingStatus.Ok, $"{reading.Reason} {reading.RawExcerpt}");
        return reading.Value!;
    }

    private static async Task ToolAsync(SshdFixture sshd, string name, string body)
    {
        var file = Path.Combine(sshd.Folder, "bin", name);
        await File.WriteAllTextAsync(file, $"#!/bin/sh\n{body}\n", Cancel);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
