using System.Globalization;

namespace Fleetwright.Features.Containers;

/// <summary>
/// Reads the labels that Docker Compose (1.x and 2.x) and podman-compose put on what they make.
/// Format: https://github.com/docker/compose/blob/v2.29.7/pkg/api/labels.go
/// </summary>
internal static class ComposeLabels
{
    public const string Prefix = "com.docker.compose.";
    private const string PodmanPrefix = "io.podman.compose.";

    public static bool IsOne(string label) =>
        label.StartsWith(Prefix, StringComparison.Ordinal) || label.StartsWith(PodmanPrefix, StringComparison.Ordinal);

    public static ComposeInfo? Read(IReadOnlyDictionary<string, string> labels) =>
        Find(labels, "project") is not { Length: > 0 } project ? null : new ComposeInfo
        {
            Project = project,
            Service = NullIfEmpty(Find(labels, "service")),
            Number = int.TryParse(Find(labels, "container-number"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
            DependsOn = Dependencies(Find(labels, "depends_on")),
            ConfigFiles = Words(Find(labels, "project.config_files")),
            WorkingDirectory = NullIfEmpty(Find(labels, "project.working_dir")),
            OneOff = bool.TryParse(Find(labels, "oneoff"), out var oneOff) ? oneOff : null,
        };

    // "db:service_healthy:false,cache:service_started:true"; Compose before 2.3 wrote the names alone.
    private static List<ComposeDependency> Dependencies(string? text) =>
    [
        .. Words(text).Select(word => word.Split(':')).Where(parts => parts[0].Length > 0).Select(parts => new ComposeDependency
        {
            Service = parts[0],
            Condition = parts.Length > 1 ? NullIfEmpty(parts[1]) : null,
            Restart = parts.Length > 2 && bool.TryParse(parts[2], out var restart) ? restart : null,
        }),
    ];

    private static string? Find(IReadOnlyDictionary<string, string> labels, string name) =>
        labels.GetValueOrDefault(Prefix + name) ?? labels.GetValueOrDefault(PodmanPrefix + name);

    private static string[] Words(string? text) =>
        text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
