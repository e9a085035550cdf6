using System.Globalization;
using Fleetwright.Features.Systems;
using Fleetwright.Platform.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fleetwright.Benchmarks;

/// <summary>Live get_system_metrics over SSH, against the bare round trip and against a new connection per command.</summary>
internal static class SshBench
{
    private const int Rounds = 500;
    private const int PeerRounds = 20;

    public static async Task RunAsync(Settings settings, Folder folder, Figures figures)
    {
        var farmFolder = folder.New();
        await using var farm = await SshdFarm.StartAsync(2, farmFolder);
        await using var server = await BenchServer.StartAsync(settings, folder.New());
        await server.AddAsync(farm.Devices);
        var path = $"/api/devices/{farm.Devices[0].Name}/metrics";
        for (var warm = 0; warm < 50; warm++)
        {
            var answer = await server.GetAsync(path);
            if ((string?)answer["source"] != "live" || (string?)answer["status"] != "ok")
            {
                throw new InvalidOperationException($"not a live answer: {answer}");
            }
        }

        var live = await Timings.MeasureAsync(Rounds, () => server.GetAsync(path));
        var (shell, script) = await ShellAsync(farm.Devices[0], folder);
        var peer = await PeerAsync(settings, farm.Devices[0], farmFolder);
        figures.Add("live get_system_metrics over SSH, p50", live.Median, "ms", 10, note: $"{Rounds} REST calls");
        figures.Add("live get_system_metrics over SSH, p99", live.P99, "ms", 50);
        figures.Add("its script alone in a kept shell, p50", script.Median, "ms");
        figures.Add("bare round trip in a kept shell (true), p50", shell.Median, "ms", $"live metrics take {live.Median / shell.Median:0.0} times that");
        figures.Add("same script by asyncssh, a new connection each, p50", peer.Median, "ms", $"live metrics are {peer.Median / live.Median:0.0} times as fast");
        await AwayAsync(server, farm, figures);
    }

    // Last of all, because the devices go away for good: answers are cached ones from then on.
    private static async Task AwayAsync(BenchServer server, SshdFarm farm, Figures figures)
    {
        var path = $"/api/devices/{farm.Devices[1].Name}/metrics";
        await server.GetAsync(path);
        await farm.KillAsync();
        await Children.UntilAsync(async () => (string?)(await server.GetAsync(path))["source"] == "cached", "the device is away", TimeSpan.FromMinutes(2));
        var away = await Timings.MeasureAsync(Rounds, () => server.GetAsync(path));
        figures.Add("answer for a device that is away, p99", away.P99, "ms", 50);
    }

    private static async Task<(Timings Shell, Timings Script)> ShellAsync(SshdDevice device, Folder folder)
    {
        var own = folder.New();
        await File.WriteAllTextAsync(Path.Combine(own, "ssh_config"), "");
        var options = new ConnectionOptions
        {
            RunDirectory = Path.Combine(own, "run"),
            KnownHostsFile = Path.Combine(own, "known_hosts"),
            SshConfigFile = Path.Combine(own, "ssh_config"),
        };
        await using var factory = new ConnectionFactory(Options.Create(options), TimeProvider.System, NullLoggerFactory.Instance);
        await using var connection = factory.Create(device.Name, new DeviceAddress { Host = device.Host, Port = device.Port, User = device.User, KeyFile = device.KeyFile });
        var nothing = new Command("true");
        var script = Command.Script(SystemScript.Text);
        for (var warm = 0; warm < 50; warm++)
        {
            await connection.RunAsync(nothing, CancellationToken.None);
            await connection.RunAsync(script, CancellationToken.None);
        }

        return (await Timings.MeasureAsync(Rounds, () => connection.RunAsync(nothing, CancellationToken.None)),
            await Timings.MeasureAsync(Rounds, () => connection.RunAsync(script, CancellationToken.None)));
    }

    private static async Task<Timings> PeerAsync(Settings settings, SshdDevice device, string folder)
    {
        var script = Path.Combine(folder, "script.sh");
        await File.WriteAllTextAsync(script, SystemScript.Text);
        var printed = await Children.RunAsync("/usr/bin/python3",
        [
            Path.Combine(settings.Root, "bench", "peers", "asyncssh_peer.py"), device.Host, device.Port.ToString(CultureInfo.InvariantCulture),
            device.User, device.KeyFile, PeerRounds.ToString(CultureInfo.InvariantCulture), script,
        ]);
        return new Timings(printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture)));
    }
}
