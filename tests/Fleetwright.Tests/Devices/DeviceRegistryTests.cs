using System.Text.Json;
using Fleetwright.Platform;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Devices.Facts;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;
using Fleetwright.Platform.Storage;
using Fleetwright.Tests.Devices.Facts;

namespace Fleetwright.Tests.Devices;

public sealed class DeviceRegistryTests : IAsyncDisposable
{
    private readonly DevicesKit _kit = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public async Task Add_ThenRestart_IsThereWithAllOfIt()
    {
        await _kit.Registry.AddAsync(
            new NewDevice
            {
                Name = "  My NAS ",
                Address = DevicesKit.Address("admin@nas.lan:2222"),
                Tags = ["Home", "home", "storage"],
                Type = DeviceType.Unraid,
                MachineId = "abc",
            },
            _cancel);

        await _kit.RestartAsync();

        var device = _kit.Registry.Get("my nas").Device;
        Assert.Equal("my-nas", device.Id);
        Assert.Equal("My NAS", device.Name);
        Assert.Equal("admin@nas.lan:2222", device.Address.ToString());
        Assert.Equal(["home", "storage"], device.Tags);
        Assert.Equal(DeviceType.Unraid, device.DeclaredType);
        Assert.Equal("abc", device.MachineId);
        Assert.Equal(_kit.Time.Now, device.AddedAt);
    }

    [Theory]
    [InlineData("NAS")]
    [InlineData("na-s")]
    [InlineData("Na S")]
    public async Task Add_NameThatWouldMeanTwoDevices_IsRefused(string name)
    {
        await _kit.AddAsync("nas", "root@one");
        await _kit.AddAsync("na s", "root@two");

        var refusal = await Assert.ThrowsAsync<OperationException>(() => _kit.AddAsync(name, "root@three"));

        Assert.Equal(OperationError.Conflict, refusal.Error);
    }

