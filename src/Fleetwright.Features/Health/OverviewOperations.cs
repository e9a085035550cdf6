using System.Globalization;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Health;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Features.Health;

/// <summary>The first thing to ask.</summary>
internal sealed partial class OverviewOperations(
    DeviceRegistry registry, IEnumerable<IHealthSource> sources, IStore store, TimeProvider time, ILogger<OverviewOperations> logger)
{
    private const int MaxFindings = 100;
    private const int MaxUnknowns = 50;

    /// <summary>A source answers from memory; one that does not is left out and named.</summary>
    private static readonly TimeSpan SourceLimit = TimeSpan.FromSeconds(3);

    private readonly IReadOnlyList<IHealthSource> _sources = [.. sources];

    /// <summary>
    /// What is wrong across the fleet, worst first (devices away, containers, disks filling, memory, heat, clocks), what is unknown, and counts. Start here.
    /// </summary>
    [Operation("get_fleet_overview", "GET /api/overview")]
    public async Task<FleetOverview> GetFleetOverviewAsync(CancellationToken cancellationToken)
    {
        var devices = registry.List();
        var reports = await Task.WhenAll(_sources.Select(source => ReportOfAsync(source, cancellationToken)));
        var all = reports.Prepend(DeviceFindings.Of(devices)).Append(await StoreReportAsync(cancellationToken)).ToList();
        var findings = WorstFirst(all.SelectMany(static report => report.Findings)).ToList();
        var unknowns = all.SelectMany(static report => report.Unknowns)
            .OrderBy(static unknown => unknown.Device, StringComparer.Ordinal)
            .ToList();
        return new FleetOverview
        {
            At = time.GetUtcNow(),
            Status = devices.Count == 0 ? FleetStatus.Unknown : StatusOf(findings, unknowns),
            Summary = Summarize(devices, findings, unknowns),
            Findings = [.. findings.Take(MaxFindings)],
            Unknowns = [.. unknowns.Take(MaxUnknowns)],
            Counts = all.SelectMany(static report => report.Counts).DistinctBy(static count => count.Key, StringComparer.Ordinal)
                .ToDictionary(static count => count.Key, static count => count.Value, StringComparer.Ordinal),
            Notes = Left(findings.Count, unknowns.Count),
        };
    }

    // A device that is away hides all else about it, so among equals it comes first.
    internal static IEnumerable<Finding> WorstFirst(IEnumerable<Finding> findings) => findings
        .OrderBy(static finding => finding.Severity)
        .ThenBy(static finding => !finding.Kind.StartsWith("device_", StringComparison.Ordinal))
        .ThenBy(static finding => finding.Device, StringComparer.Ordinal)
        .ThenBy(static finding => finding.Kind, StringComparer.Ordinal)
        .ThenBy(static finding => finding.Subject, StringComparer.Ordinal);

    private async Task<HealthReport> ReportOfAsync(IHealthSource source, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReportAsync(cancellationToken).WaitAsync(SourceLimit, time, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // One source that fails must neither hide what the others know nor pass for health.
            LogSourceFailed(exception, source.Name);
            return new HealthReport { Unknowns = [new UnknownHealth(null, source.Name, "Fleetwright could not judge them; its log says why.")] };
        }
    }

    private async Task<HealthReport> StoreReportAsync(CancellationToken cancellationToken)
    {
        StoreHealth health;
        try
        {
            health = await store.HealthAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogSourceFailed(exception, "store");
            health = new StoreHealth { Engine = "unknown", Healthy = false, Reason = "it does not answer." };
        }

        return health.Healthy ? HealthReport.Empty : new HealthReport
        {
            Findings =
            [
                new Finding
                {
                    Severity = FindingSeverity.Critical,
                    Kind = "store_unhealthy",
                    Subject = "store",
                    What = $"Fleetwright's own store has trouble: {health.Reason ?? "the reason is not known."}",
                    Operation = "get_server_health",
                },
            ],
        };
    }

    private static FleetStatus StatusOf(List<Finding> findings, List<UnknownHealth> unknowns) =>
        findings.Exists(static finding => finding.Severity == FindingSeverity.Critical) ? FleetStatus.Critical
        : findings.Exists(static finding => finding.Severity == FindingSeverity.Warning) ? FleetStatus.Warning
        : unknowns.Count > 0 ? FleetStatus.Unknown
        : FleetStatus.Ok;

    private static string Summarize(IReadOnlyList<RegisteredDevice> devices, List<Finding> findings, List<UnknownHealth> unknowns)
    {
        if (devices.Count == 0)
        {
            return "There are no devices yet; add one with add_device.";
        }

        var critical = findings.Count(static finding => finding.Severity == FindingSeverity.Critical);
        var warnings = findings.Count(static finding => finding.Severity == FindingSeverity.Warning);
        var online = devices.Count(static device => !device.IsAway && device.State.Status == DeviceStatus.Online);
        var trouble = critical + warnings == 0 ? "nothing is known to be wrong" : $"{critical} critical and {Count(warnings, "warning")}";
        var unknown = unknowns.Count == 0 ? "" : $"; {Count(unknowns.Count, "thing")} could not be judged";
        return $"{online} of {Count(devices.Count, "device")} online; {trouble}{unknown}.";
    }

    private static string Count(int count, string noun) => count.ToString(CultureInfo.InvariantCulture) + " " + noun + (count == 1 ? "" : "s");

    private static List<string>? Left(int findings, int unknowns)
    {
        List<string> notes = [];
        if (findings > MaxFindings)
        {
            notes.Add($"{findings - MaxFindings} less severe findings are left out.");
        }

        if (unknowns > MaxUnknowns)
        {
            notes.Add($"{unknowns - MaxUnknowns} more things could not be judged.");
        }

        return notes.Count > 0 ? notes : null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The health of {Source} could not be judged")]
    private partial void LogSourceFailed(Exception exception, string source);
}
