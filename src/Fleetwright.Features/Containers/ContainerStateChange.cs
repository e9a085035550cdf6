using System.Globalization;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;

namespace Fleetwright.Features.Containers;

/// <summary>The data of a container.state event: what happened to a container, as its engine told.</summary>
public sealed record ContainerStateChange
{
    public required string Container { get; init; }

    public required string ContainerId { get; init; }

    /// <summary>create, start, restart, pause, unpause, stop, kill, die, oom, destroy, rename, update or health_status.</summary>
    public required string Action { get; init; }

    /// <summary>Of a health_status.</summary>
    public HealthStatus? Health { get; init; }

    /// <summary>Of a die.</summary>
    public int? ExitCode { get; init; }

    public string? Image { get; init; }

    public string? Project { get; init; }

    public string? Service { get; init; }

    /// <summary>When the engine saw it.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Null for what changes no container's state: commands run inside, attached terminals.</summary>
    public static ContainerStateChange? Of(EngineEvent told)
    {
        if (told.Type is { } type && !string.Equals(type, "container", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // "health_status: unhealthy"; Podman says health_status and puts the word into the attributes.
        var words = (told.Action ?? told.Status ?? "").Split(':', 2, StringSplitOptions.TrimEntries);
        var attributes = told.Actor?.Attributes ?? new Dictionary<string, string>(StringComparer.Ordinal);
        var action = Podman(words[0]);
        var id = told.Actor?.Id ?? told.Id;
        if (!ContainerEvents.Actions.Contains(action, StringComparer.Ordinal) || string.IsNullOrEmpty(id))
        {
            return null;
        }

        var compose = ComposeLabels.Read(attributes);
        return new ContainerStateChange
        {
            Container = TerminalText.OneLine(attributes.GetValueOrDefault("name") ?? id, 200),
            ContainerId = id,
            Action = action,
            Health = action != "health_status" ? null
                : (words.Length > 1 ? words[1] : attributes.GetValueOrDefault("health_status")) switch
                {
                    "healthy" => HealthStatus.Healthy,
                    "unhealthy" => HealthStatus.Unhealthy,
                    "starting" => HealthStatus.Starting,
                    _ => HealthStatus.Unknown,
                },
            ExitCode = int.TryParse(
                attributes.GetValueOrDefault("exitCode") ?? attributes.GetValueOrDefault("containerExitCode"),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var code) ? code : null,
            Image = attributes.GetValueOrDefault("image") ?? told.From,
            Project = compose?.Project,
            Service = compose?.Service,
            At = told.TimeNano is > 0 and var nanoseconds ? DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100)
                : told.Time is > 0 and < 253_402_300_799 and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
        };
    }

    private static string Podman(string action) => action switch
    {
        "died" => "die",
        "remove" => "destroy",
        _ => action,
    };
}
