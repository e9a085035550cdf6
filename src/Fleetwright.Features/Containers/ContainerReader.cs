using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Security;

namespace Fleetwright.Features.Containers;

/// <summary>Makes one <see cref="Container"/> of what the engine's list and its inspect say; either may be missing.</summary>
internal static class ContainerReader
{
    private const int MaxCommandLength = 500;
    private const int MaxOutputLength = 500;
    private const int MaxStatusLength = 200;
    private const int MaxLabelLength = 1000;
    private const int ChecksShown = 3;

    public static Container FromSummary(EngineContainerSummary summary)
    {
        var labels = summary.Labels ?? Empty;
        var state = summary.State is { Status: { } word } ? StatusText.FromWord(word) : StatusText.State(summary.Status);
        var health = StatusText.Health(summary.Status) ?? HealthFromWord(summary.State?.Health?.Status ?? summary.State?.Healthcheck?.Status);
        return new Container
        {
            Id = summary.Id ?? "",
            Name = Name(summary.Names) ?? summary.Id ?? "",
            Image = summary.Image,
            ImageId = NullIfEmpty(summary.ImageId),
            ImageDigest = DigestIn(summary.Image),
            State = state,
            StatusText = summary.Status is { } text ? TerminalText.OneLine(text, MaxStatusLength) : null,
            Health = health is { } known ? new ContainerHealth { Status = known } : null,
            ExitCode = StatusText.ExitCode(summary.Status)
                ?? (state is ContainerState.Exited or ContainerState.Dead ? Whole(summary.ExitCode ?? summary.State?.ExitCode) : null),
            CreatedAt = summary.Created ?? summary.CreatedAt,
            StartedAt = summary.StartedAt ?? summary.State?.StartedAt,
            FinishedAt = summary.ExitedAt ?? summary.State?.FinishedAt,
            Ports = Ports(summary.Ports),
            Mounts = Mounts(summary.Mounts),
            Networks = summary.NetworkSettings?.Networks is { } networks
                ? Networks(networks)
                : [.. (summary.Networks ?? []).Select(name => new ContainerNetwork { Name = name })],
            NetworkMode = NullIfEmpty(summary.HostConfig?.NetworkMode),
            Compose = ComposeLabels.Read(labels),
            Labels = Labels(labels),
            Command = Command(summary.Command),
        };
    }

    public static Container FromDetails(EngineContainerDetails details)
    {
        var labels = details.Config?.Labels ?? Empty;
        var state = State(details.State);
        // The engine sets the code back to 0 with each start, so of a running container it tells nothing.
        var ended = state is ContainerState.Exited or ContainerState.Dead or ContainerState.Restarting;
        return new Container
        {
            Id = details.Id ?? "",
            Name = NullIfEmpty(details.Name?.TrimStart('/')) ?? details.Id ?? "",
            Image = NullIfEmpty(details.Config?.Image) ?? NullIfEmpty(details.ImageName) ?? NullIfEmpty(details.Image),
            ImageId = NullIfEmpty(details.Image),
            ImageDigest = NullIfEmpty(details.ImageDigest) ?? DigestIn(details.Config?.Image),
            State = state,
            Health = Health(details.State?.Health ?? details.State?.Healthcheck),
            RestartCount = Whole(details.RestartCount),
            ExitCode = ended ? Whole(details.State?.ExitCode) : null,
            OomKilled = details.State?.OomKilled,
            Error = details.State?.Error is { Length: > 0 } error ? TerminalText.OneLine(error, MaxOutputLength) : null,
            CreatedAt = details.Created,
            StartedAt = details.State?.StartedAt,
            FinishedAt = details.State?.FinishedAt,
            Ports = Ports(details.NetworkSettings?.Ports),
            Mounts = Mounts(details.Mounts),
            Networks = Networks(details.NetworkSettings),
            NetworkMode = NullIfEmpty(details.HostConfig?.NetworkMode),
            Compose = ComposeLabels.Read(labels),
            Labels = Labels(labels),
            Command = Command([.. details.Path is { Length: > 0 } path ? [path] : (string[])[], .. details.Args ?? []])
                ?? Command([.. details.Config?.Entrypoint ?? [], .. details.Config?.Cmd ?? []]),
            EnvironmentNames = details.Config?.Env is { } variables
                ? [.. variables.Select(variable => variable.Split('=')[0]).Where(name => name.Length > 0).Order(StringComparer.Ordinal)]
                : null,
            RestartPolicy = Policy(details.HostConfig?.RestartPolicy),
            Terminal = details.Config?.Tty,
            Privileged = details.HostConfig?.Privileged,
            User = NullIfEmpty(details.Config?.User),
            LogDriver = NullIfEmpty(details.HostConfig?.LogConfig?.Type),
        };
    }

