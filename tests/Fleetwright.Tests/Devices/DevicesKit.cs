using System.Collections.Concurrent;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Devices.Import;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Storage;
using Fleetwright.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleetwright.Tests.Devices;

/// <summary>A registry on a real SQLite store, with machines that are answers by address.</summary>
internal sealed class DevicesKit : IAsyncDisposable
{
    private readonly SqliteStoreUnderTest _store = new();

    public DevicesKit()
    {
        DeviceStore = new CountingDeviceStore(_store.Services.GetRequiredService<IDeviceStore>());
        Registry = Build();
    }

    public ManualTime Time { get; } = new();

    public EventBus Events { get; } = new();

    public CountingDeviceStore DeviceStore { get; }

    public IReadingStore Readings => _store.Services.GetRequiredService<IReadingStore>();

    /// <summary>What stands at an address: the facts script's output, or why it is not reached.</summary>
    public ConcurrentDictionary<string, Func<byte[]>> Machines { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<FakeConnection> Connections { get; } = new();

    public DeviceRegistry Registry { get; private set; }

    public DeviceTester Tester => new(Registry, Connect, new FactsProbe(), Time);

    public DeviceEnrollment Enrollment => new(Registry, Connect, Tester);

    public DeviceImporter Importer => new(Registry, Enrollment, Connect);

    /// <summary>As after a restart of the server.</summary>
    public async Task RestartAsync()
    {
        await Registry.DisposeAsync();
        Registry = Build();
        await Registry.LoadAsync(CancellationToken.None);
    }

    public Task<RegisteredDevice> AddAsync(string name, string? ssh = null, string? machineId = null) => Registry.AddAsync(
        new NewDevice { Name = name, Address = Address(ssh ?? $"root@{DeviceNames.Slug(name)}.lan"), MachineId = machineId }, CancellationToken.None);

    public static DeviceAddress Address(string ssh) =>
        DeviceAddress.TryParseSsh(ssh, out var address, out var error) ? address : throw new ArgumentException(error);

    public static ConnectionException Failure(ConnectionFailure failure, string message = "it is so") => new(failure, message, "do this");

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        await _store.DisposeAsync();
    }

    private FakeConnection Connect(string deviceId, DeviceAddress address)
    {
        var connection = new FakeConnection(() => Machines.TryGetValue(address.ToString(), out var machine)
            ? machine()
            : throw Failure(ConnectionFailure.Refused, "Nothing listens there."));
        Connections.Enqueue(connection);
        return connection;
    }

    private DeviceRegistry Build() => new(DeviceStore, Readings, Connect, Events, Time, NullLogger<DeviceRegistry>.Instance);
}

internal sealed class ManualTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1_760_000_000);

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>Answers every script alike; only what the devices folder asks of a connection.</summary>
internal sealed class FakeConnection(Func<byte[]> answer) : IConnection
{
    public event Action<ConnectionException>? Lost
    {
        add { }
        remove { }
    }

    public bool IsOpen { get; private set; }

    public bool IsDisposed { get; private set; }

    public Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken)
    {
        var output = answer();
        IsOpen = true;
        return Task.FromResult(new CommandResult { ExitCode = 0, Output = output, Error = default, Duration = TimeSpan.FromSeconds(1) });
    }

    public Task<IReadOnlyList<CommandResult>> RunBatchAsync(IReadOnlyList<Command> commands, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<CommandStream> StreamAsync(Command command, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Stream> OpenUnixSocketAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        (IsOpen, IsDisposed) = (false, true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>The real store, with a count of what is written.</summary>
internal sealed class CountingDeviceStore(IDeviceStore store) : IDeviceStore
{
    private int _stateSaves;

    public int StateSaves => _stateSaves;

    public Task<IReadOnlyList<StoredDevice>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken);

    public Task SaveAsync(Device device, CancellationToken cancellationToken) => store.SaveAsync(device, cancellationToken);

    public Task SaveStateAsync(string deviceId, DeviceState state, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _stateSaves);
        return store.SaveStateAsync(deviceId, state, cancellationToken);
    }

    public Task<bool> RemoveAsync(string deviceId, CancellationToken cancellationToken) => store.RemoveAsync(deviceId, cancellationToken);
}
