using System.Text;
using Fleetwright.Features.Systems.Parsing;

namespace Fleetwright.Tests.Features.Systems.Parsing;

public sealed class SectionParserTests
{
    [Fact]
    public void CpuShares_GuestTime_IsToldApartFromUser()
    {
        var shares = CpuShares.Between(
            new CpuTicks(1000, 0, 0, 1000, 0, 0, 0, 0, Guest: 500, 0), new CpuTicks(1060, 0, 10, 1020, 5, 0, 0, 5, Guest: 540, 0))!.Value;

        Assert.Equal((20, 40, 10, 5, 5, 20, 75), (shares.User, shares.Guest, shares.System, shares.Iowait, shares.Steal, shares.Idle, shares.Used));
    }

    [Fact]
    public void CpuShares_IowaitTakenBack_CountsAsNone()
    {
        var shares = CpuShares.Between(new CpuTicks(0, 0, 0, 100, 50, 0, 0, 0, 0, 0), new CpuTicks(50, 0, 0, 150, 49, 0, 0, 0, 0, 0))!.Value;

        Assert.Equal((50, 0, 50), (shares.Used, shares.Iowait, shares.Idle));
    }

    [Fact]
    public void CpuShares_CounterBackwardsOrNoTimePassed_IsUnknown()
    {
        var ticks = new CpuTicks(100, 0, 100, 100, 0, 0, 0, 0, 0, 0);
        Assert.Null(CpuShares.Between(ticks, ticks with { User = 1 }));
        Assert.Null(CpuShares.Between(ticks, ticks));
    }

    [Fact]
    public void MemInfo_OldKernelWithoutMemAvailable_EstimatesAndSaysSo()
    {
        var memory = MemInfoParser.Memory(MemInfoParser.Parse(
            ["MemTotal: 1000 kB", "MemFree: 100 kB", "Buffers: 50 kB", "Cached: 400 kB", "Shmem: 150 kB", "SReclaimable: 100 kB"]), null)!;

        Assert.True(memory.AvailableIsEstimated);
        Assert.Equal(500 * 1024, memory.AvailableBytes);
        Assert.Equal(50, memory.UsedPercent);
    }

    [Fact]
    public void MemInfo_ZfsArc_IsAvailableDownToItsMinimumAndShownApart()
    {
        var arc = ZfsArcParser.Parse(["c_min                           4    1048576", "c_max                           4    8388608", "size                            4    5242880"]);
        var memory = MemInfoParser.Memory(MemInfoParser.Parse(["MemTotal: 10240 kB", "MemFree: 1024 kB", "MemAvailable: 2048 kB"]), arc)!;

        Assert.Equal((5L << 20, 8L << 20, 4L << 20), (memory.ZfsArcBytes, memory.ZfsArcMaxBytes, memory.ZfsArcReclaimableBytes));
        Assert.Equal(6L << 20, memory.AvailableBytes);
    }

    [Theory]
    [InlineData("MemTotal: 1000")]
    [InlineData("MemTotal: 1000 MB")]
    [InlineData("MemTotal: -1000 kB")]
    [InlineData("MemTotal: 1.000 kB")]
    [InlineData("MemTotal: 99999999999999999999 kB")]
    public void MemInfo_AmountThatIsNotOne_IsUnknown(string line) =>
        Assert.Null(MemInfoParser.Memory(MemInfoParser.Parse([line, "MemFree: 10 kB"]), null));

    [Fact]
    public void DiskStats_PartitionsAndStackedDevices_AreLeftOut()
    {
        string[] names = ["sda", "sda1", "nvme0n1", "nvme0n1p2", "mmcblk0", "mmcblk0p1", "vda", "vda15", "loop3", "dm-0", "md0", "zram0", "sr0", "zd16", "xvdb"];
        var lines = names.Select(name => $" 8 0 {name} 1 2 3 4 5 6 7 8 0 10 11").ToList();

        Assert.Equal(["sda", "nvme0n1", "mmcblk0", "vda", "xvdb"], DiskStatsParser.Parse(lines, new HashSet<string>()).Keys);
        Assert.Equal(["sda1"], DiskStatsParser.Parse(lines, new HashSet<string> { "sda1", "loop3" }).Keys);
    }

