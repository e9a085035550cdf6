using Fleetwright.Features.Systems;
using Fleetwright.Features.Systems.Processes;
using Fleetwright.LabTests.Connections;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.LabTests.Features.Systems;

/// <summary>The scripts themselves, on this machine, in each kind of shell that devices have.</summary>
public sealed class SystemProbeTests
{
    private static readonly DeviceFacts Facts = new() { Type = DeviceType.Linux, Privileges = new DevicePrivileges { User = "root" } };

    public static TheoryData<string> Shells => ["bash", "dash", "busybox"];

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Metrics_OfThisMachine_AgreeWithItsProc(string shell)
    {
        var probe = new SystemProbe();
        var reading = probe.Parse(await RunAsync(shell, probe.Script(Facts)), Context());

        Assert.Equal(ReadingStatus.Ok, reading.Status);
        var metrics = reading.Value!;
        Assert.Null(metrics.Notes);
        Assert.Equal(Environment.ProcessorCount, metrics.Cpu.LogicalCount);
        Assert.InRange(metrics.UptimeSeconds!.Value, 1, (Environment.TickCount64 / 1000.0) + 60);
        Assert.True(metrics.Processes!.Total > 1);
        Assert.NotNull(metrics.Load);
        Assert.NotNull(metrics.Memory);
        var root = metrics.FileSystems.Single(fileSystem => fileSystem.MountPoint == "/");
        Assert.Null(root.Reason);
        Assert.Equal(new DriveInfo("/").TotalSize, root.SizeBytes);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Metrics_SecondReading_HasSharesAndRates(string shell)
    {
        var probe = new SystemProbe();
        var context = Context();
        probe.Parse(await RunAsync(shell, probe.Script(Facts)), context);
        var reading = probe.Parse(await RunAsync(shell, "sleep 0.4\n" + probe.Script(Facts)), context);

        Assert.NotNull(reading.Value!.IntervalSeconds);
        Assert.InRange(reading.Value.Cpu.UsedPercent!.Value, 0, 100);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Processes_OfThisMachine_HoldThisProcess(string shell)
    {
        var probe = new ProcessesProbe();
        var reading = probe.Parse(await RunAsync(shell, probe.Script(Facts)), Context());

        Assert.Equal(ReadingStatus.Ok, reading.Status);
        var own = Assert.Single(reading.Value!.Processes, process => process.Pid == Environment.ProcessId);
        Assert.Equal(Environment.UserName, own.User);
        Assert.False(string.IsNullOrEmpty(own.CommandLine));
        Assert.InRange(own.MemoryBytes, 10L << 20, 8L << 30);
        Assert.True(reading.Value.Total >= reading.Value.Processes.Count);
    }

    private static async Task<CommandResult> RunAsync(string shell, string script)
    {
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create("here", DeviceAddress.Local);
        Assert.SkipUnless((await connection.RunAsync(new Command("which", shell), TestContext.Current.CancellationToken)).Succeeded, $"{shell} is not installed.");
        string[] start = shell == "busybox" ? ["busybox", "ash"] : [shell];
        var result = await connection.RunAsync(new Command([.. start, "-c", script]), TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Equal("", result.ErrorText);
        return result;
    }

    private static ProbeContext Context() => new()
    {
        Device = new Device { Id = "here", Name = "here", Address = DeviceAddress.Local, AddedAt = DateTimeOffset.UnixEpoch },
        Facts = Facts,
        Now = TimeProvider.System.GetUtcNow(),
        Memory = new ProbeMemory(),
    };
}
