namespace Fleetwright.Features.Systems.Parsing;

/// <summary>/proc/loadavg: "0.20 0.18 0.12 1/80 11206"; the fourth field is runnable and existing threads.</summary>
internal static class LoadAvgParser
{
    public static (LoadMetrics? Load, int? Threads) Parse(string? line)
    {
        var fields = line is null ? [] : Number.Fields(line);
        if (fields.Length < 3 || Number.Double(fields[0]) is not { } one || Number.Double(fields[1]) is not { } five
            || Number.Double(fields[2]) is not { } fifteen)
        {
            return (null, null);
        }

        var slash = fields.Length > 3 ? fields[3].IndexOf('/', StringComparison.Ordinal) : -1;
        return (new LoadMetrics(one, five, fifteen), slash < 0 ? null : Number.Int(fields[3].AsSpan(slash + 1)));
    }
}
