using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Health;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Systems;

/// <summary>What the last metrics of each device say is wrong: full file systems, memory, temperatures, clocks.</summary>
internal sealed class SystemHealthSource(DeviceRegistry registry, Observatory observatory, SystemProbe probe, TimeProvider time) : IHealthSource
{
    /// <summary>So many missed polls make a reading old news.</summary>
    private const int MissedPolls = 4;

    public string Name => "system metrics";

    public async Task<HealthReport> ReportAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var unknowns = new List<UnknownHealth>();
        foreach (var device in registry.List().Where(static device => !device.Device.Paused))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var observation = await observatory.LatestAsync(device.Id, probe);
            if (observation?.Value is { } metrics)
            {
                findings.AddRange(SystemFindings.Of(device.Id, metrics, observation.ObservedAt));
            }

            if (device.Facts?.TimeSkewSeconds is { } skew && SystemFindings.OfClock(device.Id, skew) is { } clock)
            {
                findings.Add(clock);
            }

            // A device that is away is reported as such; what is not known about one that answers is told here.
            if (!device.IsAway && WhyUnknown(observation) is { } why)
            {
                unknowns.Add(new UnknownHealth(device.Id, Name, why, observation?.Remedy));
            }
        }

        return new HealthReport { Findings = findings, Unknowns = unknowns };
    }

    private string? WhyUnknown(Observation<SystemMetrics>? observation) =>
        observation is null ? "Nothing was read from it yet."
        : observation.Status != ReadingStatus.Ok ? observation.Reason ?? "The last reading failed."
        : time.GetUtcNow() - observation.ObservedAt > probe.DefaultInterval * MissedPolls ? $"The last reading is of {observation.ObservedAt:u}; newer ones are missing."
        : null;
}
