using System.Text;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Devices.Facts;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Tests.Devices.Facts;

public sealed class FactsParserTests
{
    private static readonly DateTimeOffset Asked = DateTimeOffset.FromUnixTimeSeconds(1_760_000_000);

    private static DeviceFacts Parse(string name, DateTimeOffset? asked = null, double seconds = 1) => Parse(Recorded.Bytes(name), asked, seconds);

    private static DeviceFacts Parse(byte[] output, DateTimeOffset? asked = null, double seconds = 1) =>
        FactsParser.Parse(output, asked, TimeSpan.FromSeconds(seconds)) ?? throw new InvalidOperationException("not understood");

    [Theory]
    [InlineData("debian-root-bash")]
    [InlineData("debian-nobody-dash")]
    [InlineData("debian-root-busybox")]
    public void Parse_RecordedFromThreeShells_FindsTheSameMachine(string name)
    {
        var facts = Parse(name);

        Assert.Equal(DeviceType.Debian, facts.Type);
        Assert.Equal("debian", facts.OsId);
        Assert.Equal("Debian GNU/Linux 12 (bookworm)", facts.OsName);
        Assert.Equal("12.11", facts.OsVersion);
        Assert.Equal("vm", facts.Hostname);
        Assert.Equal("x86_64", facts.Architecture);
        Assert.Equal("AMD EPYC", facts.CpuModel);
        Assert.Equal(2, facts.CpuCount);
        Assert.Equal(24_684_092L * 1024, facts.MemoryBytes);
        Assert.Equal("docker", facts.Virtualization);
        Assert.Equal("3d1219c7c4c5404aaa1f6d2a48adfda4", facts.MachineId);
        Assert.Equal("28.2.2", facts.Tools["docker"].Version);
        Assert.Equal("252", facts.Tools["journalctl"].Version);
        Assert.Equal("2.6.1", facts.Tools["apt-get"].Version);
        Assert.Null(facts.Tools["kubectl"].Version);
        Assert.False(facts.HasTool("zpool"));
        Assert.Null(facts.DockerSocketPath);
    }

    [Fact]
    public void Parse_OrdinaryUser_IsNotRoot()
    {
        var privileges = Parse("debian-nobody-dash").Privileges;

        Assert.Equal("nobody", privileges.User);
        Assert.False(privileges.CanBeRoot);
        Assert.Equal(["nogroup"], privileges.Groups);
    }

    [Fact]
    public void Parse_BusyboxApplets_AreToolsByTheirName()
    {
        Assert.Equal("dmesg", Parse("debian-root-busybox").Tools["dmesg"].Path);
    }

