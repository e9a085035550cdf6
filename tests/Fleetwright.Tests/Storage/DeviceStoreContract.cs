using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using static Fleetwright.Tests.Storage.StoreSamples;

namespace Fleetwright.Tests.Storage;

public abstract class DeviceStoreContract(StoreEngine engine)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Save_ThenReopen_KeepsEveryField()
    {
        await using var store = await engine.CreateAsync();
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        await store.Devices.SaveAsync(
            Device("here") with { Address = DeviceAddress.Local, DeclaredType = null, MachineId = null, Tags = [], Paused = true }, Cancel);

        await store.ReopenAsync();

        var devices = await store.Devices.ListAsync(Cancel);
        Assert.Equal(["here", "nas"], devices.Select(device => device.Device.Id));
        Assert.Equivalent(Device("nas"), devices[1].Device, strict: true);
        Assert.Equal(DeviceState.Unasked, devices[1].State);
        Assert.True(devices[0].Device.Address.IsLocal);
        Assert.Null(devices[0].Device.DeclaredType);
        Assert.Null(devices[0].Device.MachineId);
        Assert.True(devices[0].Device.Paused);
    }

    [Fact]
    public async Task Save_KnownId_ReplacesAndKeepsState()
    {
        await using var store = await engine.CreateAsync();
        var state = new DeviceState
        {
            Status = DeviceStatus.Unreachable, Reason = "key rejected", Advice = "ssh-copy-id", Since = Noon, LastSeenAt = Noon.AddMinutes(-1),
        };
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        await store.Devices.SaveStateAsync("nas", state, Cancel);

        await store.Devices.SaveAsync(Device("nas") with { Name = "Other" }, Cancel);

        var device = Assert.Single(await store.Devices.ListAsync(Cancel));
        Assert.Equal("Other", device.Device.Name);
        Assert.Equal(state, device.State);
    }

    [Fact]
    public async Task Remove_TakesReadingsAndPointsAlong()
    {
        await using var store = await engine.CreateAsync();
        foreach (var id in new[] { "nas", "pve" })
        {
            await store.Devices.SaveAsync(Device(id), Cancel);
            await store.Readings.SaveAsync([Reading(id, "system", Noon, "{}")], Cancel);
            await store.Points.AppendAsync([Point(id, Noon, 1)], Cancel);
        }

        var series = Assert.Single(await store.Points.ListSeriesAsync("nas", null, Cancel));
        Assert.True(await store.Devices.RemoveAsync("nas", Cancel));

        Assert.Equal("pve", Assert.Single(await store.Devices.ListAsync(Cancel)).Device.Id);
        Assert.Empty(await store.Readings.ListAsync("nas", Cancel));
        Assert.Empty(await store.Points.ListSeriesAsync("nas", null, Cancel));
        Assert.Empty(await store.Points.QueryAsync(series.Id, Noon.AddHours(-1), Noon.AddHours(1), 10, Cancel));
        Assert.Single(await store.Readings.ListAsync("pve", Cancel));
        Assert.Single(await store.Points.ListSeriesAsync("pve", null, Cancel));
    }

    [Fact]
    public async Task Remove_UnknownId_IsFalse()
    {
        await using var store = await engine.CreateAsync();
        Assert.False(await store.Devices.RemoveAsync("nobody", Cancel));
    }

    [Fact]
    public async Task Remove_ThenAddAgain_StartsWithoutHistory()
    {
        await using var store = await engine.CreateAsync();
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        await store.Points.AppendAsync([Point("nas", Noon, 1)], Cancel);
        await store.Readings.SaveAsync([Reading("nas", "system", Noon, "{}")], Cancel);
        await store.Devices.RemoveAsync("nas", Cancel);
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        Assert.Empty(await store.Readings.ListAsync("nas", Cancel));
        await store.Points.AppendAsync([Point("nas", Noon.AddMinutes(1), 2)], Cancel);

        var series = Assert.Single(await store.Points.ListSeriesAsync("nas", null, Cancel));
        var bucket = Assert.Single(await store.Points.QueryAsync(series.Id, Noon.AddHours(-1), Noon.AddHours(1), 10, Cancel));
        Assert.Equal(2, bucket.Average);
    }

    [Fact]
    public async Task Save_ManyAtOnce_KeepsAll()
    {
        await using var store = await engine.CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => store.Devices.SaveAsync(Device($"d{i:000}"), Cancel)));
        Assert.Equal(300, (await store.Devices.ListAsync(Cancel)).Count);
    }

    [Fact]
    public async Task Save_Cancelled_WritesNothing()
    {
        await using var store = await engine.CreateAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Devices.SaveAsync(Device("nas"), cancelled.Token));
        Assert.Empty(await store.Devices.ListAsync(Cancel));
    }
}
