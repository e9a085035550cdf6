using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Fleetwright.Platform;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Events.WebSockets;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Security;
using Fleetwright.Platform.Storage;
using Fleetwright.Tests.Probes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Tests.Events;

/// <summary>The door on a real Kestrel behind the product's security, with a device that is not there and channels under the test's command.</summary>
internal sealed class DoorHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FleetwrightPaths _paths;
    private readonly List<DoorClient> _clients = [];

    private DoorHost(WebApplication app, FleetwrightPaths paths)
    {
        (_app, _paths) = (app, paths);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(url => url.StartsWith("http://127", StringComparison.Ordinal));
        Http = new Uri(address);
        Url = new UriBuilder(Http) { Scheme = "ws", Path = "/ws" }.Uri;
        AdminKey = File.ReadAllText(paths.AdminKeyFile).Trim();
    }

    public Uri Http { get; }

    public Uri Url { get; }

    public string AdminKey { get; }

    public EventBus Events => _app.Services.GetRequiredService<EventBus>();

    public ApiKeys Keys => _app.Services.GetRequiredService<ApiKeys>();

    public DeviceRegistry Registry => _app.Services.GetRequiredService<DeviceRegistry>();

    public WebSocketClients Clients => _app.Services.GetRequiredService<WebSocketClients>();

    public TestChannel Channel => _app.Services.GetRequiredService<TestChannel>();

    public static async Task<DoorHost> StartAsync(Dictionary<string, string?>? settings = null)
    {
        var paths = new FleetwrightPaths(Directory.CreateTempSubdirectory("fleetwright-ws-").FullName);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddSingleton(paths).AddSingleton<EventBus>().AddSingleton<TestChannel>();
        builder.Services.AddSingleton<DeviceConnector>((_, _) => new FakeConnection { Failure = TestFleet.Refused });
        builder.Services.AddSingleton<DeviceRegistry>();
        builder.Services.AddLiveChannel(provider => provider.GetRequiredService<TestChannel>());
        builder.Services.AddLiveChannel<AdminChannel>().AddLiveChannel<FirstOfTwo>().AddLiveChannel<SecondOfTwo>();
        builder.Services.AddStorage().AddSecurity(builder.Configuration).AddWebSocketDoor();
        builder.WebHost.ConfigureKestrel(kestrel => ServerBindings.Configure(kestrel, "http://127.0.0.1:0", builder.Configuration, paths));
        var app = builder.Build();
        app.UseFleetwrightSecurity();
        app.UseWebSockets();
        app.MapWebSocketDoor();
        await app.Services.GetRequiredService<IStore>().OpenAsync(CancellationToken.None);
        await app.Services.GetRequiredService<ApiKeys>().EnsureAdminKeyAsync(CancellationToken.None);
        await app.StartAsync();
        return new DoorHost(app, paths);
    }

    public async Task<DoorClient> ConnectAsync(string? key = null)
    {
        var client = await DoorClient.ConnectAsync(Url, key ?? AdminKey);
        _clients.Add(client);
        return client;
    }

    /// <summary>A bare socket that has upgraded: what it sends and whether it reads is up to the test.</summary>
    public async Task<RawClient> ConnectRawAsync(int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(Url.Host, Url.Port);
        return await RawClient.UpgradeAsync(socket, Url, AdminKey);
    }

    public void Publish(string type, string? device = null, object? data = null) =>
        Events.Publish(new FleetEvent { Type = type, At = TimeProvider.System.GetUtcNow(), Device = device, Data = data });

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _app.DisposeAsync();
        Directory.Delete(_paths.DataDirectory, recursive: true);
    }
}

internal sealed record TestFilter
{
    /// <summary>What to do: wait, end, fail, refuse.</summary>
    public required string Do { get; init; }

    public int? Number { get; init; }
}

/// <summary>A channel that does as its filter says, and tells whether somebody holds it.</summary>
internal sealed class TestChannel : LiveChannel<TestFilter>
{
    private int _held;

    public override string Name => "test";

    public override string Description => "For tests.";

    /// <summary>How many subscriptions are held open.</summary>
    public int Held => Volatile.Read(ref _held);

    protected override Task<IAsyncEnumerable<LiveMessage>> OpenAsync(TestFilter filter, CancellationToken cancellationToken) => filter.Do == "refuse"
        ? throw new OperationException(OperationError.DeviceAway, "It is away.", "Wait.")
        : Task.FromResult(FollowAsync(filter, cancellationToken));

    private async IAsyncEnumerable<LiveMessage> FollowAsync(TestFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _held);
        try
        {
            yield return new LiveMessage { Event = "first", At = TimeProvider.System.GetUtcNow() };
            switch (filter.Do)
            {
                case "wait":
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    break;
                case "fail":
                    throw new InvalidOperationException("a secret of the inside");
                case "flood":
                    for (var i = 0; i < filter.Number; i++)
                    {
                        yield return new LiveMessage { Event = "flood", At = TimeProvider.System.GetUtcNow(), Data = new string('x', 10_000) };
                    }

                    break;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }
}

internal sealed record NoFilter;

internal sealed class AdminChannel : LiveChannel<NoFilter>
{
    public override string Name => "secret";

    public override string Description => "For tests.";

    public override string Scope => Scopes.Admin;

    protected override Task<IAsyncEnumerable<LiveMessage>> OpenAsync(NoFilter filter, CancellationToken cancellationToken) =>
        Task.FromResult(AsyncEnumerable.Empty<LiveMessage>());
}

internal sealed record OneFilter(string One);

internal sealed record TwoFilter(string Two);

internal sealed class FirstOfTwo : LiveChannel<OneFilter>
{
    public override string Name => "two";

    public override string? Selector => "one";

    public override string Description => "For tests.";

    protected override Task<IAsyncEnumerable<LiveMessage>> OpenAsync(OneFilter filter, CancellationToken cancellationToken) =>
        Task.FromResult(AsyncEnumerable.Empty<LiveMessage>());
}

internal sealed class SecondOfTwo : LiveChannel<TwoFilter>
{
    public override string Name => "two";

    public override string? Selector => "two";

    public override string Description => "For tests.";

    protected override Task<IAsyncEnumerable<LiveMessage>> OpenAsync(TwoFilter filter, CancellationToken cancellationToken) =>
        Task.FromResult(AsyncEnumerable.Empty<LiveMessage>());
}