    [Fact]
    public void DiskStats_Rates_AreOfBothSamples()
    {
        var before = DiskStatsParser.Parse(["8 0 sda 100 0 2000 50 10 0 4000 70 0 1000 1"], new HashSet<string>())["sda"];
        var now = DiskStatsParser.Parse(["8 0 sda 110 0 4048 70 20 0 4000 90 0 2000 1"], new HashSet<string>())["sda"];
        var rates = DiskStatsParser.Rates("sda", now, before, 4);

        Assert.Equal((262144, 0, 2.5, 2.5), (rates.ReadBytesPerSecond, rates.WriteBytesPerSecond, rates.ReadsPerSecond, rates.WritesPerSecond));
        Assert.Equal((25, 2), (rates.BusyPercent, rates.AwaitMilliseconds));
        Assert.Null(DiskStatsParser.Rates("sda", before, now, 4).ReadBytesPerSecond);
    }

    [Fact]
    public void NetDev_VirtualInterfaces_AreLeftOutAndRealOnesStay()
    {
        string[] names = ["lo", "eth0", "veth12ab", "docker0", "br-0123456789ab", "br0", "vmbr0", "bond0", "wg0", "tailscale0", "enp3s0", "fwpr101p0", "tap101i0", "virbr0", "wlan0", "eth0.20"];
        var parsed = NetDevParser.Parse([.. names.Select(name => $"{name}:12345 1 2 3 0 0 0 0 6 7 8 9 0 0 0 0")]);

        Assert.Equal(["eth0", "br0", "vmbr0", "bond0", "wg0", "tailscale0", "enp3s0", "wlan0", "eth0.20"], parsed.Keys);
        Assert.Equal(new NetCounters(12345, 1, 6, 7, 10, 12), parsed["eth0"]);
    }

    [Fact]
    public void NetDev_CounterBackwards_IsUnknownForThatInterval()
    {
        var before = new NetCounters(4_294_967_000, 10, 500, 10, 0, 0);
        var rates = NetDevParser.Rates("eth0", "up", new NetCounters(100, 20, 1500, 20, 2, 0), before, 10);

        Assert.Null(rates.ReceiveBytesPerSecond);
        Assert.Equal((100, 1, 0.2, 2), (rates.TransmitBytesPerSecond, rates.ReceivePacketsPerSecond, rates.ErrorsPerSecond, rates.Errors));
    }

