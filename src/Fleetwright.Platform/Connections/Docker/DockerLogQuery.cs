namespace Fleetwright.Platform.Connections.Docker;

/// <summary>Which part of a container's log to read.</summary>
public sealed record DockerLogQuery
{
    public bool Stdout { get; init; } = true;

    public bool Stderr { get; init; } = true;

    /// <summary>Lines from this time on; Unix nanoseconds.</summary>
    public long? SinceUnixNanoseconds { get; init; }

    /// <summary>Lines up to this time; Unix nanoseconds. Engines before API 1.35 do not know it and send all.</summary>
    public long? UntilUnixNanoseconds { get; init; }

    /// <summary>The last so many lines; null is all.</summary>
    public int? Tail { get; init; }

    /// <summary>Whether to go on with new lines until cancelled or the container stops.</summary>
    public bool Follow { get; init; }

    internal string ToQueryString()
    {
        var query = $"?stdout={Flag(Stdout)}&stderr={Flag(Stderr)}&timestamps=1&follow={Flag(Follow)}"
            + $"&tail={(Tail is { } tail ? tail.ToString(System.Globalization.CultureInfo.InvariantCulture) : "all")}";
        query += SinceUnixNanoseconds is { } since ? "&since=" + Time(since) : "";
        return query + (UntilUnixNanoseconds is { } until ? "&until=" + Time(until) : "");
    }

    private static string Flag(bool value) => value ? "1" : "0";

    internal static string Time(long unixNanoseconds) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{unixNanoseconds / 1_000_000_000}.{unixNanoseconds % 1_000_000_000:D9}");
}
