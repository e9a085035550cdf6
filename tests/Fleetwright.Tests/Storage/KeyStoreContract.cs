using Fleetwright.Platform.Storage;
using static Fleetwright.Tests.Storage.StoreSamples;

namespace Fleetwright.Tests.Storage;

public abstract class KeyStoreContract(StoreEngine engine)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_ThenReopen_KeepsEveryField()
    {
        await using var store = await engine.CreateAsync();
        var key = Key("k1");
        await store.Keys.AddAsync(key, Cancel);
        await store.ReopenAsync();

        var found = await store.Keys.FindByPrefixAsync("prefix-k1", Cancel);
        Assert.NotNull(found);
        Assert.Equal(key.Hash.ToArray(), found.Hash.ToArray());
        Assert.Equal(key.Scopes, found.Scopes);
        Assert.Equal(key with { Hash = default, Scopes = [] }, found with { Hash = default, Scopes = [] });
        Assert.Equal("k1", Assert.Single(await store.Keys.ListAsync(Cancel)).Id);
    }

    [Fact]
    public async Task Add_PrefixTwice_FailsAndKeepsTheFirst()
    {
        await using var store = await engine.CreateAsync();
        await store.Keys.AddAsync(Key("k1"), Cancel);
        await Assert.ThrowsAsync<StoreException>(() => store.Keys.AddAsync(Key("k2") with { Prefix = "prefix-k1" }, Cancel));
        Assert.Equal("k1", Assert.Single(await store.Keys.ListAsync(Cancel)).Id);
    }

    [Fact]
    public async Task Revoke_TwiceOrUnknown_IsTrueOnceOnly()
    {
        await using var store = await engine.CreateAsync();
        await store.Keys.AddAsync(Key("k1"), Cancel);
        Assert.True(await store.Keys.RevokeAsync("k1", Noon, Cancel));
        Assert.False(await store.Keys.RevokeAsync("k1", Noon.AddDays(1), Cancel));
        Assert.False(await store.Keys.RevokeAsync("k2", Noon, Cancel));
        Assert.Equal(Noon, Assert.Single(await store.Keys.ListAsync(Cancel)).RevokedAt);
    }

    [Fact]
    public async Task Touch_Earlier_KeepsTheLaterTime()
    {
        await using var store = await engine.CreateAsync();
        await store.Keys.AddAsync(Key("k1"), Cancel);
        await store.Keys.TouchAsync("k1", Noon, Cancel);
        await store.Keys.TouchAsync("k1", Noon.AddHours(-1), Cancel);
        Assert.Equal(Noon, Assert.Single(await store.Keys.ListAsync(Cancel)).LastUsedAt);
    }
}