    [Theory]
    [InlineData("root@nas.lan")]
    [InlineData("admin@NAS.lan")]
    [InlineData("root@nas.lan:22")]
    public async Task Add_SameAddress_IsRefusedNamingTheOther(string address)
    {
        await _kit.AddAsync("nas", "root@nas.lan");

        var refusal = await Assert.ThrowsAsync<OperationException>(() => _kit.AddAsync("other", address));

        Assert.Contains("'nas'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_SameMachineId_IsRefusedUnlessAllowed()
    {
        await _kit.AddAsync("nas", "root@nas.lan", "m1");
        var twice = new NewDevice { Name = "nas2", Address = DevicesKit.Address("root@100.64.0.1"), MachineId = "m1" };

        var refusal = await Assert.ThrowsAsync<OperationException>(() => _kit.Registry.AddAsync(twice, _cancel));
        Assert.Contains("same machine as 'nas'", refusal.Message, StringComparison.Ordinal);

        await _kit.Registry.AddAsync(twice with { AllowSameMachine = true }, _cancel);
        Assert.Equal(2, _kit.Registry.List().Count);
    }

    [Theory]
    [InlineData("import")]
    [InlineData("Export")]
    public async Task Add_WordOfTheRoutes_IsRefused(string name)
    {
        await Assert.ThrowsAsync<OperationException>(() => _kit.AddAsync(name));
    }

    [Fact]
    public async Task Get_Unknown_NamesNearMissesOrAll()
    {
        Assert.Contains("add_device", Assert.Throws<OperationException>(() => _kit.Registry.Get("x")).NextStep, StringComparison.Ordinal);
        await _kit.AddAsync("media-server");
        await _kit.AddAsync("nas");

        Assert.Equal("Did you mean media-server?", Assert.Throws<OperationException>(() => _kit.Registry.Get("media-sever")).NextStep);
        Assert.Equal("The devices are: media-server, nas.", Assert.Throws<OperationException>(() => _kit.Registry.Get("qqqqq")).NextStep);
    }

    [Fact]
    public async Task Update_Name_KeepsTheIdAndTheConnection()
    {
        await _kit.AddAsync("nas");
        var connection = _kit.Registry.ConnectionOf("nas");

        await _kit.Registry.UpdateAsync("nas", new DeviceChange { Name = "Store" }, _cancel);

        Assert.Equal("nas", _kit.Registry.Get("store").Id);
        Assert.Same(connection, _kit.Registry.ConnectionOf("nas"));
        await _kit.RestartAsync();
        Assert.Equal("Store", _kit.Registry.Get("nas").Name);
    }

    [Fact]
    public async Task Update_Address_ClosesTheOldConnectionAndForgetsTheStatus()
    {
        await _kit.AddAsync("nas");
        var old = (FakeConnection)_kit.Registry.ConnectionOf("nas");
        _kit.Registry.ReportAnswered("nas", _kit.Time.Now);

        await _kit.Registry.UpdateAsync("nas", new DeviceChange { Address = DevicesKit.Address("root@elsewhere") }, _cancel);

        Assert.True(old.IsDisposed);
        Assert.NotSame(old, _kit.Registry.ConnectionOf("nas"));
        Assert.Equal(DeviceStatus.Unknown, _kit.Registry.Get("nas").State.Status);
        Assert.Equal(_kit.Time.Now, _kit.Registry.Get("nas").State.LastSeenAt);
    }

    [Fact]
    public async Task Pause_ClosesTheConnection_AndResumeStartsUnknown()
    {
        await _kit.AddAsync("nas");
        var old = (FakeConnection)_kit.Registry.ConnectionOf("nas");
        _kit.Registry.ReportAnswered("nas", _kit.Time.Now);

        var paused = await _kit.Registry.UpdateAsync("nas", new DeviceChange { Paused = true }, _cancel);
        _kit.Registry.ReportAnswered("nas", _kit.Time.Now.AddSeconds(1));

        Assert.True(old.IsDisposed);
        Assert.True(paused.IsAway);
        Assert.Equal((DeviceStatus.Unknown, "Paused."), (_kit.Registry.Get("nas").State.Status, _kit.Registry.Get("nas").State.Reason));
        Assert.Equal(OperationError.DeviceAway, Assert.Throws<OperationException>(() => _kit.Registry.ConnectionOf("nas")).Error);
        await _kit.RestartAsync();
        Assert.True(_kit.Registry.Get("nas").Device.Paused);

        var resumed = await _kit.Registry.UpdateAsync("nas", new DeviceChange { Paused = false }, _cancel);
        Assert.Equal(DeviceStatus.Unknown, resumed.State.Status);
        Assert.Null(resumed.State.Reason);
        Assert.NotNull(_kit.Registry.ConnectionOf("nas"));
    }

    [Fact]
    public async Task Remove_ClosesTheConnection_AndALateReportDoesNotBringItBack()
    {
        await _kit.AddAsync("nas");
        var old = (FakeConnection)_kit.Registry.ConnectionOf("nas");
        _kit.Registry.ReportAnswered("nas", _kit.Time.Now);

        await _kit.Registry.RemoveAsync("nas", _cancel);
        _kit.Registry.ReportAnswered("nas", _kit.Time.Now);
        _kit.Registry.ReportFacts("nas", FactsParser.Parse(Recorded.Bytes("unraid"))!);

        Assert.True(old.IsDisposed);
        await _kit.RestartAsync();
        Assert.Empty(_kit.Registry.List());
    }

    [Fact]
    public async Task Load_TakesTheFactsOfTheLastReading()
    {
        await _kit.AddAsync("nas");
        var facts = FactsParser.Parse(Recorded.Bytes("unraid"))!;
        await _kit.Readings.SaveAsync(
            [new StoredReading
            {
                DeviceId = "nas",
                Probe = "facts",
                Status = ReadingStatus.Ok,
                ObservedAt = _kit.Time.Now,
                ValueObservedAt = _kit.Time.Now,
                Duration = TimeSpan.FromSeconds(1),
                Value = JsonSerializer.SerializeToUtf8Bytes(facts, Json.Options),
            }],
            _cancel);

        await _kit.RestartAsync();

        var loaded = _kit.Registry.Get("nas").Facts!;
        Assert.Equal(JsonSerializer.Serialize(facts, Json.Options), JsonSerializer.Serialize(loaded, Json.Options));
        Assert.Equal(DeviceType.Unraid, _kit.Registry.Get("nas").Type);
    }

    [Fact]
    public async Task ReportFacts_OfAMachineThatIsThereAlready_PausesTheLaterOneUntilAPersonResumesIt()
    {
        var facts = FactsParser.Parse(Recorded.Bytes("unraid"))!;
        await _kit.AddAsync("nas", "root@nas.lan", facts.MachineId);
        await _kit.AddAsync("twin", "root@100.64.0.1");

        _kit.Registry.ReportFacts("twin", facts);

        var twin = _kit.Registry.Get("twin");
        Assert.True(twin.Device.Paused);
        Assert.Contains("same machine as 'nas'", twin.State.Reason, StringComparison.Ordinal);
        Assert.False(_kit.Registry.Get("nas").Device.Paused);
        await _kit.RestartAsync();
        Assert.True(_kit.Registry.Get("twin").Device.Paused);
        Assert.Contains("same machine as 'nas'", _kit.Registry.Get("twin").State.Reason, StringComparison.Ordinal);

        await _kit.Registry.UpdateAsync("twin", new DeviceChange { Paused = false }, _cancel);
        _kit.Registry.ReportFacts("twin", facts);
        Assert.False(_kit.Registry.Get("twin").Device.Paused);
    }

    [Fact]
    public async Task EnsureLocal_OnlyWhenThereIsNothing()
    {
        var added = await _kit.Registry.EnsureLocalDeviceAsync(_cancel);

        Assert.True(added!.Device.Address.IsLocal);
        Assert.Equal(Environment.MachineName, added.Name);
        Assert.Null(await _kit.Registry.EnsureLocalDeviceAsync(_cancel));
    }

    [Fact]
    public async Task Changes_ArePublishedInTheirOrder()
    {
        using var events = _kit.Events.Subscribe();
        await _kit.AddAsync("nas");
        _kit.Registry.ReportAnswered("nas", _kit.Time.Now);
        _kit.Registry.ReportAnswered("nas", _kit.Time.Now.AddSeconds(30));
        _kit.Registry.ReportFailure("nas", DevicesKit.Failure(ConnectionFailure.Refused), _kit.Time.Now.AddSeconds(60));
        await _kit.Registry.UpdateAsync("nas", new DeviceChange { Tags = ["a"] }, _cancel);
        await _kit.Registry.RemoveAsync("nas", _cancel);

        var seen = new List<string>();
        while (events.Events.TryRead(out var happened))
        {
            Assert.Equal("nas", happened.Device);
            seen.Add(happened.Data is DeviceStatusChange change ? $"{happened.Type} {change.Was}>{change.State.Status}" : happened.Type);
        }

        Assert.Equal(
            ["device.added", "device.status Unknown>Online", "device.status Online>Offline", "device.changed", "device.removed"], seen);
    }

    [Fact]
    public async Task ManyAtOnce_AddReportAndRemove_LeaveWhatWasMeant()
    {
        await Parallel.ForAsync(0, 40, _cancel, async (i, cancel) =>
        {
            var id = (await _kit.AddAsync($"d{i:00}")).Id;
            for (var n = 0; n < 20; n++)
            {
                _kit.Registry.ReportAnswered(id, _kit.Time.Now.AddSeconds(n));
                _ = _kit.Registry.List().Count;
            }

            if (i % 2 == 0)
            {
                await _kit.Registry.RemoveAsync(id, cancel);
            }
        });

        await _kit.RestartAsync();

        Assert.Equal(Enumerable.Range(0, 40).Where(i => i % 2 == 1).Select(i => $"d{i:00}"), _kit.Registry.List().Select(device => device.Id));
    }
}
