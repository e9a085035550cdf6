namespace Fleetwright.Benchmarks;

/// <summary>What polling fleets of several sizes costs, and what memory an idle server holds.</summary>
internal static class FleetBench
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(Settings settings, Folder folder, Figures figures)
    {
        await using var farm = await SshdFarm.StartAsync(settings.Devices.Max(), folder.New());
        await using var server = await BenchServer.StartAsync(settings, folder.New());
        var added = 0;
        foreach (var count in settings.Devices.Order())
        {
            await server.AddAsync([.. farm.Devices.Skip(added).Take(count - added)]);
            added = count;
            // First polls, just-in-time compilation and new connections are no idling.
            await Task.Delay(Settle);
            await MeasureAsync(server, count, figures);
        }
    }

    private static async Task MeasureAsync(BenchServer server, int count, Figures figures)
    {
        var before = server.ProcessorSeconds();
        var start = TimeProvider.System.GetTimestamp();
        await Task.Delay(Window);
        var elapsed = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var after = server.ProcessorSeconds();
        var percent = (after.Server - before.Server) / elapsed * 100;
        var clients = (after.Clients - before.Clients) / elapsed * 100;
        var health = await server.GetAsync("/api/server/health");
        var polls = (int?)health["polling"]?["pollsPerMinute"] ?? 0;
        var perPoll = (after.Server - before.Server) * 1000 / Math.Max(1, polls * elapsed / 60);
        var note = $"{polls} polls a minute; ssh clients {clients:0.0} %; polls late by at most {(double?)health["polling"]?["maxLagSeconds"] ?? double.NaN:0.000} s";
        switch (count)
        {
            case 10:
                figures.Add("processor, idle with 10 devices", percent, "% of a core", 1, note: note);
                figures.Add("memory, idle with 10 devices", server.ResidentMegabytes(), "MB resident", 100, note: $"{server.ProportionalMegabytes():0} MB when shared library pages are divided among their users");
                break;
            case 200:
                figures.Add("processor, 200 devices each 30 s", percent, "% of a core", 10, note: note);
                figures.Add("polls a minute, 200 devices each 30 s", polls, "polls", 380, lowerIsBetter: false, note: "of 400");
                break;
            default:
                figures.Add($"processor, {count} devices each 30 s", percent, "% of a core", note);
                break;
        }

        figures.Add($"processor for one poll of one device, at {count}", perPoll, "ms", $"memory {server.ResidentMegabytes():0} MB");
    }
}
