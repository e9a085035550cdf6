using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Features.Systems.History;

/// <summary>What a number of a device did over time.</summary>
public sealed record MetricHistory
{
    /// <summary>The device's id.</summary>
    public required string Device { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>The metrics there are; only when none was asked for.</summary>
    public IReadOnlyList<string>? Metrics { get; init; }

    public IReadOnlyList<MetricSeries>? Series { get; init; }

    /// <summary>What was left out and how to get it.</summary>
    public IReadOnlyList<string>? Notes { get; init; }
}

/// <summary>One series, in buckets of equal width; a bucket without points is left out.</summary>
public sealed record MetricSeries(string Name, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<MetricBucket> Points);

/// <summary>What the series did from this time on, for one bucket.</summary>
public sealed record MetricBucket(DateTimeOffset At, double Min, double Max, double Average);

/// <summary>History for people, models and the dashboard.</summary>
internal sealed class HistoryOperations(DeviceRegistry registry, IPointStore points, TimeProvider time)
{
    private const int DefaultPoints = 60;
    private const int MaxPoints = 1000;
    private const int MaxSeries = 20;

    /// <summary>
    /// Stored history of one metric of a device: minimum, maximum and average in equal steps of time. Without a name it lists the metrics there are. Rates are per second, shares are 0 to 1.
    /// </summary>
    /// <param name="device">Name or id.</param>
    /// <param name="name">OpenTelemetry name: system.cpu.utilization, system.memory.utilization, system.filesystem.utilization, …</param>
    /// <param name="labels">Only series with these: cpu.mode=iowait. "cpu.mode=" means: without that label.</param>
    /// <param name="from">2h by default.</param>
    /// <param name="until">Now by default.</param>
    /// <param name="maxPoints">1 to 1000 a series.</param>
    [Operation("get_metric_history", "GET /api/devices/{device}/history")]
    public async Task<MetricHistory> GetMetricHistoryAsync(
        string device,
        string? name = null,
        string[]? labels = null,
        PointInTime? from = null,
        PointInTime? until = null,
        int maxPoints = DefaultPoints,
        CancellationToken cancellationToken = default)
    {
        var id = registry.Get(device).Id;
        if (maxPoints is < 1 or > MaxPoints)
        {
            throw OperationException.Invalid("maxPoints", $"{maxPoints} is out of range.", $"Use a number from 1 to {MaxPoints}.");
        }

        var now = time.GetUtcNow();
        var start = from?.Resolve(now) ?? now.AddHours(-2);
        var end = until?.Resolve(now) ?? now;
        if (start >= end)
        {
            throw OperationException.Invalid("from", "it is not before until.", "Give from=2h, or an earlier time than until.");
        }

        if (name is null)
        {
            var all = await points.ListSeriesAsync(id, null, cancellationToken);
            return new MetricHistory { Device = id, Metrics = [.. all.Select(static series => series.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] };
        }

        var filter = (labels ?? []).Select(ReadLabel).ToList();
        var matching = (await points.ListSeriesAsync(id, name, cancellationToken))
            .Where(series => filter.TrueForAll(label => series.Labels.GetValueOrDefault(label.Name, "") == label.Value))
            .ToList();
        var result = new List<MetricSeries>();
        foreach (var series in matching.Take(MaxSeries))
        {
            var buckets = await points.QueryAsync(series.Id, start, end, maxPoints, cancellationToken);
            result.Add(new MetricSeries(series.Name, series.Labels,
                [.. buckets.Select(static bucket => new MetricBucket(bucket.At, bucket.Min, bucket.Max, bucket.Average))]));
        }

        return new MetricHistory { Device = id, From = start, Until = end, Series = result, Notes = NotesOn(matching.Count, name, id) };
    }

    private static IReadOnlyList<string>? NotesOn(int matching, string name, string device) => matching switch
    {
        0 => [$"There is no series {name} with these labels; get_metric_history with device={device} alone lists the metrics there are."],
        > MaxSeries => [$"{matching - MaxSeries} more series match; narrow with labels."],
        _ => null,
    };

    private static (string Name, string Value) ReadLabel(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (text[..equals], text[(equals + 1)..])
            : throw OperationException.Invalid("labels", $"'{(text.Length <= 80 ? text : text[..80])}' is not name=value.", "Write cpu.mode=iowait.");
    }
}
