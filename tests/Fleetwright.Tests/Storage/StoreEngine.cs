using Fleetwright.Platform.Storage;

namespace Fleetwright.Tests.Storage;

/// <summary>One kind of store, for the contract tests: they hold for every one.</summary>
public abstract class StoreEngine
{
    /// <summary>A new, empty store.</summary>
    public abstract Task<StoreUnderTest> CreateAsync(Action<StorageOptions>? configure = null);
}

/// <summary>An open store of its own; disposing it removes it.</summary>
public abstract class StoreUnderTest : IAsyncDisposable
{
    public abstract IServiceProvider Services { get; }

    public IStore Store => Part<IStore>();

    public IDeviceStore Devices => Part<IDeviceStore>();

    public IReadingStore Readings => Part<IReadingStore>();

    public IPointStore Points => Part<IPointStore>();

    public IKeyStore Keys => Part<IKeyStore>();

    public IAuditStore Audit => Part<IAuditStore>();

    /// <summary>Closes the store and opens it again, as a restart does.</summary>
    public abstract Task ReopenAsync();

    public abstract ValueTask DisposeAsync();

    private T Part<T>()
        where T : class => (T)(Services.GetService(typeof(T)) ?? throw new InvalidOperationException($"No {typeof(T).Name}."));
}
