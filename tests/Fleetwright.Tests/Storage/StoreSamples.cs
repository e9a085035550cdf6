using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Tests.Storage;

internal static class StoreSamples
{
    public static readonly DateTimeOffset Noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    public static Device Device(string id) => new()
    {
        Id = id,
        Name = id.ToUpperInvariant(),
        Address = new DeviceAddress { Host = id + ".example", User = "root", Port = 2222, KeyFile = "/keys/" + id },
        AddedAt = Noon,
        Tags = ["rack", "größe \"quoted\" 'single'"],
        DeclaredType = DeviceType.Proxmox,
        MachineId = "0123456789abcdef0123456789abcdef",
    };

    public static StoredReading Reading(string device, string probe, DateTimeOffset at, string json) => new()
    {
        DeviceId = device,
        Probe = probe,
        Status = ReadingStatus.Ok,
        ObservedAt = at,
        Duration = TimeSpan.FromMicroseconds(12_345),
        Value = System.Text.Encoding.UTF8.GetBytes(json),
        ValueObservedAt = at,
    };

    public static StoredReading FailedReading(string device, string probe, DateTimeOffset at) => new()
    {
        DeviceId = device,
        Probe = probe,
        Status = ReadingStatus.Failed,
        ObservedAt = at,
        Duration = TimeSpan.FromSeconds(1),
        Reason = "exit code 1",
        Remedy = "try again",
        RawExcerpt = "boom",
    };

    public static StoredPoint Point(string device, DateTimeOffset at, double value, string name = "system.cpu.utilization", params KeyValuePair<string, string>[] labels) =>
        new(device, at, new Point(name, value, labels));

    public static StoredKey Key(string id) => new()
    {
        Id = id,
        Name = "laptop",
        Prefix = "prefix-" + id,
        Hash = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(),
        Scopes = ["read", "operate"],
        CreatedAt = Noon,
        ExpiresAt = Noon.AddDays(30),
    };
}
