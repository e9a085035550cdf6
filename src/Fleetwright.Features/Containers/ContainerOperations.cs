using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Containers;

/// <summary>What can be asked about containers.</summary>
public sealed class ContainerOperations
{
    /// <summary>Pages of one device's list come within seconds; asking for each would show it in motion.</summary>
    private static readonly TimeSpan DeviceListAge = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The fleet's list is what the polls last saw, and the engines' events bring them a change within a second: asking every
    /// engine again would make the answer wait for the slowest one. Each item says when it was observed.
    /// </summary>
    private static readonly TimeSpan FleetListAge = TimeSpan.FromSeconds(45);

    private readonly DeviceRegistry _registry;
    private readonly Observatory _observatory;
    private readonly ContainersProbe _probe;
    private readonly ContainerAccess _access;
    private readonly ContainerLogReader _logs;

    internal ContainerOperations(
        DeviceRegistry registry, Observatory observatory, ContainersProbe probe, ContainerAccess access, ContainerLogReader logs) =>
        (_registry, _observatory, _probe, _access, _logs) = (registry, observatory, probe, access, logs);

    /// <summary>Docker and Podman containers of all devices, or of one: state, health, restarts, ports, CPU, memory.</summary>
    /// <param name="device">Only this device (id or name).</param>
    /// <param name="status">Only these; problem = unhealthy, restarting, dead, OOM-killed or failed.</param>
    /// <param name="image">Part of the image's name.</param>
    /// <param name="project">Compose project.</param>
    /// <param name="search">Part of the name, service or image.</param>
    /// <param name="cursor">nextCursor of the page before.</param>
    /// <param name="limit">1 to 1000; default 100.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [Operation("list_containers", "GET /api/containers")]
    public async Task<Page<ContainerSummary>> ListContainersAsync(
        string? device = null,
        ContainerFilter? status = null,
        string? image = null,
        string? project = null,
        string? search = null,
        string? cursor = null,
        int? limit = null,
        CancellationToken cancellationToken = default)
    {
        var only = device is null ? null : _registry.Get(device);
        var observations = await _observatory.ObserveFleetAsync(
            _probe, only is null ? null : one => one.Id == only.Id, only is null ? FleetListAge : DeviceListAge, cancellationToken);
        var matching =
            from seen in observations
            from container in seen.Value?.Containers ?? []
            where status is not { } filter || ContainerSummary.Fits(container, filter)
            where Has(container.Image, image)
            where project is null || string.Equals(container.Compose?.Project, project, StringComparison.OrdinalIgnoreCase)
            where search is null || Has(container.Name, search) || Has(container.Compose?.Service, search) || Has(container.Image, search)
            select ContainerSummary.Of(container, seen);
        return Page.Of(
            matching, item => $"{item.Device}/{item.Name}/{item.Id}", cursor, limit, [.. observations.SelectMany(seen => Notes(seen, only is not null))]);
    }

    /// <summary>
    /// One container in full: health checks' last outputs, restarts, exit code, OOM, ports, mounts, networks, Compose
    /// dependencies, labels, image digest, CPU, memory, I/O.
    /// </summary>
    /// <param name="device">Device id or name.</param>
    /// <param name="container">Name, id (4 digits at least) or Compose service.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [Operation("get_container_details", "GET /api/devices/{device}/containers/{container}")]
    public async Task<ContainerDetails> GetContainerDetailsAsync(string device, string container, CancellationToken cancellationToken = default)
    {
        var registered = _registry.Get(device);
        var seen = await _observatory.ObserveAsync(registered, _probe, null, cancellationToken);
        if (seen.Value is not { } list)
        {
            throw NoList(registered, seen);
        }

        var found = ContainerFinder.Find(list.Containers, container, registered.Name);
        if (seen.Source == ObservationSource.Live)
        {
            // The reading may rest on an inspect of some minutes ago; who asks for details gets those of this moment.
            var engine = await _access.OpenAsync(registered.Id, cancellationToken);
            var inspected = ContainerReader.FromDetails(await engine.AskAsync(client => client.InspectContainerAsync(found.Id, cancellationToken)));
            found = inspected with
            {
                StatusText = inspected.State == found.State ? found.StatusText : null,
                Image = found.Image,
                ImageDigest = found.ImageDigest ?? inspected.ImageDigest,
                Usage = found.Usage,
            };
        }

        return new ContainerDetails
        {
            Device = registered.Id,
            Source = seen.Source,
            ObservedAt = seen.ObservedAt,
            CachedBecause = seen.CachedBecause,
            Container = found,
        };
    }

    /// <summary>Log lines of one container, oldest first. Live only.</summary>
    /// <param name="device">Device id or name.</param>
    /// <param name="container">Name, id or Compose service.</param>
    /// <param name="since">From then on: 15m, 2h, 2026-07-01T12:00:00Z.</param>
    /// <param name="until">Up to then.</param>
    /// <param name="tail">The last so many (matching) lines: 1 to 2000; default 200.</param>
    /// <param name="search">Only lines with this text, in any case.</param>
    /// <param name="stream">Only stdout or stderr.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [Operation("get_container_logs", "GET /api/devices/{device}/containers/{container}/logs")]
    public async Task<ContainerLogs> GetContainerLogsAsync(
        string device,
        string container,
        PointInTime? since = null,
        PointInTime? until = null,
        int? tail = null,
        string? search = null,
        ContainerLogStream? stream = null,
        CancellationToken cancellationToken = default)
    {
        var engine = await _access.OpenAsync(device, cancellationToken);
        return await _logs.ReadAsync(engine, container, new ContainerLogRequest(since, until, tail, search, stream), cancellationToken);
    }

    private static bool Has(string? text, string? part) =>
        part is null || text?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;

    // Devices without an engine are worth a word only to who asked for one of them.
    private static IEnumerable<string> Notes(Observation<ContainerList> seen, bool named)
    {
        if (seen.Status is not ReadingStatus.Ok && (named || seen.Status is not ReadingStatus.NoData))
        {
            yield return $"{seen.Device}: {seen.Reason ?? "its containers are not known."}{(seen.Remedy is { } remedy ? $" To do: {remedy}" : "")}";
        }

        if (seen.CachedBecause is { } because)
        {
            yield return seen.Value is null
                ? $"{seen.Device}: nothing known. {because}"
                : $"{seen.Device}: as of {seen.ObservedAt:u}. {because}";
        }

        foreach (var note in seen.Value?.Notes ?? [])
        {
            yield return $"{seen.Device}: {note}";
        }
    }

    private static OperationException NoList(RegisteredDevice device, Observation<ContainerList> seen) => seen switch
    {
        { CachedBecause: { } because } => new OperationException(
            OperationError.DeviceAway, $"{because} None of its containers was ever seen.", seen.Remedy ?? "test_device tells why it does not answer."),
        { Status: ReadingStatus.NotPermitted } => new OperationException(
            OperationError.NotPermittedOnDevice, $"{device.Name}: {seen.Reason}", $"Run there: {seen.Remedy}"),
        { Status: ReadingStatus.NoData } => OperationException.NotFound(
            $"{device.Name}: {seen.Reason}", "list_containers shows which devices have containers."),
        _ => new OperationException(OperationError.DeviceFailed, $"{device.Name}: {seen.Reason}", seen.Remedy ?? "Ask again; see the engine's own log: journalctl -u docker."),
    };
}
