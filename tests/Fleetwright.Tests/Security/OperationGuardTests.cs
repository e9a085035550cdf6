using System.Text.Json.Nodes;
using Fleetwright.Platform;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Security;
using Fleetwright.Platform.Storage;
using Fleetwright.Tests.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Tests.Security;

public sealed class OperationGuardTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("read", "read", true)]
    [InlineData("read", "operate", false)]
    [InlineData("operate", "read", true)]
    [InlineData("operate", "admin", false)]
    [InlineData("admin", "operate", true)]
    public async Task Admit_Scope_DecidesWhoMay(string held, string needed, bool may)
    {
        await using var store = new SqliteStoreUnderTest();
        await using var services = Services(store.Folder);
        var guard = services.GetRequiredService<IOperationGuard>();
        var operation = Operation(needed, OperationEffect.Changes);
        var caller = new Caller("laptop", [held]);
        if (may)
        {
            guard.Admit(operation, caller);
            return;
        }

        var failure = Assert.Throws<OperationException>(() => guard.Admit(operation, caller));
        Assert.Equal(OperationError.Forbidden, failure.Error);
        Assert.Contains(needed, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Admit_TooOften_TellsHowLongToWait()
    {
        await using var store = new SqliteStoreUnderTest();
        await using var services = Services(store.Folder, ("Security:WritesPerSecond", "0.5"));
        var guard = services.GetRequiredService<IOperationGuard>();
        guard.Admit(Operation("operate", OperationEffect.Changes), Caller.Local);
        var failure = Assert.Throws<OperationException>(() => guard.Admit(Operation("operate", OperationEffect.Changes), Caller.Local));
        Assert.Equal(OperationError.RateLimited, failure.Error);
        Assert.InRange(failure.RetryAfter!.Value.TotalSeconds, 0.1, 2);
    }

    [Fact]
    public async Task Record_Writes_AreThereAtOnceRedactedAndReadsAreNot()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        await using var services = Services(store.Services.GetRequiredService<FleetwrightPaths>().DataDirectory);
        var guard = services.GetRequiredService<IOperationGuard>();
        var context = new OperationContext { Caller = new Caller("laptop", ["admin"]), Door = "rest" };
        var arguments = new JsonObject { ["device"] = "nas", ["password"] = "hunter2" };
        await guard.RecordAsync(Operation("read", OperationEffect.Reads), context, arguments, "ok", TimeSpan.FromMilliseconds(1));
        await guard.RecordAsync(Operation("operate", OperationEffect.Changes), context, arguments, "ok", TimeSpan.FromMilliseconds(2));

        var entry = Assert.Single(await store.Audit.ListAsync(null, 10, Cancel));
        Assert.Equal(("laptop", "rest", "try_it", "nas", "ok"), (entry.Caller, entry.Door, entry.Operation, entry.Device, entry.Outcome));
        Assert.Equal("""{"device":"nas","password":"[redacted]"}""", entry.Arguments);
        Assert.Equal(TimeSpan.FromMilliseconds(2), entry.Duration);
    }

    [Fact]
    public async Task Record_RefusedRead_IsWrittenToo()
    {
        await using var store = await new SqliteEngine().CreateAsync();
        var services = Services(store.Services.GetRequiredService<FleetwrightPaths>().DataDirectory);
        var context = new OperationContext { Caller = new Caller("laptop", []), Door = "mcp" };
        await services.GetRequiredService<IOperationGuard>().RecordAsync(
            Operation("read", OperationEffect.Reads), context, [], "forbidden", TimeSpan.Zero);
        await services.DisposeAsync();
        Assert.Equal("forbidden", Assert.Single(await store.Audit.ListAsync(null, 10, Cancel)).Outcome);
    }

    private static ServiceProvider Services(string folder, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton(new FleetwrightPaths(folder));
        return services.AddStorage().AddSecurity(configuration).BuildServiceProvider();
    }

    private static OperationDescriptor Operation(string scope, OperationEffect effect) => new()
    {
        Name = "try_it",
        Title = "Try it",
        Description = "Tries it.",
        Scope = scope,
        Effect = effect,
        Repeat = OperationRepeat.Safe,
        Toolset = "core",
        HttpMethod = "POST",
        Route = "/api/try",
        Parameters = [],
        InputSchema = [],
        OutputSchema = [],
        ResultType = typeof(object),
    };
}
