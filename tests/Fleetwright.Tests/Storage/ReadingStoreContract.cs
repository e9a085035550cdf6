using Fleetwright.Platform.Probes;
using static Fleetwright.Tests.Storage.StoreSamples;

namespace Fleetwright.Tests.Storage;

public abstract class ReadingStoreContract(StoreEngine engine)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Save_ThenReopen_KeepsEveryField()
    {
        await using var store = await engine.CreateAsync();
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        var reading = Reading("nas", "system", Noon, """{"a":"ü"}""");
        await store.Readings.SaveAsync([reading], Cancel);

        await store.ReopenAsync();

        var found = await store.Readings.FindAsync("nas", "system", Cancel);
        Assert.NotNull(found);
        Assert.Equal(reading.Value.ToArray(), found.Value.ToArray());
        Assert.Equal(reading with { Value = default }, found with { Value = default });
    }

    [Fact]
    public async Task Find_Unknown_IsNull()
    {
        await using var store = await engine.CreateAsync();
        Assert.Null(await store.Readings.FindAsync("nas", "system", Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Save_NotOkAfterOk_KeepsTheLastValueAndItsTime(bool writtenBetween)
    {
        await using var store = await engine.CreateAsync();
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        await store.Readings.SaveAsync([Reading("nas", "system", Noon, "{\"a\":1}")], Cancel);
        if (writtenBetween)
        {
            await store.ReopenAsync();
        }

        await store.Readings.SaveAsync([FailedReading("nas", "system", Noon.AddSeconds(30))], Cancel);

        var found = await store.Readings.FindAsync("nas", "system", Cancel);
        Assert.NotNull(found);
        Assert.Equal(ReadingStatus.Failed, found.Status);
        Assert.Equal("exit code 1", found.Reason);
        Assert.Equal("try again", found.Remedy);
        Assert.Equal("boom", found.RawExcerpt);
        Assert.Equal(Noon.AddSeconds(30), found.ObservedAt);
        Assert.Equal("{\"a\":1}"u8.ToArray(), found.Value.ToArray());
        Assert.Equal(Noon, found.ValueObservedAt);
    }

    [Fact]
    public async Task Save_OkAfterNotOk_ClearsTheReason()
    {
        await using var store = await engine.CreateAsync();
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        await store.Readings.SaveAsync([FailedReading("nas", "system", Noon)], Cancel);
        await store.ReopenAsync();
        await store.Readings.SaveAsync([Reading("nas", "system", Noon.AddSeconds(1), "{}")], Cancel);

        var found = await store.Readings.FindAsync("nas", "system", Cancel);
        Assert.Equal(ReadingStatus.Ok, found?.Status);
        Assert.Null(found?.Reason);
        Assert.Null(found?.RawExcerpt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Save_OlderThanWhatIsThere_ChangesNothing(bool writtenBetween)
    {
        await using var store = await engine.CreateAsync();
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        await store.Readings.SaveAsync([Reading("nas", "system", Noon, "\"new\"")], Cancel);
        if (writtenBetween)
        {
            await store.ReopenAsync();
        }

        await store.Readings.SaveAsync([Reading("nas", "system", Noon.AddSeconds(-1), "\"old\"")], Cancel);
        Assert.Equal("\"new\""u8.ToArray(), (await store.Readings.FindAsync("nas", "system", Cancel))?.Value.ToArray());
    }

    [Fact]
    public async Task Save_UnknownDevice_IsLeftOutAndTheOthersKept()
    {
        await using var store = await engine.CreateAsync();
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        await store.Readings.SaveAsync([Reading("gone", "system", Noon, "{}"), Reading("nas", "b", Noon, "{}"), Reading("nas", "a", Noon, "{}")], Cancel);
        Assert.Empty(await store.Readings.ListAsync("gone", Cancel));
        Assert.Equal(["a", "b"], (await store.Readings.ListAsync("nas", Cancel)).Select(reading => reading.Probe));
    }
}
