using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Health;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Containers;

/// <summary>What is wrong with containers, by the latest readings.</summary>
internal sealed class ContainerHealthSource(DeviceRegistry registry, Observatory observatory, ContainersProbe probe) : IHealthSource
{
    public string Name => "containers";

    public async Task<HealthReport> ReportAsync(CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        List<UnknownHealth> unknowns = [];
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var device in registry.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await observatory.LatestAsync(device.Id, probe) is not { } seen)
            {
                unknowns.Add(new UnknownHealth(device.Id, "containers", "They were not read yet."));
                continue;
            }

            if (seen.Status is ReadingStatus.Failed or ReadingStatus.NotPermitted)
            {
                unknowns.Add(new UnknownHealth(device.Id, "containers", seen.Reason ?? "They could not be read.", seen.Remedy));
            }

            foreach (var container in seen.Value?.Containers ?? [])
            {
                var state = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(container.State.ToString());
                counts[state] = counts.GetValueOrDefault(state) + 1;
                if (FindingOf(container) is { } finding)
                {
                    findings.Add(finding with
                    {
                        Device = device.Id,
                        Subject = container.Name,
                        ObservedAt = seen.ObservedAt,
                        Operation = finding.Kind is "container_restarting" or "container_failed" ? "get_container_logs" : "get_container_details",
                        Arguments = new Dictionary<string, string>(StringComparer.Ordinal) { ["device"] = device.Id, ["container"] = container.Name },
                    });
                }
            }
        }

        return new HealthReport
        {
            Findings = findings,
            Unknowns = unknowns,
            Counts = new Dictionary<string, IReadOnlyDictionary<string, int>>(StringComparer.Ordinal) { ["containers"] = counts },
        };
    }

    /// <summary>The trouble of one container; null when there is none.</summary>
    internal static Finding? FindingOf(Container container)
    {
        if (!ContainerSummary.IsProblem(container))
        {
            return null;
        }

        var (severity, kind, what, since) = container switch
        {
            { State: ContainerState.Restarting } => (
                FindingSeverity.Critical, "container_restarting",
                $"{container.Name} ends again and again{With("exit code", container.ExitCode)}{With("restarts", container.RestartCount)}.", container.FinishedAt),
            { OomKilled: true, State: ContainerState.Exited } => (
                FindingSeverity.Critical, "container_out_of_memory", $"{container.Name} was killed because it ran out of memory.", container.FinishedAt),
            { State: ContainerState.Dead } => (
                FindingSeverity.Warning, "container_dead", $"The engine failed to remove {container.Name}.", container.FinishedAt),
            { State: ContainerState.Exited } => (
                FindingSeverity.Warning, "container_failed", $"{container.Name} ended with exit code {container.ExitCode}.", container.FinishedAt),
            _ => (
                FindingSeverity.Critical, "container_unhealthy",
                $"{container.Name} fails its health check{With("times in a row", container.Health?.FailingStreak)}.", (DateTimeOffset?)null),
        };
        return new Finding { Severity = severity, Kind = kind, What = what, Since = since };
    }

    private static string With(string what, int? number) => number is > 0 ? $" ({what}: {number})" : "";
}
