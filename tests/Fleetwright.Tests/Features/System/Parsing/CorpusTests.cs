using System.Text.Json;
using Fleetwright.Features.Systems.Parsing;
using Fleetwright.Features.Systems.Processes;

namespace Fleetwright.Tests.Features.Systems.Parsing;

/// <summary>Files of real machines; where another parser's reading lies beside one, the two must agree.</summary>
public sealed class CorpusTests
{
    private const string Pairs = "host/jc/linux-proc";

    [Fact]
    public void MemInfo_OfAnotherMachine_AgreesWithTheOtherParser()
    {
        using var other = Json(Pairs, "meminfo.json");
        var info = MemInfoParser.Parse(Lines(Pairs, "meminfo"));

        Assert.True(info.Count > 40);
        foreach (var property in other.RootElement.EnumerateObject())
        {
            Assert.Equal(property.Value.GetInt64() * (property.Name.StartsWith("HugePages_", StringComparison.Ordinal) ? 1 : 1024), info[property.Name]);
        }
    }

    [Fact]
    public void Stat_OfAnotherMachine_AgreesWithTheOtherParser()
    {
        using var other = Json(Pairs, "stat.json");
        var stat = ProcStatParser.Parse(Lines(Pairs, "stat"));
        var cpu = other.RootElement.GetProperty("cpu");

        long Of(string name) => cpu.GetProperty(name).GetInt64();
        Assert.Equal(new CpuTicks(Of("user"), Of("nice"), Of("system"), Of("idle"), Of("iowait"), Of("irq"), Of("softirq"), Of("steal"), Of("guest"), Of("guest_nice")), stat.All);
        Assert.Equal(2, stat.Cores.Count);
        Assert.Equal(other.RootElement.GetProperty("boot_time").GetInt64(), stat.BootTime!.Value.ToUnixTimeSeconds());
    }

    [Fact]
    public void LoadAvg_OfAnotherMachine_AgreesWithTheOtherParser()
    {
        using var other = Json(Pairs, "loadavg.json");
        var (load, threads) = LoadAvgParser.Parse(Lines(Pairs, "loadavg")[0]);

        Assert.Equal(other.RootElement.GetProperty("load_15m").GetDouble(), load!.FifteenMinutes);
        Assert.Equal(other.RootElement.GetProperty("available").GetInt32(), threads);
    }

    [Fact]
    public void DiskStats_OfAnotherMachine_AgreesWithTheOtherParser()
    {
        using var other = Json(Pairs, "diskstats.json");
        var disk = Assert.Single(DiskStatsParser.Parse(Lines(Pairs, "diskstats"), new HashSet<string>()));
        var expected = other.RootElement.EnumerateArray().Single(item => item.GetProperty("device").GetString() == "sda");

        Assert.Equal("sda", disk.Key);
        Assert.Equal(expected.GetProperty("sectors_read").GetInt64() * 512, disk.Value.ReadBytes);
        Assert.Equal(expected.GetProperty("writes_completed").GetInt64(), disk.Value.Writes);
        Assert.Equal(expected.GetProperty("io_time_ms").GetInt64(), disk.Value.BusyTime);
    }

    [Fact]
    public void NetDev_OfAnotherMachine_AgreesWithTheOtherParser()
    {
        using var other = Json(Pairs, "net_dev.json");
        var item = Assert.Single(NetDevParser.Parse(Lines(Pairs, "net_dev")));
        var expected = other.RootElement.EnumerateArray().Single(entry => entry.GetProperty("interface").GetString() == item.Key);

        Assert.Equal(expected.GetProperty("r_bytes").GetInt64(), item.Value.ReceiveBytes);
        Assert.Equal(expected.GetProperty("t_packets").GetInt64(), item.Value.TransmitPackets);
    }

    [Theory]
    [InlineData("host/jc/centos-7.7")]
    [InlineData("host/jc/ubuntu-18.04")]
    public void Df_OfAnotherMachine_AgreesWithTheOtherParser(string folder)
    {
        using var other = Json(folder, "df.json");
        var df = DfParser.Parse(Lines(folder, "df.out"));

        foreach (var item in other.RootElement.EnumerateArray())
        {
            var line = df[item.GetProperty("mounted_on").GetString()!];
            Assert.Equal(item.GetProperty("1k_blocks").GetInt64() * 1024, line.SizeBytes);
            Assert.Equal(item.GetProperty("available").GetInt64() * 1024, line.AvailableBytes);
        }
    }

    [Fact]
    public void Node_OfAnotherMachine_IsReadAsAWhole()
    {
        const string Proc = "host/node_exporter/fixtures/proc";
        var stat = ProcStatParser.Parse(Lines(Proc, "stat"));
        var arc = ZfsArcParser.Parse(Lines(Proc + "/spl/kstat/zfs", "arcstats"));
        var memory = MemInfoParser.Memory(MemInfoParser.Parse(Lines(Proc, "meminfo")), arc)!;

        Assert.Equal(8, stat.Cores.Count);
        Assert.Equal(44, stat.All!.Value.Guest);
        Assert.True(memory.AvailableIsEstimated); // a kernel before 3.14
        Assert.Equal(3742148L * 1024, memory.TotalBytes);
        Assert.Equal(1603939792, memory.ZfsArcBytes);
        Assert.Equal(0.18, PressureParser.Parse(Lines(Proc + "/pressure", "io"))!.FullPercent10s);
    }

    [Fact]
    public void ProcessStat_OfAnotherMachine_IsRead()
    {
        var stat = ProcessStat.Parse(string.Join('\n', Lines("host/procfs/proc/26231", "stat")))!;

        Assert.Equal((26231, "vim", 'R', 5392, 1677 + 44, 1, 82375, 1981), (stat.Pid, stat.Name, stat.State, stat.ParentPid, stat.CpuTicks, stat.Threads, stat.StartTicks, stat.ResidentPages));
    }

    private static string[] Lines(string folder, string name) => File.ReadAllLines(Assert.Single(Corpus.Files(folder, name)));

    private static JsonDocument Json(string folder, string name) => JsonDocument.Parse(File.ReadAllText(Assert.Single(Corpus.Files(folder, name))));
}
