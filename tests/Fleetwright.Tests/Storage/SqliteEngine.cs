using Fleetwright.Platform;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Tests.Storage;

/// <summary>SQLite in a temporary data folder.</summary>
public sealed class SqliteEngine : StoreEngine
{
    public override async Task<StoreUnderTest> CreateAsync(Action<StorageOptions>? configure = null)
    {
        var store = new SqliteStoreUnderTest(configure);
        await store.Store.OpenAsync(TestContext.Current.CancellationToken);
        return store;
    }
}

/// <summary>A store in a folder of its own, or in another's; not opened yet.</summary>
public sealed class SqliteStoreUnderTest : StoreUnderTest
{
    private readonly Action<StorageOptions>? _configure;
    private readonly bool _ownsFolder;
    private ServiceProvider _services;

    public SqliteStoreUnderTest(Action<StorageOptions>? configure = null, string? folder = null)
    {
        _configure = configure;
        _ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("fleetwright-store-").FullName;
        _services = Build();
    }

    public string Folder { get; }

    public string DatabaseFile => Path.Combine(Folder, "fleetwright.db");

    public override IServiceProvider Services => _services;

    public override async Task ReopenAsync()
    {
        await _services.DisposeAsync();
        _services = Build();
        await Store.OpenAsync(CancellationToken.None);
    }

    public ValueTask CloseAsync() => _services.DisposeAsync();

    public override async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton(new FleetwrightPaths(Folder));
        services.AddStorage();
        if (_configure is not null)
        {
            services.Configure(_configure);
        }

        return services.BuildServiceProvider();
    }
}
