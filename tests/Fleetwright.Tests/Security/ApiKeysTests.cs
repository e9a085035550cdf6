using Fleetwright.Platform;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Security;
using Fleetwright.Tests.Operations.Mcp;
using Fleetwright.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleetwright.Tests.Security;

public sealed class ApiKeysTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_MakesAKeyOf256BitsThatIsNotStored()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var keys = Keys(store, new ManualClock());
        var created = await keys.CreateAsync("laptop", ["operate", "read"], null, Cancel);

        Assert.Matches("^fw_[a-z2-7]{10}_[a-z2-7]{52}$", created.Secret);
        Assert.Equal(created.Secret.Split('_')[1], created.Key.Id);
        Assert.Equal(["read", "operate"], created.Key.Scopes);
        Assert.Equal(ApiKeyState.Active, created.Key.State);
        var principal = await keys.VerifyAsync(created.Secret, Cancel);
        var caller = principal?.FindCaller();
        Assert.Equal("laptop", caller?.Name);
        Assert.True(caller?.May("operate"));
        Assert.False(caller?.May("admin"));
        var stored = Assert.Single(await store.Keys.ListAsync(Cancel));
        Assert.Equal(32, stored.Hash.Length);
        Assert.NotEqual(created.Secret, (await keys.CreateAsync("other", ["read"], null, Cancel)).Secret);
    }

    [Theory]
    [InlineData("", "read")]
    [InlineData(" x", "read")]
    [InlineData("a\nb", "read")]
    [InlineData("local", "read")]
    [InlineData("x", "root")]
    [InlineData("x", "")]
    public async Task Create_WrongNameOrScope_IsInvalid(string name, string scope)
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var exception = await Assert.ThrowsAsync<OperationException>(
            () => Keys(store, new ManualClock()).CreateAsync(name, scope.Length == 0 ? [] : [scope], null, Cancel));
        Assert.Equal(OperationError.Invalid, exception.Error);
        Assert.Empty(await store.Keys.ListAsync(Cancel));
    }

    [Fact]
    public async Task Create_NameOfAnActiveKey_IsAConflictUntilThatIsRevoked()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var keys = Keys(store, new ManualClock());
        await keys.CreateAsync("laptop", ["read"], null, Cancel);
        Assert.Equal(OperationError.Conflict, (await Assert.ThrowsAsync<OperationException>(() => keys.CreateAsync("laptop", ["read"], null, Cancel))).Error);
        await keys.RevokeAsync("laptop", Cancel);
        await keys.CreateAsync("laptop", ["read"], null, Cancel);
        Assert.Equal([ApiKeyState.Revoked, ApiKeyState.Active], (await keys.ListAsync(Cancel)).Select(key => key.State).Order().Reverse());
    }

    [Fact]
    public async Task Verify_PastItsExpiry_IsRefusedThoughRemembered()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var clock = new ManualClock();
        var keys = Keys(store, clock);
        var created = await keys.CreateAsync("ci", ["read"], clock.GetUtcNow().AddSeconds(1), Cancel);
        Assert.NotNull(await keys.VerifyAsync(created.Secret, Cancel));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await keys.VerifyAsync(created.Secret, Cancel));
        Assert.Equal(ApiKeyState.Expired, Assert.Single(await keys.ListAsync(Cancel)).State);
    }

    [Fact]
    public async Task Verify_RevokedByAnotherProcess_IsRefusedWithinSeconds()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var clock = new ManualClock();
        var (here, there) = (Keys(store, clock), Keys(store, clock));
        var created = await here.CreateAsync("laptop", ["read"], null, Cancel);
        Assert.NotNull(await here.VerifyAsync(created.Secret, Cancel));
        await there.RevokeAsync(created.Key.Id, Cancel);
        clock.Advance(ApiKeys.Freshness);
        Assert.Null(await here.VerifyAsync(created.Secret, Cancel));
    }

    [Fact]
    public async Task Verify_Used_NotesItAtMostOnceAMinute()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var clock = new ManualClock();
        var keys = Keys(store, clock);
        var created = await keys.CreateAsync("laptop", ["read"], null, Cancel);
        var first = clock.GetUtcNow();
        await keys.VerifyAsync(created.Secret, Cancel);
        Assert.Equal(first, await LastUsedAsync(store));
        clock.Advance(TimeSpan.FromSeconds(59));
        await keys.VerifyAsync(created.Secret, Cancel);
        Assert.Equal(first, await LastUsedAsync(store));
        clock.Advance(TimeSpan.FromSeconds(1));
        await keys.VerifyAsync(created.Secret, Cancel);
        Assert.Equal(first.AddMinutes(1), await LastUsedAsync(store));
    }

    [Fact]
    public async Task Revoke_Unknown_TellsWhichThereAre()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var keys = Keys(store, new ManualClock());
        await keys.CreateAsync("laptop", ["read"], null, Cancel);
        var exception = await Assert.ThrowsAsync<OperationException>(() => keys.RevokeAsync("desktop", Cancel));
        Assert.Equal(OperationError.NotFound, exception.Error);
        Assert.Contains("laptop", exception.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnsureAdminKey_SecondStart_KeepsTheFile()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var paths = store.Services.GetRequiredService<FleetwrightPaths>();
        Assert.True(await Keys(store, new ManualClock()).EnsureAdminKeyAsync(Cancel));
        var key = await File.ReadAllTextAsync(paths.AdminKeyFile, Cancel);
        Assert.False(await Keys(store, new ManualClock()).EnsureAdminKeyAsync(Cancel));
        Assert.Equal(key, await File.ReadAllTextAsync(paths.AdminKeyFile, Cancel));
        Assert.NotNull(await Keys(store, new ManualClock()).VerifyAsync(key.Trim(), Cancel));
    }

    [Fact]
    public async Task EnsureAdminKey_AllRevoked_MakesNone()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var paths = store.Services.GetRequiredService<FleetwrightPaths>();
        var keys = Keys(store, new ManualClock());
        await keys.EnsureAdminKeyAsync(Cancel);
        await keys.RevokeAsync("admin", Cancel);
        File.Delete(paths.AdminKeyFile);
        Assert.False(await keys.EnsureAdminKeyAsync(Cancel));
        Assert.False(File.Exists(paths.AdminKeyFile));
    }

    [Fact]
    public async Task EnsureAdminKey_FileOfAnEarlierStore_IsReplaced()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var paths = store.Services.GetRequiredService<FleetwrightPaths>();
        await File.WriteAllTextAsync(paths.AdminKeyFile, "fw_old", Cancel);
        Assert.True(await Keys(store, new ManualClock()).EnsureAdminKeyAsync(Cancel));
        Assert.NotNull(await Keys(store, new ManualClock()).VerifyAsync((await File.ReadAllTextAsync(paths.AdminKeyFile, Cancel)).Trim(), Cancel));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(paths.AdminKeyFile));
    }

    [Fact]
    public async Task EnsureAdminKey_SeveralAtOnce_MakeOne()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Keys(store, new ManualClock()).EnsureAdminKeyAsync(Cancel), Cancel)));
        Assert.Single(made, one => one);
        Assert.Single(await store.Keys.ListAsync(Cancel));
    }

    private static ApiKeys Keys(StoreUnderTest store, TimeProvider time) =>
        new(store.Keys, store.Services.GetRequiredService<FleetwrightPaths>(), time, NullLogger<ApiKeys>.Instance);

    private static async Task<DateTimeOffset?> LastUsedAsync(StoreUnderTest store)
    {
        // A write that comes after the note, on the same writer, has waited for it.
        await store.Devices.RemoveAsync("none", Cancel);
        return Assert.Single(await store.Keys.ListAsync(Cancel)).LastUsedAt;
    }
}