    /// <summary>The list tells the state of this moment, the inspect (which may be of a moment before) the rest.</summary>
    public static Container Merge(Container listed, Container inspected) => inspected with
    {
        Name = listed.Name,
        Image = listed.Image is { Length: > 0 } image && !image.StartsWith("sha256:", StringComparison.Ordinal) ? image : inspected.Image,
        ImageId = listed.ImageId ?? inspected.ImageId,
        ImageDigest = inspected.ImageDigest ?? listed.ImageDigest,
        State = listed.State == ContainerState.Unknown ? inspected.State : listed.State,
        StatusText = listed.StatusText,
        Health = inspected.Health is { } health ? health with { Status = listed.Health?.Status ?? health.Status } : listed.Health,
        ExitCode = inspected.ExitCode ?? listed.ExitCode,
        Ports = listed.Ports.Count > 0 ? listed.Ports : inspected.Ports,
        Compose = inspected.Compose ?? listed.Compose,
        CreatedAt = inspected.CreatedAt ?? listed.CreatedAt,
    };

    private static readonly IReadOnlyDictionary<string, string> Empty = new Dictionary<string, string>(StringComparer.Ordinal);

    private static ContainerState State(EngineState? state) => state switch
    {
        null => ContainerState.Unknown,
        { Status: { Length: > 0 } word } => StatusText.FromWord(word),
        // Before API 1.21 there are flags alone. A paused or restarting container counts as running, too.
        { Dead: true } => ContainerState.Dead,
        { Paused: true } => ContainerState.Paused,
        { Restarting: true } => ContainerState.Restarting,
        { Running: true } => ContainerState.Running,
        { Running: false, StartedAt: null } => ContainerState.Created,
        { Running: false } => ContainerState.Exited,
        _ => ContainerState.Unknown,
    };

    private static ContainerHealth? Health(EngineHealth? health) =>
        HealthFromWord(health?.Status) is not { } status ? null : new ContainerHealth
        {
            Status = status,
            FailingStreak = Whole(health?.FailingStreak),
            LastChecks =
            [
                .. (health?.Log ?? []).Reverse().Take(ChecksShown).Select(check => new HealthCheckRun
                {
                    At = check.End ?? check.Start,
                    ExitCode = Whole(check.ExitCode),
                    Output = check.Output is { Length: > 0 } output ? Shown(output) : null,
                }),
            ],
        };

    // Podman writes an empty status for a container without a health check, Docker writes "none" or nothing at all.
    private static HealthStatus? HealthFromWord(string? word) => word?.Trim().ToUpperInvariant() switch
    {
        null or "" or "NONE" => null,
        "STARTING" => HealthStatus.Starting,
        "HEALTHY" => HealthStatus.Healthy,
        "UNHEALTHY" => HealthStatus.Unhealthy,
        _ => HealthStatus.Unknown,
    };

    private static List<ContainerPort> Ports(IReadOnlyList<EnginePort>? ports) =>
    [
        .. (ports ?? []).Select(port => new ContainerPort
        {
            Port = port.ContainerPort,
            Protocol = port.Protocol,
            HostPort = port.HostPort,
            HostAddress = port.HostAddress,
            Count = port.Count > 1 ? port.Count : null,
        }).Distinct().OrderBy(port => port.Port).ThenBy(port => port.Protocol, StringComparer.Ordinal)
            .ThenBy(port => port.HostPort).ThenBy(port => port.HostAddress, StringComparer.Ordinal),
    ];

