using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Containers;

/// <summary>The way from a device's name to its engine and to one of its containers.</summary>
internal sealed class ContainerAccess(DeviceRegistry registry, DockerEngines engines, Observatory observatory, ContainersProbe probe)
{
    /// <summary>The engine of a device that is online.</summary>
    /// <exception cref="OperationException">No such device, it is away, or it has no engine.</exception>
    public async Task<DeviceEngine> OpenAsync(string deviceIdOrName, CancellationToken cancellationToken)
    {
        var device = registry.Get(deviceIdOrName);
        if (!device.IsAway && device.Facts is null)
        {
            // First contact: asking anything finds out what the device has.
            await observatory.ObserveAsync(device, probe, null, cancellationToken);
            device = registry.Get(device.Id);
        }

        if (device.IsAway || device.Facts is null)
        {
            var what = device.Device.Paused ? "paused" : "away";
            throw new OperationException(
                OperationError.DeviceAway,
                $"{device.Name} is {what}, so its containers cannot be asked.{(device.State.Reason is { } reason ? " " + reason : "")}",
                device.State.Advice ?? "get_container_details gives the last that was seen; test_device tells why it does not answer.");
        }

        var path = EngineSocket.PathOf(device.Facts) ?? throw OperationException.NotFound(
            $"{device.Name} has neither Docker nor Podman.", "list_containers shows which devices have containers.");
        return new DeviceEngine(device, engines.Of(registry.ConnectionOf(device.Id), path));
    }
}

/// <summary>A device's engine, and the failures of asking it in an operation's words.</summary>
internal sealed record DeviceEngine(RegisteredDevice Device, DockerEngineClient Client)
{
    /// <exception cref="OperationException">The engine could not be asked.</exception>
    public async Task<T> AskAsync<T>(Func<DockerEngineClient, Task<T>> ask)
    {
        try
        {
            return await ask(Client);
        }
        catch (Exception failure) when (failure is ConnectionException or DockerEngineException)
        {
            throw EngineSocket.ErrorOf(failure, Device);
        }
    }

    /// <summary>The container that a person means, inspected at this moment.</summary>
    /// <exception cref="OperationException">None, several, or the engine could not be asked.</exception>
    public Task<EngineContainerDetails> FindAsync(string text, CancellationToken cancellationToken) => AskAsync(async client =>
    {
        var listed = (await client.ListContainersAsync(all: true, cancellationToken)).Select(ContainerReader.FromSummary).ToList();
        return await client.InspectContainerAsync(ContainerFinder.Find(listed, text, Device.Name).Id, cancellationToken);
    });
}

/// <summary>Finds the one container that a text means: its name, the beginning of its id, or its Compose service.</summary>
internal static class ContainerFinder
{
    private const int ShortestIdPrefix = 4;
    private const int MaxNamed = 12;

    /// <exception cref="OperationException">None or several fit; the message names them.</exception>
    public static Container Find(IReadOnlyList<Container> containers, string text, string device)
    {
        var name = text.Trim().TrimStart('/');
        if (name.Length == 0)
        {
            throw OperationException.Invalid("container", "it is empty.", "Pass a container's name, id or Compose service.");
        }

        foreach (var fits in (Func<Container, bool>[])
        [
            container => container.Name == name || container.Id == name,
            container => name.Length >= ShortestIdPrefix && container.Id.StartsWith(name, StringComparison.OrdinalIgnoreCase),
            container => container.Compose is { Service: { } service } compose && (service == name || $"{compose.Project}/{service}" == name),
            container => string.Equals(container.Name, name, StringComparison.OrdinalIgnoreCase),
        ])
        {
            switch (containers.Where(fits).ToList())
            {
                case [var only]:
                    return only;
                case { Count: > 1 } several:
                    throw OperationException.Invalid(
                        "container", $"'{name}' fits {several.Count} containers on {device}: {Named(several)}.", "Pass one of these names, or a longer part of the id.");
            }
        }

        var near = containers.Where(container => container.Name.Contains(name, StringComparison.OrdinalIgnoreCase)
            || name.Contains(container.Name, StringComparison.OrdinalIgnoreCase)).ToList();
        throw OperationException.NotFound(
            $"There is no container '{name}' on {device}.",
            containers.Count == 0 ? "There are no containers there at all; list_containers shows those of other devices."
                : near.Count > 0 ? $"Did you mean {Named(near)}?"
                : $"There are: {Named(containers)}.");
    }

    private static string Named(IReadOnlyList<Container> containers)
    {
        var names = containers.OrderBy(container => container.Name, StringComparer.Ordinal)
            .Take(MaxNamed).Select(container => $"{container.Name} ({ContainerSummary.ShortId(container.Id)})");
        return string.Join(", ", names) + (containers.Count > MaxNamed ? $" and {containers.Count - MaxNamed} more" : "");
    }
}
