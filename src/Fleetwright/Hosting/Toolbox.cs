using System.Text.Json.Nodes;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Cli;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fleetwright.Hosting;

/// <summary>
/// What a command works with: the catalogue, and an invoker that lets the running server of the data folder do the work, or
/// does it in this process when there is none.
/// </summary>
internal sealed class Toolbox : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private bool _opened;

    private Toolbox(ServiceProvider services, bool hasServer)
    {
        _services = services;
        HasServer = hasServer;
        Catalogue = services.GetRequiredService<OperationCatalogue>();
    }

    public OperationCatalogue Catalogue { get; }

    /// <summary>Whether a server runs on the data folder.</summary>
    public bool HasServer { get; }

    public static async Task<Toolbox> OpenAsync(FeatureList features, string? data, CancellationToken cancellationToken)
    {
        var paths = DataFolder.Open(data);
        var services = new ServiceCollection();
        // Standard output belongs to the result, or to MCP.
        services.AddLogging(logging => logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning));
        features.AddTo(services.AddPlatform(DataFolder.Settings(paths), paths));
        var server = await ServerInvoker.FindAsync(paths, cancellationToken);
        if (server is not null)
        {
            services.Replace(ServiceDescriptor.Singleton<IOperationInvoker>(server));
        }

        return new Toolbox(services.BuildServiceProvider(), server is not null);
    }

    /// <exception cref="OperationException">It was not done.</exception>
    public async Task<OperationResult> CallAsync(string operation, JsonObject arguments, CancellationToken cancellationToken)
    {
        var context = new OperationContext { Caller = Caller.Local, Door = "cli", OnProgress = ShowProgress };
        return await (await ServicesAsync(cancellationToken)).GetRequiredService<IOperationInvoker>().InvokeAsync(
            Catalogue.Get(operation), arguments, context, cancellationToken);
    }

    /// <summary>The services; in this process's own the store is open and the devices are loaded, unless a server has them.</summary>
    public async Task<IServiceProvider> ServicesAsync(CancellationToken cancellationToken)
    {
        if (!_opened && !HasServer)
        {
            try
            {
                await _services.GetRequiredService<IStore>().OpenAsync(cancellationToken);
            }
            catch (StoreException exception)
            {
                throw new StartException(exception.Message, exception.NextStep);
            }

            await _services.GetRequiredService<DeviceRegistry>().LoadAsync(cancellationToken);
            _opened = true;
        }

        return _services;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static void ShowProgress(OperationProgress progress)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(progress.Total is { } total ? $"{progress.Done:0}/{total:0} {progress.Message}" : progress.Message);
        }
    }
}
