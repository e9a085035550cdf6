using System.Diagnostics;
using System.Text;
using Fleetwright.Features.Systems;
using Fleetwright.Features.Systems.Parsing;
using Fleetwright.Features.Systems.Processes;
using FsCheck;
using FsCheck.Fluent;

namespace Fleetwright.Tests.Features.Systems;

/// <summary>Whatever a device prints, parsing ends, soon, without an exception, and no number in it is impossible.</summary>
public sealed class HostileOutputTests
{
    private static readonly byte[][] Samples =
        [Recorded.Bytes("vm-dash"), Recorded.Bytes("vm-dash-later"), Recorded.Bytes("lxc-lxcfs"), Recorded.Bytes("docker-limited")];

    private static readonly string[] Replacements =
        ["", "-1", "-9223372036854775808", "18446744073709551615", "9223372036854775807", "99999999999999999999999", "1,5", "1e308", "NaN", "∞", "0", ":", "/", "\\040", "\0", "!"];

    [Fact]
    public void Parse_CutAnywhere_NeverThrows()
    {
        foreach (var sample in Samples)
        {
            for (var length = 0; length < sample.Length; length += 7)
            {
                Check(sample.AsSpan(0, length));
                ProcessListParser.Parse(sample.AsSpan(0, length));
            }
        }
    }

    [Fact]
    public void Parse_NumbersReplaced_NeverThrowsNorGivesImpossibleNumbers() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            var random = new Random(seed);
            var text = Encoding.UTF8.GetString(Samples[random.Next(Samples.Length)]);
            var every = random.Next(1, 40);
            var words = text.Split(' ');
            for (var i = random.Next(every); i < words.Length; i += random.Next(1, every + 1))
            {
                words[i] = Replacements[random.Next(Replacements.Length)];
            }

            Check(Encoding.UTF8.GetBytes(string.Join(' ', words)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Fact]
    public void Parse_BytesReplaced_NeverThrows() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            var random = new Random(seed);
            var bytes = Samples[random.Next(Samples.Length)].ToArray();
            for (var i = random.Next(200); i >= 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Check(bytes);
            ProcessListParser.Parse(bytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Theory]
    [InlineData("/proc/meminfo:MemTotal: ")]
    [InlineData("/proc/stat:cpu ")]
    [InlineData("!mount:/dev/x / ext4 ")]
    [InlineData("!fs:")]
    [InlineData("")]
    public void Parse_OneLineOfTenMegabytes_EndsSoon(string start)
    {
        var bytes = Encoding.ASCII.GetBytes(start + string.Concat(Enumerable.Repeat("1 ", 5_000_000)) + "\n/proc/uptime:5.00 1.00\n");
        var watch = Stopwatch.StartNew();

        Check(bytes);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    private static void Check(ReadOnlySpan<byte> bytes)
    {
        var first = SystemMetricsParser.Parse(ScriptOutput.Read(Samples[0]), SystemHistory.Empty, null)!.Value.Sample!;
        var parsed = SystemMetricsParser.Parse(ScriptOutput.Read(bytes), SystemHistory.Empty.With(first with { UptimeSeconds = 1 }), "lxc");
        if (parsed is not { Metrics: var metrics })
        {
            return;
        }

        foreach (var percent in new[] { metrics.Cpu.UsedPercent, metrics.Cpu.IowaitPercent, metrics.Memory?.UsedPercent, metrics.Swap?.UsedPercent }
            .Concat(metrics.FileSystems.Select(f => f.UsedPercent)).Concat(metrics.FileSystems.Select(f => f.InodesUsedPercent))
            .Concat(metrics.Disks.Select(d => d.BusyPercent)))
        {
            Assert.True(percent is null or (>= 0 and <= 100), $"{percent} is no percentage");
        }

        Assert.True(metrics.Memory is null || (metrics.Memory.AvailableBytes >= 0 && metrics.Memory.AvailableBytes <= metrics.Memory.TotalBytes));
        Assert.All(metrics.FileSystems, f => Assert.True(f.SizeBytes is null or > 0 && f.AvailableBytes is null or >= 0));
        Assert.All(SystemPoints.Of(metrics), point => Assert.True(double.IsFinite(point.Value)));
        Assert.True(SystemPoints.Of(metrics).Count() < 2000);
        _ = SystemFindings.Of("x", metrics, null).ToList();
        System.Text.Json.JsonSerializer.Serialize(metrics, Fleetwright.Platform.Json.Options);
    }
}
