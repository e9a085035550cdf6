using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Health;

namespace Fleetwright.Features.Health;

/// <summary>What the registry alone knows to be wrong: devices that do not answer.</summary>
internal static class DeviceFindings
{
    public static HealthReport Of(IReadOnlyList<RegisteredDevice> devices) => new()
    {
        Findings = [.. devices.Select(Finding).OfType<Finding>()],
        Unknowns = [.. devices.Where(static device => !device.Device.Paused && device.State.Status == DeviceStatus.Unknown)
            .Select(static device => new UnknownHealth(device.Id, "device", "It was not asked yet since Fleetwright started.", "Ask now: test_device."))],
        Counts = devices.Count == 0 ? HealthReport.Empty.Counts : new Dictionary<string, IReadOnlyDictionary<string, int>>(StringComparer.Ordinal)
        {
            ["devices"] = devices.GroupBy(Word, StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal)
                .ToDictionary(static group => group.Key, static group => group.Count(), StringComparer.Ordinal),
        },
    };

    private static Finding? Finding(RegisteredDevice device) => device switch
    {
        // Paused on purpose, and still nobody looks after it meanwhile.
        { Device.Paused: true } => Of(device, FindingSeverity.Info, "device_paused", "It is paused: nothing of it is watched."),
        { State.Status: DeviceStatus.Offline } => Of(device, FindingSeverity.Critical, "device_offline", "It does not answer: " + Why(device)),
        { State.Status: DeviceStatus.Unreachable } => Of(device, FindingSeverity.Critical, "device_unreachable", "It is there and does not let Fleetwright in: " + Why(device)),
        _ => null,
    };

    private static Finding Of(RegisteredDevice device, FindingSeverity severity, string kind, string what) => new()
    {
        Severity = severity,
        Kind = kind,
        Device = device.Id,
        What = what,
        Since = device.State.Since,
        ObservedAt = device.State.LastSeenAt,
        Remedy = device.State.Advice,
        Operation = device.Device.Paused ? "get_device_info" : "test_device",
        Arguments = new Dictionary<string, string>(StringComparer.Ordinal) { ["device"] = device.Id },
    };

    private static string Why(RegisteredDevice device) => device.State.Reason ?? "the reason is not known.";

    private static string Word(RegisteredDevice device) => device.Device.Paused ? "paused" : device.State.Status.ToString().ToLowerInvariant();
}
