using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Containers;

/// <summary>
/// A container's numbers under OpenTelemetry's names. Labelled by name alone: an id changes with each update of an image,
/// and would start a new line in every chart.
/// Names: https://opentelemetry.io/docs/specs/semconv/system/container-metrics/
/// </summary>
internal static class ContainerPoints
{
    public static IEnumerable<Point> Of(ContainerList list) => list.Containers.SelectMany(Of);

    private static IEnumerable<Point> Of(Container container)
    {
        var name = KeyValuePair.Create("container.name", container.Name);
        if (container.RestartCount is { } restarts)
        {
            yield return new Point("container.restarts", restarts, name);
        }

        if (container.Usage is not { } usage)
        {
            yield break;
        }

        if (usage.CpuPercent is { } cpu)
        {
            // Processors in use, and their part of all that the device has.
            yield return new Point("container.cpu.usage", cpu / 100, name);
            if (usage.CpuCount is { } count)
            {
                yield return new Point("container.cpu.utilization", cpu / 100 / count, name);
            }
        }

        if (usage.MemoryBytes is { } memory)
        {
            yield return new Point("container.memory.usage", memory, name);
            if (usage.MemoryLimitBytes is > 0 and var limit)
            {
                yield return new Point("container.memory.utilization", (double)memory / limit, name);
            }
        }

        if (usage.Pids is { } pids)
        {
            yield return new Point("container.pids.count", pids, name);
        }

        foreach (var (metric, label, value, bytes) in Io(usage))
        {
            if (bytes is { } known)
            {
                yield return new Point(metric, known, name, KeyValuePair.Create(label, value));
            }
        }
    }

    private static IEnumerable<(string Metric, string Label, string Value, long? Bytes)> Io(ContainerUsage usage) =>
    [
        ("container.network.io", "network.io.direction", "receive", usage.NetworkReceivedBytes),
        ("container.network.io", "network.io.direction", "transmit", usage.NetworkSentBytes),
        ("container.disk.io", "disk.io.direction", "read", usage.BlockReadBytes),
        ("container.disk.io", "disk.io.direction", "write", usage.BlockWrittenBytes),
    ];
}
