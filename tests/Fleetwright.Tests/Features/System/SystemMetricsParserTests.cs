using System.Text;
using Fleetwright.Features.Systems;
using Fleetwright.Features.Systems.Parsing;

namespace Fleetwright.Tests.Features.Systems;

public sealed class SystemMetricsParserTests
{
    [Theory]
    [InlineData("vm-bash")]
    [InlineData("vm-dash")]
    [InlineData("vm-busybox")]
    public void Parse_TwoRecordedSamples_GivesSharesAndRates(string name)
    {
        var (_, first) = Parse(Recorded.Bytes(name));
        var (metrics, _) = Parse(Recorded.Bytes(name + "-later"), SystemHistory.Empty.With(first!));

        Assert.Equal(SystemScopeKind.Host, metrics.Scope.Kind);
        Assert.InRange(metrics.IntervalSeconds!.Value, 1, 60);
        Assert.Equal(2, metrics.Cpu.LogicalCount);
        Assert.Equal(2, metrics.Cpu.Cores!.Count);
        var cpu = metrics.Cpu;
        Assert.InRange(cpu.UserPercent!.Value + cpu.NicePercent!.Value + cpu.SystemPercent!.Value + cpu.InterruptPercent!.Value
            + cpu.IowaitPercent!.Value + cpu.StealPercent!.Value + cpu.GuestPercent!.Value + cpu.IdlePercent!.Value, 99.5, 100.5);
        Assert.InRange(cpu.UsedPercent!.Value, 0.1, 100);
        Assert.Equal(24684092L * 1024, metrics.Memory!.TotalBytes);
        Assert.InRange(metrics.Memory.AvailableBytes, 1, metrics.Memory.TotalBytes);
        Assert.Null(metrics.Memory.AvailableIsEstimated);
        Assert.Null(metrics.Swap);
        Assert.NotNull(metrics.Pressure!.Io!.FullPercent60s);
        var root = Assert.Single(metrics.FileSystems);
        Assert.Equal(("/", "/dev/vda", "ext4"), (root.MountPoint, root.Device, root.Type));
        Assert.Equal(66053021L * 4096, root.SizeBytes);
        Assert.NotNull(root.InodesUsedPercent);
        Assert.False(root.ReadOnly);
        var disk = Assert.Single(metrics.Disks);
        Assert.Equal("vda", disk.Name);
        Assert.NotNull(disk.WriteBytesPerSecond);
        Assert.InRange(disk.BusyPercent!.Value, 0, 100);
        var network = Assert.Single(metrics.NetworkInterfaces);
        Assert.Equal(("eth0", "up"), (network.Name, network.State));
        Assert.NotNull(network.ReceiveBytesPerSecond);
        Assert.True(metrics.UptimeSeconds > 1000);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1795223048), metrics.BootTime);
        Assert.True(metrics.Processes!.Total > 50);
        Assert.Null(metrics.Notes);
    }

    [Fact]
    public void Parse_FirstSample_LeavesSharesAndRatesOutWithAReason()
    {
        var (metrics, sample) = Parse(Recorded.Bytes("vm-dash"));

        Assert.NotNull(sample);
        Assert.Null(metrics.IntervalSeconds);
        Assert.Null(metrics.Cpu.UsedPercent);
        Assert.Null(metrics.Cpu.IowaitPercent);
        Assert.Null(metrics.Cpu.Cores);
        Assert.Contains("first sample", metrics.Cpu.Reason, StringComparison.Ordinal);
        Assert.All(metrics.Disks, disk => Assert.Null(disk.ReadBytesPerSecond));
        Assert.All(metrics.NetworkInterfaces, item => Assert.Null(item.ReceiveBytesPerSecond));
    }

    [Fact]
    public void Parse_CountersWentBackwards_LeavesThatIntervalOut()
    {
        var (_, later) = Parse(Recorded.Bytes("vm-dash-later"));
        var swapped = later! with { UptimeSeconds = later.UptimeSeconds - 100 };
        var (metrics, _) = Parse(Recorded.Bytes("vm-dash"), SystemHistory.Empty.With(swapped));

        Assert.Null(metrics.Cpu.UsedPercent);
        Assert.Contains("began again", metrics.Cpu.Reason, StringComparison.Ordinal);
        Assert.All(metrics.Disks, disk => Assert.Null(disk.WriteBytesPerSecond));
    }

    [Fact]
    public void Parse_LxcWithLxcfs_ShowsTheContainersOwnNumbers()
    {
        var (metrics, first) = Parse(Recorded.Bytes("lxc-lxcfs"), virtualization: "lxc");

        Assert.Equal(SystemScopeKind.Container, metrics.Scope.Kind);
        Assert.Contains("lxcfs", metrics.Scope.Explanation, StringComparison.Ordinal);
        Assert.Equal(2L << 30, metrics.Memory!.TotalBytes);
        Assert.Equal(1536L << 20, metrics.Memory.AvailableBytes);
        Assert.Null(metrics.Memory.ZfsArcBytes); // the host's, although it shows
        Assert.Equal(50, metrics.Swap!.UsedPercent);
        Assert.Equal(0.1, metrics.Pressure!.Memory!.SomePercent10s); // its own group's, not the host's 9
        Assert.Empty(metrics.Temperatures);
        Assert.Equal("nvme0n1", Assert.Single(metrics.Disks).Name);
        Assert.Equal(["/", "/mnt/media"], metrics.FileSystems.Select(f => f.MountPoint));
        Assert.Equal(25, metrics.FileSystems[0].UsedPercent);
        Assert.Null(metrics.FileSystems[1].UsedPercent);
        Assert.Contains("did not answer", metrics.FileSystems[1].Reason, StringComparison.Ordinal);

        var text = Recorded.Text("lxc-lxcfs").Replace("cpu  120000 0 40000 1800000 1500", "cpu  121000 0 40000 1801000 1500", StringComparison.Ordinal)
            .Replace("uptime:10000.00", "uptime:10010.00", StringComparison.Ordinal);
        var (later, _) = Parse(Encoding.UTF8.GetBytes(text), SystemHistory.Empty.With(first!), "lxc");
        Assert.Equal(50, later.Cpu.UsedPercent);
        Assert.Equal(0, later.Cpu.IowaitPercent);
    }

    [Fact]
    public void Parse_LimitedContainerWithoutLxcfs_ReadsItsControlGroup()
    {
        var (metrics, first) = Parse(Recorded.Bytes("docker-limited"));

        Assert.Equal(SystemScopeKind.Container, metrics.Scope.Kind);
        Assert.Equal(512L << 20, metrics.Memory!.TotalBytes);
        Assert.Equal(256L << 20, metrics.Memory.UsedBytes); // 384 MiB less 128 MiB of cache
        Assert.Equal(50, metrics.Memory.UsedPercent);
        Assert.Equal(1.5, metrics.Cpu.LimitCores);
        Assert.Null(metrics.Cpu.UsedPercent);
        Assert.NotNull(metrics.Cpu.Reason);
        Assert.Empty(metrics.Disks); // the host's

        var text = Recorded.Text("docker-limited").Replace("usage_usec 30000000", "usage_usec 37500000", StringComparison.Ordinal)
            .Replace("uptime:50000.00", "uptime:50010.00", StringComparison.Ordinal);
        var (later, _) = Parse(Encoding.UTF8.GetBytes(text), SystemHistory.Empty.With(first!));
        Assert.Equal(50, later.Cpu.UsedPercent); // 0.75 processors of 1.5
    }

    [Fact]
    public void Parse_MachineMadeOfAContainerImage_IsAHost()
    {
        // It still has /.dockerenv, and so is taken for a container by systemd-detect-virt.
        var (metrics, _) = Parse(Recorded.Bytes("vm-dash"), virtualization: "docker");

        Assert.Equal(SystemScopeKind.Host, metrics.Scope.Kind);
        Assert.Single(metrics.Disks);
    }

    [Fact]
    public void Parse_ContainerOnControlGroupsOfVersion1_IsKnownByItsHostsFile()
    {
        var text = "!container:docker\n!container:hosts\n/proc/meminfo:MemTotal: 1000000 kB\n/proc/meminfo:MemFree: 500000 kB\n"
            + "/sys/fs/cgroup/memory/memory.limit_in_bytes:104857600\n/sys/fs/cgroup/memory/memory.usage_in_bytes:52428800\n!end:1\n";
        var (metrics, _) = Parse(Encoding.UTF8.GetBytes(text));

        Assert.Equal(SystemScopeKind.Container, metrics.Scope.Kind);
        Assert.Equal((100L << 20, 50), (metrics.Memory!.TotalBytes, metrics.Memory.UsedPercent));
    }

    [Fact]
    public void Parse_AnswerCutBeforeItsEnd_SaysThatSomethingIsMissing()
    {
        var text = Recorded.Text("vm-dash");
        var (metrics, _) = Parse(Encoding.UTF8.GetBytes(text[..text.IndexOf("!files", StringComparison.Ordinal)]));

        Assert.Empty(metrics.FileSystems);
        Assert.NotNull(metrics.Memory);
        Assert.Contains("did not finish", Assert.Single(metrics.Notes!), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NothingOfLinux_GivesNothing() =>
        Assert.Null(SystemMetricsParser.Parse(ScriptOutput.Read("FreeBSD 13\n"u8), SystemHistory.Empty, null));

    private static (SystemMetrics Metrics, SystemSample? Sample) Parse(byte[] output, SystemHistory? history = null, string? virtualization = null)
    {
        var parsed = SystemMetricsParser.Parse(ScriptOutput.Read(output), history ?? SystemHistory.Empty, virtualization);
        Assert.NotNull(parsed);
        return parsed.Value;
    }
}
