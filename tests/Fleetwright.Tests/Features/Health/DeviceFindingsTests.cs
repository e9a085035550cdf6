using Fleetwright.Features.Health;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Health;

namespace Fleetwright.Tests.Features.Health;

public sealed class DeviceFindingsTests
{
    [Fact]
    public void Of_EachStatus_IsFoundUnknownOrFine()
    {
        var report = DeviceFindings.Of(
        [
            Device("a", DeviceStatus.Online), Device("b", DeviceStatus.Offline), Device("c", DeviceStatus.Unreachable),
            Device("d", DeviceStatus.Unknown), Device("e", DeviceStatus.Online, paused: true), Device("f", DeviceStatus.Online),
        ]);

        Assert.Equal(
            [("b", "device_offline", FindingSeverity.Critical), ("c", "device_unreachable", FindingSeverity.Critical), ("e", "device_paused", FindingSeverity.Info)],
            report.Findings.Select(finding => (finding.Device!, finding.Kind, finding.Severity)));
        Assert.Equal("It does not answer: Connection refused.", report.Findings[0].What);
        Assert.Equal(DateTimeOffset.UnixEpoch, report.Findings[0].Since);
        Assert.Equal("d", Assert.Single(report.Unknowns).Device);
        Assert.Equal("offline=1 online=2 paused=1 unknown=1 unreachable=1", string.Join(' ', report.Counts["devices"].Select(count => $"{count.Key}={count.Value}")));
    }

    [Fact]
    public void WorstFirst_AmongEquallyBad_ADeviceThatIsAwayLeads()
    {
        Finding[] findings =
        [
            new() { Severity = FindingSeverity.Warning, Kind = "device_paused", Device = "a", What = "" },
            new() { Severity = FindingSeverity.Critical, Kind = "container_out_of_memory", Device = "b", What = "" },
            new() { Severity = FindingSeverity.Critical, Kind = "device_offline", Device = "z", What = "" },
        ];

        Assert.Equal(["device_offline", "container_out_of_memory", "device_paused"], OverviewOperations.WorstFirst(findings).Select(finding => finding.Kind));
    }

    private static RegisteredDevice Device(string id, DeviceStatus status, bool paused = false) => new(
        new Device { Id = id, Name = id, Address = DeviceAddress.Local, AddedAt = DateTimeOffset.UnixEpoch, Paused = paused },
        new DeviceState { Status = status, Reason = "Connection refused.", Since = DateTimeOffset.UnixEpoch },
        Facts: null);
}
