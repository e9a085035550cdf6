using Fleetwright.Features.Devices;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Tests.Devices;
using Fleetwright.Tests.Devices.Facts;

namespace Fleetwright.Tests.Features.Devices;

public sealed class DeviceOperationsTests : IAsyncDisposable
{
    private readonly DevicesKit _kit = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    // Only get_device_info observes; it is tested over a real connection.
    private DeviceOperations Operations => new(_kit.Registry, _kit.Enrollment, _kit.Tester, null!, new FactsProbe());

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public void Catalogue_OfDevices_HasNoMistakeAndStaysTerse()
    {
        var catalogue = new OperationCatalogue([new OperationSource(typeof(DeviceOperations)), new OperationSource(typeof(DeviceMaintenanceOperations))]);

        var tools = catalogue.Operations.Where(operation => operation.Toolset == "core").ToList();
        Assert.Equal(["add_device", "get_device_info", "list_devices", "remove_device", "test_device", "update_device"], tools.Select(tool => tool.Name));
        Assert.Equal(3, catalogue.Operations.Count(operation => operation.Toolset == "maintenance"));
        Assert.All(catalogue.Operations, operation => Assert.InRange(operation.Description.Length, 20, 300));
        var tokens = tools.Sum(tool => tool.Name.Length + tool.Description.Length + tool.InputSchema.ToJsonString().Length) / 4;
        Assert.True(tokens <= 1000, $"the tools of devices take {tokens} of the 3,500 tokens that all tools share");
    }

    [Fact]
    public async Task ListDevices_FiltersTogether_AndPages()
    {
        _kit.Machines["root@nas"] = () => Recorded.Bytes("unraid");
        await Operations.AddDeviceAsync(new AddDevice { Name = "nas", Address = "root@nas", Tags = ["home"] }, _cancel);
        await Operations.AddDeviceAsync(new AddDevice { Name = "web", Address = "root@web", Tags = ["home", "dmz"] }, _cancel);
        await Operations.AddDeviceAsync(new AddDevice { Name = "db", Address = "root@db" }, _cancel);

        Assert.Equal(["db", "nas", "web"], await List());
        Assert.Equal(["nas", "web"], await List(tag: "HOME"));
        Assert.Equal(["web"], await List(status: DeviceStatus.Offline, tag: "home"));
        Assert.Equal(["nas"], await List(type: DeviceType.Unraid));
        Assert.Equal(["nas"], await List(search: "unraid 6"));
        Assert.Empty(await List(search: "zzz"));

        var first = await Operations.ListDevicesAsync(null, null, null, null, null, 2, _cancel);
        var second = await Operations.ListDevicesAsync(null, null, null, null, first.NextCursor, 2, _cancel);
        Assert.Equal((3, "web"), (first.Total, Assert.Single(second.Items).Id));
        Assert.Null(second.NextCursor);
    }

    [Fact]
    public async Task AddDevice_TellsWhatWorksAndWhatDoesNot()
    {
        _kit.Machines["ops@router"] = () => Recorded.Bytes("alpine");

        var added = await Operations.AddDeviceAsync(new AddDevice { Name = "router", Address = "ops@router" }, _cancel);

        Assert.True(added.Reached);
        Assert.Equal((DeviceStatus.Online, DeviceType.Alpine), (added.Device.Status, added.Device.Type!.Value));
        Assert.Contains(added.Checks, check => check.Remedy == "sudo usermod -aG docker ops");
    }

    [Theory]
    [InlineData("root@")]
    [InlineData("a b")]
    [InlineData("root@host:x")]
    public async Task AddDevice_AddressThatIsNone_IsRefused(string address)
    {
        var refusal = await Assert.ThrowsAsync<OperationException>(
            () => Operations.AddDeviceAsync(new AddDevice { Name = "x", Address = address }, _cancel));

        Assert.Equal(OperationError.Invalid, refusal.Error);
    }

    [Fact]
    public async Task UpdateDevice_ChangesOnlyWhatIsGiven()
    {
        var key = Path.Combine(Directory.CreateTempSubdirectory("fw-op-").FullName, "key");
        await File.WriteAllTextAsync(key, "-----BEGIN OPENSSH PRIVATE KEY-----\n", _cancel);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await Operations.AddDeviceAsync(new AddDevice { Name = "nas", Address = "root@nas", KeyFile = key, Tags = ["a"], Type = DeviceTypeChoice.Unraid }, _cancel);

        await Operations.UpdateDeviceAsync("nas", new UpdateDevice { Address = "root@nas:2222" }, _cancel);
        var device = _kit.Registry.Get("nas").Device;
        Assert.Equal(("root@nas:2222", key, DeviceType.Unraid), (device.Address.ToString(), device.Address.KeyFile, device.DeclaredType!.Value));
        Assert.Equal(["a"], device.Tags);

        await Operations.UpdateDeviceAsync("nas", new UpdateDevice { KeyFile = "", Type = DeviceTypeChoice.Auto, Paused = true }, _cancel);
        device = _kit.Registry.Get("nas").Device;
        Assert.Null(device.Address.KeyFile);
        Assert.Null(device.DeclaredType);
        Assert.True(device.Paused);

        await Operations.UpdateDeviceAsync("nas", new UpdateDevice { Address = "local", Paused = false }, _cancel);
        Assert.True(_kit.Registry.Get("nas").Device.Address.IsLocal);
        Directory.Delete(Path.GetDirectoryName(key)!, recursive: true);
    }

    [Fact]
    public async Task RemoveDevice_ThatIsNone_NamesWhatThereIs()
    {
        await _kit.AddAsync("nas");

        var refusal = await Assert.ThrowsAsync<OperationException>(() => Operations.RemoveDeviceAsync("nass", _cancel));

        Assert.Equal((OperationError.NotFound, "Did you mean nas?"), (refusal.Error, refusal.NextStep));
    }

    private async Task<IEnumerable<string>> List(DeviceStatus? status = null, string? tag = null, DeviceType? type = null, string? search = null) =>
        (await Operations.ListDevicesAsync(status, tag, type, search, null, null, _cancel)).Items.Select(device => device.Id);
}