    [Fact]
    public void FileSystems_BlanksInNames_FindTheirAnswer()
    {
        var output = Read("!mount:tank/a\\040b /mnt/a\\040b zfs ro,xattr 0 0\n!fs:131072 100 40 40 80 40 /mnt/a b\n!mount:shfs /mnt/user fuse.shfs rw 0 0\n!unasked:/mnt/user\n");
        var list = FileSystemsParser.Parse(output, out var cut);

        Assert.False(cut);
        Assert.Equal(("/mnt/a b", "tank/a b", true, 60), (list[0].MountPoint, list[0].Device, list[0].ReadOnly, list[0].UsedPercent));
        Assert.Equal(50, list[0].InodesUsedPercent);
        Assert.Contains("no timeout command", list[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void FileSystems_ReserveInUseAndNoInodes_AreNotImpossibleNumbers()
    {
        var list = FileSystemsParser.Parse(Read("!mount:/dev/sda1 / ext4 rw 0 0\n!fs:4096 100 2 18446744073709551610 0 0 /\n"), out _);

        Assert.Equal((0, 100), (list[0].AvailableBytes, list[0].UsedPercent));
        Assert.Null(list[0].Inodes);
    }

    [Fact]
    public void FileSystems_NotPermitted_RepeatsWhatTheDeviceSays()
    {
        var list = FileSystemsParser.Parse(Read("!mount:/dev/sdb1 /secret ext4 rw 0 0\nstat: cannot read file system information for '/secret': Permission denied\n"), out _);

        Assert.Null(list[0].SizeBytes);
        Assert.Contains("Permission denied", list[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void FileSystems_DfInPlaceOfStat_IsRead()
    {
        var list = FileSystemsParser.Parse(Read(
            "!mount:/dev/sda1 / ext4 rw 0 0\n!mount:/dev/sdb1 /a\\040b ext4 rw 0 0\n!df:1\nFilesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 1000 600 200 75% /\n/dev/sdb1 1000 1100 -5 100% /a b\n/dev/sdb1 1000 900 0 100% /a b\n"), out _);

        Assert.Equal((1024000, 204800, 75), (list[0].SizeBytes, list[0].AvailableBytes, list[0].UsedPercent));
        Assert.Equal(100, list[1].UsedPercent);
    }

    [Fact]
    public void Temperatures_ChipsAndZones_AreReadOnceEach()
    {
        var list = TemperaturesParser.Parse(Read("""
            /sys/class/hwmon/hwmon0/name:coretemp
            /sys/class/hwmon/hwmon0/temp1_input:48000
            /sys/class/hwmon/hwmon0/temp1_label:Package id 0
            /sys/class/hwmon/hwmon0/temp1_crit:100000
            /sys/class/hwmon/hwmon1/name:nvme
            /sys/class/hwmon/hwmon1/temp1_input:38850
            /sys/class/hwmon/hwmon1/temp1_label:Composite
            /sys/class/hwmon/hwmon2/name:nvme
            /sys/class/hwmon/hwmon2/temp1_input:41850
            /sys/class/hwmon/hwmon2/temp1_label:Composite
            /sys/class/hwmon/hwmon3/name:nct6775
            /sys/class/hwmon/hwmon3/temp1_input:127500
            /sys/class/hwmon/hwmon3/temp2_input:-62000
            /sys/class/hwmon/hwmon3/temp3_input:-5500
            /sys/class/thermal/thermal_zone0/type:x86_pkg_temp
            /sys/class/thermal/thermal_zone0/temp:48000
            /sys/class/thermal/thermal_zone1/type:acpitz
            /sys/class/thermal/thermal_zone1/temp:27800

            """));

        Assert.Equal(
            [("coretemp", "Package id 0", 48, 100.0), ("nvme", "Composite", 38.8, null), ("nvme", "Composite #2", 41.8, null), ("nct6775", "temp3", -5.5, null), ("acpitz", "thermal_zone1", 27.8, (double?)null)],
            list.Select(t => (t.Chip, t.Label, t.TemperatureCelsius, t.CriticalCelsius)));
    }

    [Fact]
    public void Cgroup_Version1_ReadsLimitsAndUnlimited()
    {
        var limited = CgroupParser.Parse(Read("/sys/fs/cgroup/memory/memory.limit_in_bytes:1073741824\n/sys/fs/cgroup/cpu/cpu.cfs_quota_us:50000\n/sys/fs/cgroup/cpu/cpu.cfs_period_us:100000\n/sys/fs/cgroup/cpuacct/cpuacct.usage:2500000000\n"));
        var unlimited = CgroupParser.Parse(Read("/sys/fs/cgroup/memory/memory.limit_in_bytes:9223372036854771712\n/sys/fs/cgroup/cpu/cpu.cfs_quota_us:-1\n/sys/fs/cgroup/cpu/cpu.cfs_period_us:100000\n"));

        Assert.Equal((1L << 30, 0.5, 2.5), (limited.MemoryLimitBytes, limited.CpuLimitCores, limited.CpuUsageSeconds));
        Assert.False(limited.IsNamespaced);
        Assert.Equal((null, null), (unlimited.MemoryLimitBytes, unlimited.CpuLimitCores));
    }

    [Fact]
    public void Pressure_WithoutFullLine_LeavesItOut()
    {
        var cpu = PressureParser.Parse(["some avg10=1.50 avg60=0.34 avg300=0.10 total=159886802"])!;

        Assert.Equal((1.5, 0.34, 0.1, null), (cpu.SomePercent10s, cpu.SomePercent60s, cpu.SomePercent300s, cpu.FullPercent10s));
        Assert.Null(PressureParser.Parse([]));
        Assert.Null(PressureParser.Parse(["some avg10=1,50 avg60=0,34 avg300=0,10 total=1"]));
    }

    private static ScriptOutput Read(string text) => ScriptOutput.Read(Encoding.UTF8.GetBytes(text));
}