    [Fact]
    public void Parse_Unraid_IsKnownByItsHostKeyAsItsMachineIdChangesAtEachBoot()
    {
        var facts = Parse("unraid", Asked);

        Assert.Equal(DeviceType.Unraid, facts.Type);
        Assert.Equal(("unraid", "Unraid 6.12.10", "6.12.10"), (facts.OsId, facts.OsName, facts.OsVersion));
        Assert.StartsWith("hostkey:SHA256:", facts.MachineId, StringComparison.Ordinal);
        Assert.Equal("none", facts.Virtualization);
        Assert.Equal(12, facts.CpuCount);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_759_136_000), facts.BootTime);
        Assert.Equal(("/var/run/docker.sock", true), (facts.DockerSocketPath, facts.DockerSocketWritable));
        Assert.Equal("2.1.14-1", facts.Tools["zpool"].Version);
        Assert.Equal("7.4", facts.Tools["smartctl"].Version);
        Assert.Equal("8.7.0", facts.Tools["virsh"].Version);
        Assert.Null(DeviceAdapters.For(DeviceType.Unraid).InstallCommand(facts, "smartmontools"));
    }

    [Fact]
    public void Parse_Proxmox_ReadsItsVersionAndLimitedSudo()
    {
        var facts = Parse("proxmox");

        Assert.Equal(DeviceType.Proxmox, facts.Type);
        Assert.Equal(("proxmox", "Proxmox VE 8.3.0", "8.3.0"), (facts.OsId, facts.OsName, facts.OsVersion));
        Assert.False(facts.Privileges.PasswordlessSudo);
        Assert.Equal(["/usr/sbin/smartctl", "/usr/sbin/zpool status"], facts.Privileges.SudoCommands);
        Assert.True(facts.Privileges.MaySudo("/usr/sbin/smartctl"));
        Assert.False(facts.Privileges.MaySudo("/usr/sbin/zpool"));
        Assert.Equal("sudo apt-get install -y nvme-cli", DeviceAdapters.For(facts.Type).InstallCommand(facts, "nvme-cli"));
    }

    [Fact]
    public void Parse_Lxc_StaysInsideItsLimits()
    {
        var facts = Parse("lxc-ubuntu");

        Assert.Equal((DeviceType.Lxc, "ubuntu", "24.04"), (facts.Type, facts.OsId, facts.OsVersion));
        Assert.Equal("lxc", facts.Virtualization);
        Assert.Equal(2, facts.CpuCount);
        Assert.Equal(2_147_483_648, facts.MemoryBytes);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_760_000_000 - 7200), facts.BootTime);

        // Its host's board is not its own: two guests of one host would be taken for one machine.
        Assert.Null(facts.MachineId);
    }

    [Fact]
    public void Parse_Alpine_FallsBackToItsLowestCard()
    {
        var facts = Parse("alpine", Asked);

        Assert.Equal((DeviceType.Alpine, "3.20.3", "BCM2835"), (facts.Type, facts.OsVersion, facts.CpuModel));
        Assert.Equal("mac:dc:a6:32:00:00:01", facts.MachineId);
        Assert.Null(facts.Virtualization);
        Assert.Equal(("/var/run/docker.sock", false), (facts.DockerSocketPath, facts.DockerSocketWritable));
        Assert.Equal("26.1.5", facts.Tools["docker"].Version);
        Assert.Equal("2.14.4", facts.Tools["apk"].Version);
        Assert.Equal(0, facts.TimeSkewSeconds);
    }

    [Theory]
    [InlineData(0, 1, 0)] // 0.25 to 0.75 there, 0 to 1 here: the same middle
    [InlineData(-10, 1, 10)]
    [InlineData(10, 1, -10)]
    public void Parse_Clocks_SkewIsBetweenTheMiddles(double askedLater, double took, double skew)
    {
        Assert.Equal(skew, Parse("unraid", Asked.AddSeconds(askedLater), took).TimeSkewSeconds);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(-20, 20)]
    [InlineData(20, -20)]
    public void Parse_ClockOfWholeSeconds_TellsNoSkewThatRoundingExplains(double askedLater, double skew)
    {
        Assert.Equal(skew, Parse("alpine", Asked.AddSeconds(askedLater), 0.1).TimeSkewSeconds!.Value, 1.0);
    }

    [Fact]
    public void Parse_TimesNotGiven_SkewIsUnknown() => Assert.Null(Parse("unraid").TimeSkewSeconds);

    [Theory]
    [InlineData("docker")]
    [InlineData("lxc")]
    [InlineData("podman")]
    public void Parse_ContainerTellsItself_WhateverTheBoardSays(string container)
    {
        var facts = Parse(Recorded.Changed("proxmox", "|detected none\n|environ \n", $"|detected none\n|environ {container}\n"));

        Assert.Equal(container, facts.Virtualization);
    }

    [Fact]
    public void Parse_NoDetectVirt_ReadsTheBoard()
    {
        var facts = Parse(Recorded.Changed("unraid", "|vendor ASUSTeK COMPUTER INC.", "|vendor QEMU"));

        Assert.Equal("kvm", facts.Virtualization);
    }

    [Theory]
    [InlineData("03000200-0400-0500-0006-000700080009")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("Not Settable")]
    public void Parse_BoardWithoutAnIdentity_IsNotUsed(string uuid)
    {
        var output = Encoding.UTF8.GetString(Recorded.Bytes("unraid"))
            .Replace("|dmi 6c2b1a70-11d5-11ed-9c3a-04421a2b3c4d", "|dmi " + uuid, StringComparison.Ordinal)
            .Replace("|hostkey ssh-ed25519", "|nokey", StringComparison.Ordinal);

        Assert.Equal("mac:04:42:1a:2b:3c:4d", Parse(Encoding.UTF8.GetBytes(output)).MachineId);
    }

    [Fact]
    public void Parse_ToolPrintsASectionHeader_OpensNone()
    {
        var output = Recorded.Changed("unraid", "|8.7.0", "|= user\n|0\n|= end\n|8.7.0");

        var facts = Parse(output);

        Assert.Equal("root", facts.Privileges.User);
        Assert.Equal("8.7.0", facts.Tools["virsh"].Version);
    }

    [Fact]
    public void Parse_CutWhileVersionsAreAsked_StillTellsTheTools()
    {
        var output = Encoding.UTF8.GetString(Recorded.Bytes("unraid"));
        var cut = output[..output.IndexOf("= version virsh", StringComparison.Ordinal)];

        var facts = Parse(Encoding.UTF8.GetBytes(cut));

        Assert.True(facts.HasTool("smartctl"));
        Assert.Null(facts.Tools["smartctl"].Version);
    }

    [Theory]
    [MemberData(nameof(AllRecorded))]
    public void Parse_CutAnywhere_IsNullUntilTheToolsAreKnownAndNeverThrows(string name)
    {
        var whole = Recorded.Bytes(name);
        var tools = Encoding.UTF8.GetString(whole).IndexOf("= clockend", StringComparison.Ordinal);
        for (var length = 0; length < whole.Length; length++)
        {
            var facts = FactsParser.Parse(whole.AsSpan(0, length), Asked);
            Assert.Equal(length <= tools + "= clockend".Length, facts is null);
        }
    }

    [Theory]
    [MemberData(nameof(AllRecorded))]
    public void Parse_BytesBroken_NeverThrows(string name)
    {
        var random = new Random(7);
        var whole = Recorded.Bytes(name);
        for (var round = 0; round < 300; round++)
        {
            var broken = (byte[])whole.Clone();
            for (var i = 0; i < 1 + (round / 3); i++)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            var facts = FactsParser.Parse(broken, Asked, TimeSpan.FromSeconds(1));
            Assert.DoesNotContain((facts?.OsName ?? "") + facts?.Hostname + facts?.CpuModel, char.IsControl);
        }
    }

    [Fact]
    public void Parse_NonsenseNumbers_AreUnknown()
    {
        var text = Encoding.UTF8.GetString(Recorded.Bytes("unraid"))
            .Replace("|12\n", "|99999999999999999999999999\n", StringComparison.Ordinal)
            .Replace("|0-11", "|7-3", StringComparison.Ordinal)
            .Replace("65605712 kB", "1e400 kB", StringComparison.Ordinal)
            .Replace("|1759136000", "|-5", StringComparison.Ordinal)
            .Replace("|1760000000.250000000", "|NaN", StringComparison.Ordinal);

        var facts = Parse(Encoding.UTF8.GetBytes(text), Asked);

        Assert.Null(facts.CpuCount);
        Assert.Null(facts.MemoryBytes);
        Assert.Null(facts.BootTime);
        Assert.Null(facts.TimeSkewSeconds);
    }

    [Fact]
    public void Parse_ToolPathThatIsNoPath_IsNoTool()
    {
        var facts = Parse(Recorded.Changed("unraid", "|lsblk /usr/bin/lsblk", "|lsblk /usr/bin/ls'; reboot #"));

        Assert.False(facts.HasTool("lsblk"));
        Assert.True(facts.HasTool("mover"));
    }

    [Fact]
    public void Probe_OutputIsNoAnswer_IsFailedWithAnExcerpt()
    {
        var result = new CommandResult
        {
            ExitCode = 127,
            Output = "This account is currently not available.\n"u8.ToArray(),
            Error = "sh: not found"u8.ToArray(),
            Duration = TimeSpan.FromMilliseconds(5),
        };

        var reading = FactsProbe.Parse(result, Asked);

        Assert.Equal(ReadingStatus.Failed, reading.Status);
        Assert.Contains("not available", reading.RawExcerpt, StringComparison.Ordinal);
    }

    public static TheoryData<string> AllRecorded() => [.. Recorded.All];
}
