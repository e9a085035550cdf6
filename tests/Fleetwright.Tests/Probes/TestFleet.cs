using System.Collections.Concurrent;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Probes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fleetwright.Tests.Probes;

/// <summary>The registry, the runner, the observatory and the scheduler over fake connections and a clock that stands still.</summary>
internal sealed class TestFleet : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, FakeConnection> _connections = new(StringComparer.Ordinal);
    private readonly ProbeRunner _runner;
    private readonly ReadingSink _sink;
    private readonly ProbeScheduler _scheduler;

    public TestFleet(IReadOnlyList<IProbe> probes, MemoryStores? stores = null, ProbeOptions? options = null)
    {
        Stores = stores ?? new MemoryStores();
        var wrapped = Options.Create(options ?? new ProbeOptions { Jitter = 0 });
        Registry = new DeviceRegistry(Stores, Stores, (id, _) => _connections.GetOrAdd(id, _ => new FakeConnection()), Events, Time, NullLogger<DeviceRegistry>.Instance);
        _sink = new ReadingSink(Stores, Stores, Events, Time, NullLogger<ReadingSink>.Instance);
        var meter = new PollMeter(Time);
        Fleet = new PolledFleet(new ProbeSet(probes, wrapped), wrapped, _sink, Time);
        _runner = new ProbeRunner(Registry, meter, Time, NullLogger<ProbeRunner>.Instance);
        Observatory = new Observatory(Registry, Fleet, _runner, meter, _sink, Stores, wrapped, Time, NullLogger<Observatory>.Instance);
        _scheduler = new ProbeScheduler(Registry, Fleet, _runner, meter, Events, wrapped, Time, NullLogger<ProbeScheduler>.Instance);
    }

    public ManualTimeProvider Time { get; } = new();

    public EventBus Events { get; } = new();

    public MemoryStores Stores { get; }

    public DeviceRegistry Registry { get; }

    public PolledFleet Fleet { get; }

    public Observatory Observatory { get; }

    /// <summary>The fake device of that id; made before it is added, when a test wants it prepared.</summary>
    public FakeConnection this[string id] => _connections.GetOrAdd(id, _ => new FakeConnection());

    public static ConnectionException Refused { get; } = new(ConnectionFailure.Refused, "Nothing listens there.", "Start sshd.");

    public Task<RegisteredDevice> AddAsync(string name) =>
        Registry.AddAsync(new NewDevice { Name = name, Address = new DeviceAddress { Host = name + ".test" } }, CancellationToken.None);

    public Task<Observation<Note>> ObserveAsync(string device, Probe<Note> probe, TimeSpan? maxAge = null) =>
        Observatory.ObserveAsync(device, probe, maxAge, CancellationToken.None);

    public Task StartPollingAsync() => _scheduler.StartAsync(CancellationToken.None);

    /// <summary>Lets time pass; after each step, until all that is due was asked and all but the held devices have answered.</summary>
    public async Task PassAsync(TimeSpan time, TimeSpan? step = null)
    {
        var each = step ?? TimeSpan.FromSeconds(1);
        for (var passed = TimeSpan.Zero; passed < time; passed += each)
        {
            Time.Advance(each);
            await SettleAsync();
        }
    }

    public async Task SettleAsync()
    {
        // Twice: between taking what is due and asking for it lies a moment in which neither shows.
        await Eventually.IsTrue(IsSettled, "the polls are done");
        await Task.Delay(1);
        await Eventually.IsTrue(IsSettled, "the polls are done");
    }

    private bool IsSettled()
    {
        var now = Time.GetUtcNow();
        return Registry.List().Where(device => !device.Device.Paused).All(device =>
        {
            var polled = Fleet.For(device);
            return !polled.IsNew && (this[device.Id].Hold is not null || (polled.NextDue() > now && polled.Slots.All(slot => slot.Running is null)));
        });
    }

    public async Task FlushAsync() => Assert.True(await _sink.FlushAsync(CancellationToken.None));

    public Task<bool> TryFlushAsync() => _sink.FlushAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _scheduler.StopAsync(CancellationToken.None);
        _scheduler.Dispose();
        _runner.Dispose();
        await _sink.DisposeAsync();
        await Registry.DisposeAsync();
    }
}
