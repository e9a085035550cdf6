using System.Net.Sockets;
using Fleetwright.Platform;
using Fleetwright.Platform.Security;
using Fleetwright.Platform.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Tests.Security;

/// <summary>A real Kestrel with the security of the product and a few small endpoints, on a data folder of its own.</summary>
internal sealed class SecurityHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<HttpClient> _clients = [];

    private SecurityHost(WebApplication app, FleetwrightPaths paths)
    {
        _app = app;
        Paths = paths;
        Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(address => address.StartsWith("http", StringComparison.Ordinal));
        AdminKey = File.ReadAllText(paths.AdminKeyFile).Trim();
    }

    public FleetwrightPaths Paths { get; }

    public string Url { get; }

    public string AdminKey { get; }

    public ApiKeys Keys => _app.Services.GetRequiredService<ApiKeys>();

    public static async Task<SecurityHost> StartAsync(
        Dictionary<string, string?>? settings = null, string urls = "http://127.0.0.1:0", Action<WebApplication>? map = null)
    {
        var paths = new FleetwrightPaths(Directory.CreateTempSubdirectory("fleetwright-security-").FullName);
        WebApplication? app = null;
        try
        {
            app = Build(paths, settings, urls, map);
            await app.Services.GetRequiredService<IStore>().OpenAsync(CancellationToken.None);
            await app.Services.GetRequiredService<ApiKeys>().EnsureAdminKeyAsync(CancellationToken.None);
            await app.StartAsync();
            return new SecurityHost(app, paths);
        }
        catch
        {
            await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
            Directory.Delete(paths.DataDirectory, recursive: true);
            throw;
        }
    }

    public HttpClient Client(string? key = null)
    {
        var client = new HttpClient { BaseAddress = new Uri(Url) };
        if (key is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        }

        _clients.Add(client);
        return client;
    }

    /// <summary>A client of the control socket.</summary>
    public HttpClient ControlClient()
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Paths.ControlSocket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://fleetwright"),
        };
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _app.DisposeAsync();
        Directory.Delete(Paths.DataDirectory, recursive: true);
    }

    private static WebApplication Build(FleetwrightPaths paths, Dictionary<string, string?>? settings, string urls, Action<WebApplication>? map)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddSingleton(paths);
        builder.Services.AddStorage().AddSecurity(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel => ServerBindings.Configure(kestrel, urls, builder.Configuration, paths));
        var app = builder.Build();
        app.UseFleetwrightSecurity();
        app.MapGet("/open", () => "open").AllowAnonymous();
        app.MapGet("/mcp", (HttpContext context) => WhoIs(context));
        app.MapGet("/who", (HttpContext context) => WhoIs(context));
        app.MapPost("/body", async (HttpContext context) =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            return "read";
        });
        map?.Invoke(app);
        return app;
    }

    private static string WhoIs(HttpContext context)
    {
        var caller = context.GetCaller();
        return $"{caller.Name}: {string.Join(' ', caller.Scopes)}";
    }
}
