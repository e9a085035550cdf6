using System.Diagnostics;
using System.Reflection;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Features.Health;

/// <summary>How Fleetwright itself fares.</summary>
internal sealed class ServerHealthOperations(DeviceRegistry registry, Observatory observatory, EventBus events, IStore store, TimeProvider time)
{
    private const int MaxSlowest = 10;

    /// <summary>Fleetwright itself: store, lag of the polls, connections, events lost, memory, uptime and version.</summary>
    [Operation("get_server_health", "GET /api/server/health")]
    public async Task<ServerHealth> GetServerHealthAsync(CancellationToken cancellationToken)
    {
        var devices = registry.List();
        var collector = GC.GetGCMemoryInfo();
        return new ServerHealth
        {
            Version = Version(),
            UptimeSeconds = Uptime(),
            Store = await store.HealthAsync(cancellationToken),
            Polling = Polling(observatory.Statistics),
            Connections = new ConnectionsHealth(registry.OpenConnections, devices.Count, devices.Count(static device => device.IsAway)),
            Events = new EventsHealth(events.Subscribers, events.Dropped),
            Memory = new ServerMemory(Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: false), collector.TotalCommittedBytes, GC.CollectionCount(2)),
        };
    }

    private static PollingHealth Polling(ProbeStatistics statistics) => new()
    {
        Running = statistics.Running,
        PollsPerMinute = statistics.PollsPerMinute,
        FailedInFiveMinutes = statistics.FailedPollsInFiveMinutes,
        LastLagSeconds = statistics.LastLag is { } lag ? Seconds(lag) : null,
        MaxLagSeconds = Seconds(statistics.MaxLagInFiveMinutes),
        PendingWrites = statistics.PendingWrites,
        DroppedPoints = statistics.DroppedPoints,
        Slowest =
        [
            .. statistics.Devices
                .OrderByDescending(static device => device.FailuresInARow)
                .ThenByDescending(static device => device.LastPollDuration)
                .Take(MaxSlowest)
                .Select(static device => new DevicePolling(
                    device.Device, device.LastPollAt, device.LastPollDuration is { } took ? Seconds(took) : null, device.FailuresInARow, device.Watched)),
        ],
    };

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private static string Version() =>
        typeof(ServerHealthOperations).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private double Uptime()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Round((time.GetUtcNow() - new DateTimeOffset(process.StartTime)).TotalSeconds);
    }
}
