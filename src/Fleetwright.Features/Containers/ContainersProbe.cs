using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Containers;

/// <summary>
/// The containers of a device with what they use. A poll costs one call for the list and one per running container for
/// its usage; a container is inspected again only when the list shows that it may have changed.
/// </summary>
public sealed class ContainersProbe(DockerEngines engines, TimeProvider time) : SocketProbe<ContainerList>
{
    public override string Name => "containers";

    public override TimeSpan DefaultInterval => TimeSpan.FromSeconds(30);

    public override TimeSpan TimeLimit => TimeSpan.FromSeconds(20);

    public override Reading<ContainerList>? WithoutAsking(DeviceFacts facts) =>
        EngineSocket.PathOf(facts) is null ? Reading.NoData<ContainerList>("There is neither Docker nor Podman on it.") : null;

    public override async Task<Reading<ContainerList>> AskAsync(IConnection connection, ProbeContext context, CancellationToken cancellationToken)
    {
        if (EngineSocket.PathOf(context.Facts) is not { } path)
        {
            return Reading.NoData<ContainerList>("There is neither Docker nor Podman on it.");
        }

        var memory = context.Memory.Get<ContainersMemory>() ?? new ContainersMemory();
        context.Memory.Set(memory);
        try
        {
            var poll = new ContainersPoll(engines.Of(connection, path), memory, context.Now, time);
            return Reading.Ok(await poll.RunAsync(cancellationToken));
        }
        catch (ConnectionException failure) when (EngineSocket.ReadingOf(failure, context.Facts) is { } reading)
        {
            return reading;
        }
        catch (DockerEngineException failure)
        {
            return Reading.Failed<ContainerList>(failure.Message);
        }
    }

    public override IEnumerable<Point> PointsOf(ContainerList value) => ContainerPoints.Of(value);
}