    private static List<ContainerMount> Mounts(IReadOnlyList<EngineMount>? mounts) =>
    [
        .. (mounts ?? []).Select(mount => new ContainerMount
        {
            Type = NullIfEmpty(mount.Type),
            Name = NullIfEmpty(mount.Name),
            Source = NullIfEmpty(mount.Source),
            Destination = NullIfEmpty(mount.Destination),
            ReadOnly = mount.Writable is { } writable ? !writable : null,
        }).OrderBy(mount => mount.Destination, StringComparer.Ordinal),
    ];

    private static List<ContainerNetwork> Networks(EngineNetworkSettings? settings)
    {
        if (settings?.Networks is { } networks)
        {
            return Networks(networks);
        }

        // Engines before API 1.21 knew the default bridge alone.
        return NullIfEmpty(settings?.IpAddress) is not { } address ? [] :
        [
            new ContainerNetwork
            {
                Name = "bridge", IpAddress = address, Gateway = NullIfEmpty(settings?.Gateway), MacAddress = NullIfEmpty(settings?.MacAddress),
            },
        ];
    }

    private static List<ContainerNetwork> Networks(IReadOnlyDictionary<string, EngineEndpoint> networks) =>
    [
        .. networks.OrderBy(network => network.Key, StringComparer.Ordinal).Select(network => new ContainerNetwork
        {
            Name = network.Key,
            IpAddress = NullIfEmpty(network.Value.IpAddress),
            Ipv6Address = NullIfEmpty(network.Value.Ipv6Address),
            Gateway = NullIfEmpty(network.Value.Gateway),
            MacAddress = NullIfEmpty(network.Value.MacAddress),
            Aliases = (network.Value.Aliases ?? []).Concat(network.Value.DnsNames ?? []).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } names
                ? names
                : null,
        }),
    ];

    private static Dictionary<string, string> Labels(IReadOnlyDictionary<string, string> labels) => labels
        .Where(label => !ComposeLabels.IsOne(label.Key))
        .OrderBy(label => label.Key, StringComparer.Ordinal)
        .ToDictionary(
            label => label.Key,
            label => TerminalText.Cut(TerminalText.Strip(SecretRedaction.Value(label.Key, label.Value)), MaxLabelLength),
            StringComparer.Ordinal);

    private static string? Command(IReadOnlyList<string>? words) => words switch
    {
        null or { Count: 0 } => null,
        // A list holds the whole command line as one string.
        [var line] => NullIfEmpty(TerminalText.OneLine(SecretRedaction.Text(line), MaxCommandLength)),
        _ => NullIfEmpty(TerminalText.OneLine(string.Join(' ', SecretRedaction.Arguments(words)), MaxCommandLength)),
    };

    // `docker ps` shows names first that have no second slash: the others are links from other containers.
    private static string? Name(IReadOnlyList<string>? names)
    {
        var own = names?.FirstOrDefault(name => !name.TrimStart('/').Contains('/', StringComparison.Ordinal)) ?? (names is { Count: > 0 } ? names[0] : null);
        return NullIfEmpty(own?.TrimStart('/'));
    }

    private static string? DigestIn(string? image)
    {
        var at = image?.IndexOf("@sha256:", StringComparison.Ordinal) ?? -1;
        return at < 0 ? null : image![(at + 1)..];
    }

    private static string? Policy(EngineRestartPolicy? policy) => policy?.Name switch
    {
        null => null,
        "" => "no",
        "on-failure" when policy.MaximumRetryCount is > 0 and var most => $"on-failure:{most}",
        { } name => name,
    };

    private static string Shown(string text) => TerminalText.Cut(SecretRedaction.Text(TerminalText.Strip(text).Trim()), MaxOutputLength);

    private static int? Whole(long? number) => number is >= int.MinValue and <= int.MaxValue ? (int)number : null;

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
