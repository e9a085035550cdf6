using System.Diagnostics;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fleetwright.LabTests.Probes;

/// <summary>The road of a reading with real parts: sshd, the ssh client, the scheduler, SQLite.</summary>
public sealed class ObservatoryOverSshTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Observe_SshdDiesAndComesBack_IsLiveThenCachedThenLiveByItself()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var fleet = await RealFleet.StartAsync();
        await fleet.AddAsync("nas", sshd.Address);
        await fleet.AddAsync("here", DeviceAddress.Local);

        var live = await fleet.ObserveAsync("nas");
        await sshd.KillAsync();
        await fleet.StatusIsAsync("nas", DeviceStatus.Offline);
        var asked = Stopwatch.StartNew();
        var cached = await fleet.ObserveAsync("nas");
        asked.Stop();
        var other = await fleet.ObserveAsync("here");
        await sshd.StartServerAsync();
        await fleet.StatusIsAsync("nas", DeviceStatus.Online);
        var again = await fleet.ObserveAsync("nas");

        Assert.Equal((ReadingStatus.Ok, ObservationSource.Live), (live.Status, live.Source));
        Assert.Equal((ReadingStatus.Ok, ObservationSource.Cached), (cached.Status, cached.Source));
        Assert.NotNull(cached.Value);
        Assert.StartsWith("nas is offline since", cached.CachedBecause, StringComparison.Ordinal);
        Assert.True(asked.ElapsedMilliseconds < 1000, $"an answer for a device that is away took {asked.ElapsedMilliseconds} ms");
        Assert.Equal(ObservationSource.Live, other.Source);
        Assert.Equal((ReadingStatus.Ok, ObservationSource.Live), (again.Status, again.Source));
        Assert.NotEqual(cached.Value!.Id, again.Value?.Id);
        Assert.NotNull(fleet.Registry.Get("nas").Facts);
    }

    [Fact]
    public async Task Observe_SshdFreezes_OthersAreNotDelayedAndItIsNoticed()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var fleet = await RealFleet.StartAsync();
        await fleet.AddAsync("frozen", sshd.Address);
        await fleet.AddAsync("here", DeviceAddress.Local);
        await fleet.ObserveAsync("frozen");
        await fleet.ObserveAsync("here");

        await sshd.FreezeAsync();
        try
        {
            var waiting = fleet.ObserveAsync("frozen");
            var asked = Stopwatch.StartNew();
            var other = await fleet.ObserveAsync("here");
            asked.Stop();
            var cached = await waiting;
            await fleet.StatusIsAsync("frozen", DeviceStatus.Offline);

            Assert.Equal(ObservationSource.Live, other.Source);
            Assert.True(asked.ElapsedMilliseconds < 1000, $"the other device's answer took {asked.ElapsedMilliseconds} ms");
            Assert.Equal((ReadingStatus.Ok, ObservationSource.Cached), (cached.Status, cached.Source));
        }
        finally
        {
            await sshd.ThawAsync();
        }

        await fleet.StatusIsAsync("frozen", DeviceStatus.Online);
    }

    [Fact]
    public async Task Observe_ServerStartsAgainWhileTheDeviceIsAway_GivesWhatSqliteKept()
    {
        var data = Directory.CreateTempSubdirectory("fw-p-");
        try
        {
            Observation<Stamp> before;
            await using (var sshd = await SshdFixture.StartAsync())
            {
                await using var fleet = await RealFleet.StartAsync(data.FullName);
                await fleet.AddAsync("nas", sshd.Address);
                before = await fleet.ObserveAsync("nas");
            }

            await using var again = await RealFleet.StartAsync(data.FullName);
            var seen = await again.ObserveAsync("nas");

            Assert.Equal((ReadingStatus.Ok, ObservationSource.Cached), (seen.Status, seen.Source));
            // SQLite keeps milliseconds; a poll after the asking may have brought a newer one.
            var difference = seen.ObservedAt - before.ObservedAt;
            Assert.True(difference > TimeSpan.FromMilliseconds(-1), $"{difference} before the last one seen");
            Assert.NotNull(seen.Value);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    internal sealed record Stamp(string Id);

    /// <summary>Different at every asking, so that an old answer cannot pass for a new one.</summary>
    private sealed class StampProbe : ScriptProbe<Stamp>
    {
        public override string Name => "stamp";

        public override TimeSpan DefaultInterval => TimeSpan.FromSeconds(2);

        public override string Script(DeviceFacts facts) => "cat /proc/sys/kernel/random/uuid";

        public override Reading<Stamp> Parse(CommandResult output, ProbeContext context) => output.Succeeded
            ? Reading.Ok(new Stamp(output.OutputText.Trim()))
            : Reading.Failed<Stamp>(output.ErrorText);
    }

    private sealed class RealFleet : IAsyncDisposable
    {
        private static readonly string? MachineId = File.Exists("/etc/machine-id") ? File.ReadAllText("/etc/machine-id").Trim() : null;

        private readonly string? _ownFolder;
        private readonly ServiceProvider _services;
        private readonly ProbeScheduler _scheduler;

        private RealFleet(string folder, bool isOwn)
        {
            _ownFolder = isOwn ? folder : null;
            var paths = new FleetwrightPaths(folder);
            var services = new ServiceCollection().AddLogging();
            services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
            services.AddSingleton(paths);
            services.AddSingleton(TimeProvider.System);
            services.AddSingleton<DeviceConnector>(provider => provider.GetRequiredService<ConnectionFactory>().Create);
            services.PostConfigure<ConnectionOptions>(options =>
            {
                options.KnownHostsFile ??= paths.KnownHostsFile;
                options.SshConfigFile = "/dev/null";
            });
            services.AddStorage().AddDeviceConnections().AddDevices().AddProbe<StampProbe>().AddProbes();
            _services = services.BuildServiceProvider();
            _scheduler = _services.GetServices<IHostedService>().OfType<ProbeScheduler>().Single();
        }

        public DeviceRegistry Registry => _services.GetRequiredService<DeviceRegistry>();

        public static async Task<RealFleet> StartAsync(string? folder = null)
        {
            var fleet = new RealFleet(folder ?? Directory.CreateTempSubdirectory("fw-p-").FullName, folder is null);
            await fleet._services.GetRequiredService<IStore>().OpenAsync(CancellationToken.None);
            await fleet.Registry.LoadAsync(CancellationToken.None);
            await fleet._scheduler.StartAsync(CancellationToken.None);
            return fleet;
        }

        // All are this machine, and are said to be, so that nobody takes the second for a mistake.
        public Task<RegisteredDevice> AddAsync(string name, DeviceAddress address) => Registry.AddAsync(
            new NewDevice { Name = name, Address = address, AllowSameMachine = true, MachineId = MachineId }, CancellationToken.None);

        public Task<Observation<Stamp>> ObserveAsync(string device) => _services.GetRequiredService<Observatory>()
            .ObserveAsync(device, _services.GetRequiredService<StampProbe>(), null, CancellationToken.None);

        public Task<DeviceStatus> StatusIsAsync(string device, DeviceStatus status) => Eventually.GetAsync(
            () => Task.FromResult(Registry.Get(device).State.Status), now => now == status, Patience);

        public async ValueTask DisposeAsync()
        {
            await _scheduler.StopAsync(CancellationToken.None);
            await _services.DisposeAsync();
            if (_ownFolder is not null)
            {
                Directory.Delete(_ownFolder, recursive: true);
            }
        }
    }
}
