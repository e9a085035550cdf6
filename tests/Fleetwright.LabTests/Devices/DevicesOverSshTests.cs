using Fleetwright.Features.Devices;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.LabTests.Devices;

/// <summary>The operations of devices, put together as the program does it, against a real sshd.</summary>
public sealed class DevicesOverSshTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fw-dev-").FullName;
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private ServiceProvider? _services;

    private DeviceOperations Operations => _services!.GetRequiredService<DeviceOperations>();

    private DeviceMaintenanceOperations Maintenance => _services!.GetRequiredService<DeviceMaintenanceOperations>();

    public async ValueTask InitializeAsync()
    {
        var config = Path.Combine(_folder, "ssh_config");
        await File.WriteAllTextAsync(config, "");
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton(new FleetwrightPaths(_folder));
        services.AddStorage().AddDeviceConnections().AddDevices().AddProbes().AddDeviceOperations();
        services.Configure<ConnectionOptions>(options =>
        {
            options.RunDirectory = Path.Combine(_folder, "run");
            options.KnownHostsFile = Path.Combine(_folder, "known_hosts");
            options.SshConfigFile = config;
        });
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        await _services.GetRequiredService<IStore>().OpenAsync(_cancel);
        await _services.GetRequiredService<DeviceRegistry>().LoadAsync(_cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _services!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task AddedDevice_KilledAndBack_TurnsCachedAndLiveAgain()
    {
        await using var sshd = await SshdFixture.StartAsync();
        var added = await AddAsync(sshd);
        Assert.True(added.Reached, added.Problem);
        Assert.Equal(DeviceStatus.Online, added.Device.Status);

        var live = await Operations.GetDeviceInfoAsync("box", _cancel);
        Assert.Equal((ReadingStatus.Ok, ObservationSource.Live), (live.Facts.Status, live.Facts.Source));
        Assert.Equal(Environment.MachineName, live.Facts.Value!.Hostname);

        await sshd.KillAsync();
        var failed = await Operations.TestDeviceAsync("box", _cancel);
        Assert.False(failed.Reached);
        Assert.NotNull(failed.NextStep);

        var cached = await Operations.GetDeviceInfoAsync("box", _cancel);
        Assert.Equal((DeviceStatus.Offline, ObservationSource.Cached), (cached.Device.Status, cached.Facts.Source));
        Assert.Equal(Environment.MachineName, cached.Facts.Value!.Hostname);
        Assert.NotNull(cached.Facts.CachedBecause);

        await sshd.StartServerAsync();
        Assert.True((await Operations.TestDeviceAsync("box", _cancel)).Reached);
        var back = await Operations.GetDeviceInfoAsync("box", _cancel);
        Assert.Equal((DeviceStatus.Online, ObservationSource.Live), (back.Device.Status, back.Facts.Source));
    }

    [Fact]
    public async Task SameMachine_BehindAnotherPort_IsRefused()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var other = await SshdFixture.StartAsync();
        await AddAsync(sshd);

        var refusal = await Assert.ThrowsAsync<OperationException>(() => AddAsync(other, "twin"));

        Assert.Equal(OperationError.Conflict, refusal.Error);
        Assert.Contains("same machine as 'box'", refusal.Message, StringComparison.Ordinal);
        await Operations.AddDeviceAsync(
            new AddDevice { Name = "twin", Address = $"{other.Address}", KeyFile = other.KeyFile, AllowSameMachine = true }, _cancel);
    }

    [Fact]
    public async Task HostKeyChanged_IsUnreachableUntilTheShownKeyIsTrusted()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await AddAsync(sshd);
        var old = await sshd.HostKeyFingerprintAsync();
        await sshd.KillAsync();
        await sshd.ChangeHostKeyAsync();
        await sshd.StartServerAsync();

        var changed = await Operations.TestDeviceAsync("box", _cancel);
        var now = await sshd.HostKeyFingerprintAsync();
        Assert.False(changed.Reached);
        Assert.Contains(old, changed.Problem, StringComparison.Ordinal);
        Assert.Contains(now, changed.Problem, StringComparison.Ordinal);
        Assert.Contains($"fleetwright devices trust box --fingerprint {now}", changed.NextStep, StringComparison.Ordinal);
        Assert.Equal(DeviceStatus.Unreachable, (await Operations.GetDeviceInfoAsync("box", _cancel)).Device.Status);

        await Assert.ThrowsAsync<OperationException>(() => Maintenance.TrustHostKeyAsync("box", new TrustHostKey { Fingerprint = old }, _cancel));
        var trusted = await Maintenance.TrustHostKeyAsync("box", new TrustHostKey { Fingerprint = now }, _cancel);

        Assert.True(trusted.Reached, trusted.Problem);
        Assert.Equal(DeviceStatus.Online, (await Operations.GetDeviceInfoAsync("box", _cancel)).Device.Status);
    }

    [Fact]
    public async Task KeyThatIsNotLetIn_IsUnreachableWithWhatToDo()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var other = await SshdFixture.StartAsync();

        var added = await Operations.AddDeviceAsync(
            new AddDevice { Name = "box", Address = $"{sshd.Address}", KeyFile = other.KeyFile }, _cancel);

        Assert.False(added.Reached);
        Assert.Equal(DeviceStatus.Unreachable, added.Device.Status);
        Assert.NotEmpty(added.NextStep!);
    }

    [Fact]
    public async Task ThisMachine_IsAddedAtTheFirstStart_AndAnswers()
    {
        var local = await _services!.GetRequiredService<DeviceRegistry>().EnsureLocalDeviceAsync(_cancel);

        var info = await Operations.GetDeviceInfoAsync(local!.Id, _cancel);

        Assert.Equal((DeviceStatus.Online, "local"), (info.Device.Status, info.Device.Address));
        Assert.Equal(Environment.MachineName, info.Facts.Value!.Hostname);
    }

    private Task<AddedDevice> AddAsync(SshdFixture sshd, string name = "box") =>
        Operations.AddDeviceAsync(new AddDevice { Name = name, Address = $"{sshd.Address}", KeyFile = sshd.KeyFile }, _cancel);
}
