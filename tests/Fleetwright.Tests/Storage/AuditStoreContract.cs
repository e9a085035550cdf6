using Fleetwright.Platform.Storage;
using static Fleetwright.Tests.Storage.StoreSamples;

namespace Fleetwright.Tests.Storage;

public abstract class AuditStoreContract(StoreEngine engine)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Append_ThenReopen_KeepsEveryFieldNewestFirst()
    {
        await using var store = await engine.CreateAsync();
        await store.Audit.AppendAsync(Entry("add_device") with { Device = "nas", Arguments = """{"device":"nas"}""" }, Cancel);
        await store.Audit.AppendAsync(Entry("list_devices"), Cancel);
        await store.ReopenAsync();

        var entries = await store.Audit.ListAsync(null, 10, Cancel);
        Assert.Equal(["list_devices", "add_device"], entries.Select(entry => entry.Operation));
        Assert.True(entries[0].Id > entries[1].Id);
        Assert.Equal(
            Entry("add_device") with { Id = entries[1].Id, Device = "nas", Arguments = """{"device":"nas"}""" }, entries[1]);
    }

    [Fact]
    public async Task List_PagedByBefore_GivesEachEntryOnce()
    {
        await using var store = await engine.CreateAsync();
        for (var i = 0; i < 25; i++)
        {
            await store.Audit.AppendAsync(Entry("op" + i), Cancel);
        }

        var seen = new List<string>();
        long? before = null;
        while (await store.Audit.ListAsync(before, 10, Cancel) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(entry => entry.Operation));
            before = page[^1].Id;
        }

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => "op" + i), seen);
    }

    [Fact]
    public async Task Maintain_EntriesPastTheirRetention_AreRemoved()
    {
        await using var store = await engine.CreateAsync(options => options.AuditRetention = TimeSpan.FromDays(10));
        await store.Audit.AppendAsync(Entry("old"), Cancel);
        await store.Audit.AppendAsync(Entry("new") with { At = Noon.AddDays(5) }, Cancel);
        await store.Points.MaintainAsync(Noon.AddDays(11), Cancel);
        Assert.Equal("new", Assert.Single(await store.Audit.ListAsync(null, 10, Cancel)).Operation);
    }

    private static AuditEntry Entry(string operation) => new()
    {
        At = Noon, Caller = "laptop", Door = "rest", Operation = operation, Outcome = "ok", Duration = TimeSpan.FromMicroseconds(1500),
    };
}
