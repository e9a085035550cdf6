using System.Runtime.CompilerServices;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Features.Logs;

/// <summary>Whose log.</summary>
internal enum LogSource
{
    System,
}

/// <summary>What a subscription to a system log says.</summary>
internal sealed record SystemLogFilter
{
    /// <summary>Id or name of the device.</summary>
    public required string Device { get; init; }

    /// <summary>system: the log of the machine itself.</summary>
    public required LogSource Source { get; init; }

    /// <summary>Only lines of this systemd unit (ssh, docker.service); without a journal, of the program of that name.</summary>
    public string? Service { get; init; }

    /// <summary>How many lines of the past come first, 0 to 2000; 50 when absent.</summary>
    public int? Tail { get; init; }
}

/// <summary>The system log of a device, line by line as it is written.</summary>
internal sealed class SystemLogChannel(DeviceRegistry registry, SystemLogFollower follower, TimeProvider time) : LiveChannel<SystemLogFilter>
{
    private const int DefaultTail = 50;
    private const int MaxServiceLength = 128;

    public override string Name => "logs";

    public override string? Selector => "source";

    public override string Description =>
        "The system log of a device as it grows: journald's where it runs, else syslog's. First where it is read from (opened), then its last lines and each new one (line).";

    protected override async Task<IAsyncEnumerable<LiveMessage>> OpenAsync(SystemLogFilter filter, CancellationToken cancellationToken)
    {
        var device = registry.Get(filter.Device).Id;
        var tail = filter.Tail ?? DefaultTail;
        if (tail is < 0 or > SystemLogFollower.MaxTail)
        {
            throw OperationException.Invalid("filter.tail", $"{tail} is out of range.", $"Use a number from 0 to {SystemLogFollower.MaxTail}.");
        }

        // journalctl takes patterns as units; a name is all that is meant here.
        if (filter.Service is { } service && !(service.Length is > 0 and <= MaxServiceLength && service[0] != '-'
            && service.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or ':' or '\\')))
        {
            throw OperationException.Invalid("filter.service", "it is not the name of a service.", "Use a unit's name, such as ssh or docker.service.");
        }

        return FollowAsync(device, await follower.OpenAsync(device, filter.Service, tail, cancellationToken), cancellationToken);
    }

    private async IAsyncEnumerable<LiveMessage> FollowAsync(string device, SystemLog opened, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var log = opened;
        yield return new LiveMessage { Event = "opened", At = time.GetUtcNow(), Device = device, Data = new SystemLogOpened(log.Origin, log.Note) };
        await foreach (var line in log.Lines.WithCancellation(cancellationToken))
        {
            yield return new LiveMessage { Event = "line", At = time.GetUtcNow(), Device = device, Data = line };
        }
    }
}

/// <summary>Where a system log is read from.</summary>
/// <param name="Origin">journal, file PATH, or logread.</param>
/// <param name="Note">What it lacks, and what would give it.</param>
internal sealed record SystemLogOpened(string Origin, string? Note);
