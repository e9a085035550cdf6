using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Devices.Import;
using Fleetwright.Platform.Operations;
using Fleetwright.Tests.Devices.Facts;

namespace Fleetwright.Tests.Devices.Import;

public sealed class DeviceImporterTests : IAsyncDisposable
{
    private const string Yaml = """
        devices:
          - { name: nas, ssh: root@nas }
          - { name: away, ssh: root@away, tags: [x] }
          - { name: again, ssh: admin@nas }
          - { name: AWAY, ssh: root@third }
          - { name: bad, ssh: "root@bad:0" }
          - { name: old, ssh: root@old }
          - { name: sleeping, ssh: root@sleeping, paused: true }
        """;

    private readonly DevicesKit _kit = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public async Task Import_TellsOfEachEntryWhatBecameOfIt()
    {
        await _kit.AddAsync("old", "root@old");
        _kit.Machines["root@nas"] = () => Recorded.Bytes("unraid");

        var report = await Import(Yaml);

        Assert.Equal(
            ["nas Added True", "away Added False", "again Refused ", "AWAY Refused ", "bad Refused ", "old Skipped ", "sleeping Added "],
            report.Entries.Select(entry => $"{entry.Name} {entry.Outcome} {entry.Reached}"));
        Assert.Equal((3, 1, 3), (report.Added, report.Skipped, report.Refused));
        Assert.All(report.Entries.Where(entry => entry.Outcome != ImportOutcome.Added), entry => Assert.NotEmpty(entry.Why!));
        Assert.Contains("Nothing listens there", report.Entries[1].Why, StringComparison.Ordinal);
        Assert.Equal(["away", "nas", "old", "sleeping"], _kit.Registry.List().Select(device => device.Id));
        Assert.Equal(DeviceStatus.Online, _kit.Registry.Get("nas").State.Status);
    }

    [Fact]
    public async Task Import_DryRun_TellsTheSameAndDoesNothing()
    {
        await _kit.AddAsync("old", "root@old");

        var report = await Import(Yaml, dryRun: true);

        Assert.True(report.DryRun);
        Assert.Equal((3, 1, 3), (report.Added, report.Skipped, report.Refused));
        Assert.Equal("old", Assert.Single(_kit.Registry.List()).Id);
        Assert.Empty(_kit.Connections);
    }

    [Fact]
    public async Task Import_Twice_SkipsAllTheSecondTime()
    {
        await Import("devices:\n  - { name: a, ssh: a }\n  - { name: b, ssh: b }\n");

        var again = await Import(_kit.Importer.Export());

        Assert.Equal((0, 2, 0), (again.Added, again.Skipped, again.Refused));
    }

    [Fact]
    public async Task Import_OneMachineUnderTwoNames_AddsItOnce()
    {
        _kit.Machines["a"] = () => Recorded.Bytes("unraid");
        _kit.Machines["b"] = () => Recorded.Bytes("unraid");

        var report = await Import("devices:\n  - { name: a, ssh: a }\n  - { name: b, ssh: b }\n");

        Assert.Equal((1, 0, 1), (report.Added, report.Skipped, report.Refused));
        Assert.Contains("same machine as", report.Entries.Single(entry => entry.Outcome == ImportOutcome.Refused).Why, StringComparison.Ordinal);
        Assert.Single(_kit.Registry.List());
    }

    [Fact]
    public async Task Import_NotReadableAsAWhole_AddsNothing()
    {
        await Assert.ThrowsAsync<OperationException>(() => Import("devices:\n  - { name: a, ssh: a }\n  - {"));

        Assert.Empty(_kit.Registry.List());
    }

    [Fact]
    public async Task Export_ThenImportElsewhere_IsTheSameFleet()
    {
        await _kit.Registry.AddAsync(new NewDevice { Name = "Attic NAS", Address = DevicesKit.Address("root@nas:2222"), Tags = ["home"], Type = DeviceType.Unraid }, _cancel);
        await _kit.Registry.EnsureLocalDeviceAsync(_cancel);
        var yaml = _kit.Importer.Export();

        await using var other = new DevicesKit();
        await other.Importer.ImportAsync(new ImportRequest { Format = ImportFormat.Inventory, Content = yaml }, _cancel);

        Assert.Equal(yaml, other.Importer.Export());
    }

    [Fact]
    public async Task Import_Progress_RisesToTheNumberOfDevices()
    {
        var seen = new List<double>();
        OperationContext.Current = new OperationContext
        {
            Caller = Caller.Local,
            Door = "cli",
            OnProgress = progress =>
            {
                lock (seen)
                {
                    seen.Add(progress.Done);
                }
            },
        };

        await Import("devices:\n  - { name: a, ssh: a }\n  - { name: b, ssh: b }\n");

        Assert.Equal([1, 2], seen.Order());
    }

    private Task<ImportReport> Import(string yaml, bool dryRun = false) =>
        _kit.Importer.ImportAsync(new ImportRequest { Format = ImportFormat.Inventory, Content = yaml, DryRun = dryRun }, _cancel);
}
