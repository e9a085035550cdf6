using Fleetwright.Features.Systems;
using Fleetwright.Platform.Health;

namespace Fleetwright.Tests.Features.Systems;

public sealed class SystemFindingsTests
{
    private static readonly SystemMetrics Fine = new()
    {
        Scope = new SystemScope { Kind = SystemScopeKind.Host },
        Cpu = new CpuMetrics(),
        Memory = Memory(50),
        FileSystems = [FileSystem(89.9, 10)],
        Temperatures = [Sensor(60, 100), Sensor(120, null)],
    };

    [Fact]
    public void Of_NothingWrong_IsEmpty() => Assert.Empty(SystemFindings.Of("nas", Fine, null));

    [Fact]
    public void Of_Nothing_IsEmptyBecauseUnknownIsNoFinding() =>
        Assert.Empty(SystemFindings.Of("nas", new SystemMetrics { Scope = Fine.Scope, Cpu = new CpuMetrics() }, null));

    [Theory]
    [InlineData(90, FindingSeverity.Warning)]
    [InlineData(94.9, FindingSeverity.Warning)]
    [InlineData(95, FindingSeverity.Critical)]
    public void Of_FullFileSystem_SaysHowFull(double percent, FindingSeverity severity)
    {
        var finding = Assert.Single(SystemFindings.Of("nas", Fine with { FileSystems = [FileSystem(percent, 10)] }, DateTimeOffset.UnixEpoch));

        Assert.Equal((severity, "file_system_full", "nas", "/data"), (finding.Severity, finding.Kind, finding.Device, finding.Subject));
        Assert.Equal(percent, finding.Evidence!["usedPercent"]);
        Assert.Equal("nas", finding.Arguments!["device"]);
        Assert.Equal(DateTimeOffset.UnixEpoch, finding.ObservedAt);
        Assert.Contains("1 GiB", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_InodesUsedUp_IsAFindingWithSpaceLeft() =>
        Assert.Equal("file_system_inodes", Assert.Single(SystemFindings.Of("nas", Fine with { FileSystems = [FileSystem(10, 99)] }, null)).Kind);

    [Theory]
    [InlineData(91, null, FindingSeverity.Warning, "memory_low")]
    [InlineData(91, 20.0, FindingSeverity.Critical, "memory_low")]
    [InlineData(98, null, FindingSeverity.Critical, "memory_low")]
    [InlineData(50, 20.0, FindingSeverity.Warning, "memory_pressure")]
    public void Of_Memory_JudgesUseAndPressureTogether(double used, double? stalled, FindingSeverity severity, string kind)
    {
        var pressure = stalled is null ? null : new PressureMetrics { Memory = new PressureResource { SomePercent60s = stalled } };
        var finding = Assert.Single(SystemFindings.Of("nas", Fine with { Memory = Memory(used), Pressure = pressure }, null));

        Assert.Equal((severity, kind, "list_processes"), (finding.Severity, finding.Kind, finding.Operation));
    }

    [Theory]
    [InlineData(84.9, null)]
    [InlineData(85, FindingSeverity.Warning)]
    [InlineData(95, FindingSeverity.Critical)]
    public void Of_Temperature_IsJudgedByTheSensorsOwnLimit(double celsius, FindingSeverity? severity) =>
        Assert.Equal(severity, SystemFindings.Of("nas", Fine with { Temperatures = [Sensor(celsius, 100)] }, null).SingleOrDefault()?.Severity);

    [Theory]
    [InlineData(5, null)]
    [InlineData(-6, FindingSeverity.Warning)]
    [InlineData(4000, FindingSeverity.Critical)]
    public void OfClock_MoreThanFiveSeconds_IsAFinding(double skew, FindingSeverity? severity) =>
        Assert.Equal(severity, SystemFindings.OfClock("nas", skew)?.Severity);

    private static MemoryMetrics Memory(double percent) => new() { TotalBytes = 100, AvailableBytes = 1, UsedBytes = 99, UsedPercent = percent };

    private static TemperatureMetrics Sensor(double celsius, double? critical) =>
        new() { Chip = "coretemp", Label = "Package", TemperatureCelsius = celsius, CriticalCelsius = critical };

    private static FileSystemMetrics FileSystem(double percent, double inodes) => new()
    {
        MountPoint = "/data", Device = "/dev/sda1", Type = "ext4", ReadOnly = false, SizeBytes = 10L << 30, UsedBytes = 9L << 30,
        AvailableBytes = 1L << 30, UsedPercent = percent, Inodes = 100, InodesUsed = (long)inodes, InodesUsedPercent = inodes,
    };
}
