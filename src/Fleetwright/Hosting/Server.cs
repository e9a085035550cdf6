using System.Net.Sockets;
using Fleetwright.Platform;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events.WebSockets;
using Fleetwright.Platform.Operations.Mcp;
using Fleetwright.Platform.Operations.Rest;
using Fleetwright.Platform.Security;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Fleetwright.Hosting;

/// <summary>The server: the platform and the features behind Kestrel, on one data folder that it holds alone.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FileStream _hold;

    private Server(WebApplication app, FileStream hold) => (_app, _hold) = (app, hold);

    /// <exception cref="StartException">It cannot start as asked; says what to do next.</exception>
    public static async Task<Server> StartAsync(FeatureList features, string? data, string urls, CancellationToken cancellationToken)
    {
        var paths = DataFolder.Open(data);
        var hold = Hold(paths);
        try
        {
            var app = Build(features, paths, urls);
            try
            {
                await PrepareAsync(app, paths, cancellationToken);
                await app.StartAsync(cancellationToken);
                File.SetUnixFileMode(paths.ControlSocket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
            catch
            {
                await app.DisposeAsync();
                throw;
            }

            return new Server(app, hold);
        }
        catch (Exception exception)
        {
            await hold.DisposeAsync();
            if (exception is not StartException && Explain(exception) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    /// <summary>Completes when the server has been asked to stop and has stopped.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(() => _app.Lifetime.StopApplication());
        await _app.WaitForShutdownAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _hold.DisposeAsync();
    }

    private static WebApplication Build(FeatureList features, FleetwrightPaths paths, string urls)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = "fleetwright",
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
            EnvironmentName = Environments.Production,
        });
        var settings = DataFolder.Settings(paths);
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(settings);
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("ModelContextProtocol", LogLevel.Warning);
        // A port in use is told by StartException; Kestrel's own stack trace says nothing more.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        features.AddTo(builder.Services.AddPlatform(builder.Configuration, paths).AddMcpHttp());
        builder.WebHost.ConfigureKestrel(kestrel => ServerBindings.Configure(kestrel, urls, settings, paths));
        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void Map(WebApplication app)
    {
        app.UseFleetwrightSecurity();
        app.UseWebPages();
        app.UseWebSockets();
        // Plain request delegates: the machinery that binds parameters costs megabytes, and nothing else here needs it.
        RequestDelegate ok = static context => context.Response.WriteAsync("ok\n");
        app.MapGet("/healthz", ok).ExcludeFromDescription().AllowAnonymous();
        app.MapGet("/readyz", ok).ExcludeFromDescription().AllowAnonymous();
        app.MapOpenApiDescription();
        app.MapMcp();
        app.MapMcpResourceMetadata();
        app.MapWebSocketDoor();
        app.MapRestDoor();
        app.MapWebPages();
    }

    private static async Task PrepareAsync(WebApplication app, FleetwrightPaths paths, CancellationToken cancellationToken)
    {
        await app.Services.GetRequiredService<IStore>().OpenAsync(cancellationToken);
        await app.Services.GetRequiredService<ApiKeys>().EnsureAdminKeyAsync(cancellationToken);
        var registry = app.Services.GetRequiredService<DeviceRegistry>();
        await registry.LoadAsync(cancellationToken);
        await registry.EnsureLocalDeviceAsync(cancellationToken);
        File.Delete(paths.ControlSocket);
    }

    // One server for a data folder: two would poll everything twice and write over each other.
    private static FileStream Hold(FleetwrightPaths paths)
    {
        try
        {
            return new FileStream(Path.Combine(paths.DataDirectory, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new StartException("another Fleetwright server runs on this data folder.", "Stop it first, or choose another folder with --data.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new StartException("the data folder may not be written by this user.", "Run as its owner, or choose another folder with --data.");
        }
    }

    private static StartException? Explain(Exception exception) => exception switch
    {
        StoreException store => new StartException(store.Message, store.NextStep),
        OptionsValidationException options => new StartException(
            "the settings have mistakes:\n- " + string.Join("\n- ", options.Failures), "Mend them in fleetwright.json or the environment (FLEETWRIGHT_SECTION__KEY).", wrongUse: true),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => new StartException(
            exception.Message, "Stop what listens there, or choose another address with --urls.", wrongUse: true),
        // The binder of settings names the value and the place.
        InvalidOperationException { InnerException: not null } binding when binding.Message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal) => new StartException(
            binding.Message, "Mend it in fleetwright.json or the environment (FLEETWRIGHT_SECTION__KEY).", wrongUse: true),
        SocketException socket => new StartException($"cannot listen: {socket.Message}", "Choose another address with --urls.", wrongUse: true),
        _ => null,
    };
}
