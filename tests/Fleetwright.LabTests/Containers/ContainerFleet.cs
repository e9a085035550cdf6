using Fleetwright.Features.Containers;
using Fleetwright.Hosting;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.LabTests.Containers;

/// <summary>The program's own services over a data folder of their own, with devices of the lab in them.</summary>
internal sealed class ContainerFleet : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fw-ct-").FullName;
    private readonly ServiceProvider _services;
    private ContainerEvents? _events;

    private ContainerFleet()
    {
        var config = Path.Combine(_folder, "ssh_config");
        File.WriteAllText(config, "");
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Connections:RunDirectory"] = Path.Combine(_folder, "run"),
            ["Connections:SshConfigFile"] = config,
        }).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        _services = services.AddPlatform(settings, new FleetwrightPaths(Path.Combine(_folder, "data"))).AddContainers().BuildServiceProvider();
    }

    public DeviceRegistry Registry => Get<DeviceRegistry>();

    public EventBus Events => Get<EventBus>();

    public ContainerOperations Operations => Get<ContainerOperations>();

    public static async Task<ContainerFleet> OpenAsync(FleetLab lab, params string[] devices)
    {
        var fleet = new ContainerFleet();
        await fleet.Get<IStore>().OpenAsync(CancellationToken.None);
        await fleet.Registry.LoadAsync(CancellationToken.None);
        foreach (var device in devices.Select(name => lab[name]))
        {
            await fleet.Registry.AddAsync(
                new NewDevice
                {
                    Name = device.Name,
                    Address = new DeviceAddress { Host = device.Host, User = device.User, Port = device.Port, KeyFile = device.KeyFile },
                    AllowSameMachine = true,
                },
                CancellationToken.None);
        }

        return fleet;
    }

    public T Get<T>()
        where T : class => _services.GetRequiredService<T>();

    /// <summary>Starts following the engines' events; every device has to have answered once before.</summary>
    public async Task FollowEventsAsync()
    {
        _events = Get<ContainerEvents>();
        await _events.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_events is not null)
        {
            await _events.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
