using Fleetwright.Platform.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Storage;

public static class StorageRegistration
{
    /// <summary>
    /// The store and its parts, on SQLite in the data folder. Open it with <see cref="IStore.OpenAsync"/>; the first use
    /// opens it otherwise. In a host it is maintained from time to time. Needs <see cref="FleetwrightPaths"/> and logging.
    /// </summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SqliteDatabase>();
        services.TryAddSingleton<SqliteWriter>();
        services.TryAddSingleton<IStore, SqliteStore>();
        services.TryAddSingleton<IDeviceStore, SqliteDeviceStore>();
        services.TryAddSingleton<SqliteReadingStore>();
        services.TryAddSingleton<IReadingStore>(provider => provider.GetRequiredService<SqliteReadingStore>());
        services.TryAddSingleton<SqlitePointStore>();
        services.TryAddSingleton<IPointStore>(provider => provider.GetRequiredService<SqlitePointStore>());
        services.TryAddSingleton<SqliteRollups>();
        services.TryAddSingleton<SqliteSeriesIndex>();
        services.TryAddSingleton<IKeyStore, SqliteKeyStore>();
        services.TryAddSingleton<IAuditStore, SqliteAuditStore>();
        services.AddHostedService<StoreMaintenance>();
        return services;
    }
}
