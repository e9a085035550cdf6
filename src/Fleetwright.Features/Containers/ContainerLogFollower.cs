using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Events;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Features.Containers;

/// <summary>
/// Follows the log of one container as it grows, through restarts of the container, through its replacement by another of
/// the same name, and through restarts of the engine.
/// </summary>
public sealed class ContainerLogFollower
{
    /// <summary>How often it is looked whether a stopped container runs again, should its event be missed.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    /// <summary>Where the device allows no further session, new lines are asked for this often.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);

    private readonly ContainerAccess _access;
    private readonly EventBus _events;
    private readonly TimeProvider _time;

    internal ContainerLogFollower(ContainerAccess access, EventBus events, TimeProvider time) => (_access, _events, _time) = (access, events, time);

    /// <summary>The last lines, then each new one as it comes, until cancelled.</summary>
    /// <param name="device">Device id or name.</param>
    /// <param name="container">Name, id or Compose service.</param>
    /// <param name="tail">How many lines of the past come first, 0 to 2000.</param>
    /// <param name="cancellationToken">Ends the following; the enumeration then throws <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="OperationException">
    /// At the start: no such device or container, or it cannot be asked. Later: the device went away or was removed, or
    /// the container was and did not come back.
    /// </exception>
    public async IAsyncEnumerable<ContainerLogLine> FollowAsync(
        string device, string container, int tail, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (tail is < 0 or > ContainerLogReader.MaxTail)
        {
            throw OperationException.Invalid("tail", $"{tail} is out of range.", $"Use a number from 0 to {ContainerLogReader.MaxTail}.");
        }

        var engine = await _access.OpenAsync(device, cancellationToken);
        var followed = new Followed(await engine.FindAsync(container, cancellationToken), tail);
        using var news = _events.Subscribe(
            told => told.Type == ContainerEvents.StateChanged && told.Device == engine.Device.Id && told.Subject == followed.Name, 16);
        while (true)
        {
            // The lines go through a queue of one, so that a failure of the stream can be caught around a yield.
            var lines = Channel.CreateBounded<EngineLogLine>(1);
            using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var pump = PumpAsync(engine.Client, followed, lines.Writer, reading.Token);
            try
            {
                await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
                {
                    yield return ContainerLogReader.Shown(line);
                }
            }
            finally
            {
                await reading.CancelAsync();
                await pump.ContinueWith(static _ => { }, TaskScheduler.Default);
            }

            await WaitAsync(news, await pump, cancellationToken);
            engine = await AgainAsync(engine, followed, cancellationToken);
        }
    }

    // Returns how long to wait before the log is opened again.
    private static async Task<TimeSpan> PumpAsync(
        DockerEngineClient client, Followed followed, ChannelWriter<EngineLogLine> lines, CancellationToken cancellationToken)
    {
        try
        {
            var follow = followed.MayFollow;
            await foreach (var line in client.ReadLogsAsync(followed.Id, followed.Next(follow), followed.Terminal, null, cancellationToken))
            {
                if (followed.IsNew(line))
                {
                    await lines.WriteAsync(line, cancellationToken);
                }
            }

            return follow ? LookAgain : AskInterval;
        }
        catch (ConnectionException failure) when (failure.Failure == ConnectionFailure.TooManySessions && followed.MayFollow)
        {
            followed.MayFollow = false;
            return TimeSpan.Zero;
        }
        catch (Exception failure) when (failure is ConnectionException or DockerEngineException)
        {
            return AskInterval;
        }
        finally
        {
            lines.TryComplete();
        }
    }

    private async Task WaitAsync(EventSubscription news, TimeSpan time, CancellationToken cancellationToken)
    {
        if (time == TimeSpan.Zero)
        {
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // Whichever is first: the engine says that something happened to the container, or the time is up.
            await await Task.WhenAny(news.Events.WaitToReadAsync(either.Token).AsTask(), Task.Delay(time, _time, either.Token));
        }
        finally
        {
            await either.CancelAsync();
        }

        while (news.Events.TryRead(out _))
        {
        }
    }

    /// <summary>Finds the container again: the same one, or the one that took its name.</summary>
    private async Task<DeviceEngine> AgainAsync(DeviceEngine engine, Followed followed, CancellationToken cancellationToken)
    {
        var missing = 0;
        while (true)
        {
            // Throws when the device is known to be away, which ends the following with the reason.
            var current = await _access.OpenAsync(engine.Device.Id, cancellationToken);
            try
            {
                followed.Now(await current.Client.InspectContainerAsync(followed.Id, cancellationToken));
                return current;
            }
            catch (DockerEngineException failure) when (failure.Failure == DockerEngineFailure.NotFound)
            {
                if (await ReplacementAsync(current, followed, cancellationToken))
                {
                    return current;
                }

                // `compose up` removes a container some time before it makes the next one.
                if (++missing > 12)
                {
                    throw OperationException.NotFound($"The container '{followed.Name}' was removed.", "list_containers shows what there is.");
                }
            }
            catch (Exception failure) when (failure is ConnectionException or DockerEngineException)
            {
                // The engine restarts; if it is the device that is gone, its status will say so.
            }

            await Task.Delay(LookAgain / 2, _time, cancellationToken);
        }
    }

    private static async Task<bool> ReplacementAsync(DeviceEngine engine, Followed followed, CancellationToken cancellationToken)
    {
        try
        {
            followed.Now(await engine.Client.InspectContainerAsync(followed.Name, cancellationToken));
            return true;
        }
        catch (Exception failure) when (failure is ConnectionException or DockerEngineException)
        {
            return false;
        }
    }

    /// <summary>Where the following of one container stands.</summary>
    private sealed class Followed
    {
        private readonly int _tail;
        private long? _last;
        private long? _resumedAfter;
        private long? _startedAt;
        private bool _begun;

        public Followed(EngineContainerDetails container, int tail)
        {
            _tail = tail;
            Name = container.Name?.TrimStart('/') ?? container.Id ?? "";
            Now(container);
        }

        public string Name { get; }

        public string Id { get; private set; } = "";

        public bool Terminal { get; private set; }

        /// <summary>False where the device lets no stream through beside what it carries already.</summary>
        public bool MayFollow { get; set; } = true;

        public void Now(EngineContainerDetails container)
        {
            (Id, Terminal) = (container.Id ?? Name, container.Config?.Tty == true);
            _startedAt = container.State?.StartedAt is { } at ? (at - DateTimeOffset.UnixEpoch).Ticks * 100 : null;
        }

        /// <summary>The next part: at first the tail, then whatever came after the last line that was seen.</summary>
        public DockerLogQuery Next(bool follow)
        {
            _resumedAfter = _last;
            var begun = _begun;
            _begun = true;
            // Where no line was seen yet, the new run's start is the engine's own time; ours may differ from it.
            return (_last ?? (begun ? _startedAt : null)) is { } since
                ? new DockerLogQuery { SinceUnixNanoseconds = since, Follow = follow }
                : new DockerLogQuery { Tail = begun ? 0 : _tail, Follow = follow };
        }

        /// <summary>The engine sends the lines of the last nanosecond again.</summary>
        public bool IsNew(EngineLogLine line)
        {
            if (line.UnixNanoseconds is not { } at)
            {
                return true;
            }

            if (at <= _resumedAfter)
            {
                return false;
            }

            _last = Math.Max(at, _last ?? 0);
            return true;
        }
    }
}
