using System.Globalization;

namespace Fleetwright.Features.Containers;

/// <summary>
/// Reads the engine's status text: "Up 3 hours (healthy)", "Up 2 minutes (Paused)", "Exited (137) 5 days ago", "Exit 0"
/// (before Docker 1.3), "Restarting (1) 4 seconds ago", "Created", "Dead", "Removal In Progress".
/// Format: https://github.com/moby/moby/blob/v28.2.2/daemon/container/state.go (State.String)
/// </summary>
internal static class StatusText
{
    public static ContainerState State(string? status)
    {
        if (string.IsNullOrEmpty(status))
        {
            return ContainerState.Unknown;
        }

        return Starts(status, "Up") ? (status.Contains("(Paused)", StringComparison.OrdinalIgnoreCase) ? ContainerState.Paused : ContainerState.Running)
            : Starts(status, "Restarting") ? ContainerState.Restarting
            : Starts(status, "Exit") ? ContainerState.Exited
            : Starts(status, "Created") ? ContainerState.Created
            : Starts(status, "Removal") ? ContainerState.Removing
            : Starts(status, "Dead") ? ContainerState.Dead
            : ContainerState.Unknown;
    }

    /// <summary>The state by the engine's own word; Podman has some of its own.</summary>
    public static ContainerState FromWord(string? word) => word?.Trim().ToUpperInvariant() switch
    {
        "CREATED" or "CONFIGURED" or "INITIALIZED" => ContainerState.Created,
        "RUNNING" or "UP" or "STOPPING" => ContainerState.Running,
        "PAUSED" => ContainerState.Paused,
        "RESTARTING" => ContainerState.Restarting,
        "REMOVING" => ContainerState.Removing,
        "EXITED" or "STOPPED" => ContainerState.Exited,
        "DEAD" => ContainerState.Dead,
        _ => State(word),
    };

    /// <summary>The health between the brackets; null when there is none.</summary>
    public static HealthStatus? Health(string? status) => status switch
    {
        null => null,
        _ when status.Contains("(healthy)", StringComparison.OrdinalIgnoreCase) => HealthStatus.Healthy,
        _ when status.Contains("(unhealthy)", StringComparison.OrdinalIgnoreCase) => HealthStatus.Unhealthy,
        _ when status.Contains("(health: starting)", StringComparison.OrdinalIgnoreCase)
            || status.Contains("(starting)", StringComparison.OrdinalIgnoreCase) => HealthStatus.Starting,
        _ => null,
    };

    /// <summary>"Exited (137) …", "Restarting (1) …", "Exit 0".</summary>
    public static int? ExitCode(string? status)
    {
        if (status is null || !(Starts(status, "Exit") || Starts(status, "Restarting")))
        {
            return null;
        }

        var start = status.AsSpan().IndexOfAnyInRange('0', '9');
        var sign = start > 0 && status[start - 1] == '-' ? 1 : 0;
        if (start < 0 || (start - sign > 0 && status[start - sign - 1] is not ('(' or ' ')))
        {
            return null;
        }

        var end = start;
        while (end < status.Length && char.IsAsciiDigit(status[end]))
        {
            end++;
        }

        // "Exited 3 days ago" tells a time, not a code.
        var bracketed = start - sign > 0 && status[start - sign - 1] == '(';
        return (bracketed || end == status.Length)
            && int.TryParse(status.AsSpan(start - sign, end - start + sign), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code)
            ? code
            : null;
    }

    /// <summary>
    /// The least time that has passed since the container came into its state; null when the text does not tell. The engine
    /// rounds: "2 hours" is from one and a half on, the other units are cut.
    /// Source: https://github.com/docker/go-units/blob/v0.5.0/duration.go
    /// </summary>
    public static TimeSpan? ShortestAge(string? status)
    {
        if (status is null)
        {
            return null;
        }

        if (status.Contains("Less than a second", StringComparison.OrdinalIgnoreCase))
        {
            return TimeSpan.Zero;
        }

        if (status.Contains("About a minute", StringComparison.OrdinalIgnoreCase))
        {
            return TimeSpan.FromMinutes(1);
        }

        if (status.Contains("About an hour", StringComparison.OrdinalIgnoreCase))
        {
            return TimeSpan.FromMinutes(60);
        }

        var words = status.Split(' ');
        for (var i = 1; i < words.Length; i++)
        {
            if (Unit(words[i]) is { } unit && int.TryParse(words[i - 1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count < 10_000)
            {
                return unit * (unit == TimeSpan.FromHours(1) ? Math.Max(0, count - 0.5) : count);
            }
        }

        return null;
    }

    private static TimeSpan? Unit(string word) => word.TrimEnd('s') switch
    {
        "second" => TimeSpan.FromSeconds(1),
        "minute" => TimeSpan.FromMinutes(1),
        "hour" => TimeSpan.FromHours(1),
        "day" => TimeSpan.FromDays(1),
        "week" => TimeSpan.FromDays(7),
        "month" => TimeSpan.FromDays(30),
        "year" => TimeSpan.FromDays(365),
        _ => null,
    };

    private static bool Starts(string status, string word) => status.StartsWith(word, StringComparison.OrdinalIgnoreCase);
}
