using System.Runtime.CompilerServices;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Features.Containers;

/// <summary>What a subscription to a container's log says.</summary>
internal sealed record ContainerLogFilter
{
    /// <summary>Id or name of the device.</summary>
    public required string Device { get; init; }

    /// <summary>Name, id or Compose service.</summary>
    public required string Container { get; init; }

    /// <summary>How many lines of the past come first, 0 to 2000; 50 when absent.</summary>
    public int? Tail { get; init; }
}

/// <summary>The log of a container, line by line as it is written, through restarts of the container and its engine.</summary>
internal sealed class ContainerLogChannel(ContainerAccess access, ContainerLogFollower follower, TimeProvider time) : LiveChannel<ContainerLogFilter>
{
    private const int DefaultTail = 50;

    public override string Name => "logs";

    public override string? Selector => "container";

    public override string Description =>
        "The log of a container as it grows: its last lines and each new one (line), through restarts of the container and of its engine.";

    protected override async Task<IAsyncEnumerable<LiveMessage>> OpenAsync(ContainerLogFilter filter, CancellationToken cancellationToken)
    {
        var tail = filter.Tail ?? DefaultTail;
        if (tail is < 0 or > ContainerLogReader.MaxTail)
        {
            throw OperationException.Invalid("filter.tail", $"{tail} is out of range.", $"Use a number from 0 to {ContainerLogReader.MaxTail}.");
        }

        // Looked up here as well, so that a mistake is the answer to the subscription.
        var engine = await access.OpenAsync(filter.Device, cancellationToken);
        var found = await engine.FindAsync(filter.Container, cancellationToken);
        return FollowAsync(engine.Device.Id, found.Name?.TrimStart('/') ?? filter.Container, tail, cancellationToken);
    }

    private async IAsyncEnumerable<LiveMessage> FollowAsync(string device, string container, int tail, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in follower.FollowAsync(device, container, tail, cancellationToken))
        {
            yield return new LiveMessage { Event = "line", At = time.GetUtcNow(), Device = device, Subject = container, Data = line };
        }
    }
}
