using System.Diagnostics.Metrics;

namespace Fleetwright.Platform.Operations;

/// <summary>What the catalogue measures of itself.</summary>
internal static class OperationMetrics
{
    private static readonly Meter Meter = new("Fleetwright.Operations");

    public static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("fleetwright.operation.duration", "s", "How long operations take, by operation, door and outcome.");
}
