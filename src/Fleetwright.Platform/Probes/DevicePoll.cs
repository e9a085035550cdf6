using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Probes;

/// <summary>
/// One device asked once, by scripts in one round trip or over a socket: what came back, what did not, and what that says
/// of the device. Both ways give null when it answered, else why it could not be asked.
/// </summary>
internal sealed partial class DevicePoll
{
    /// <summary>For opening the connection, which a connection bounds itself; past this it is taken for dead.</summary>
    private static readonly TimeSpan ConnectAllowance = TimeSpan.FromSeconds(20);

    private static readonly Command AreYouThere = new("true") { TimeLimit = TimeSpan.FromSeconds(5) };

    /// <summary>What a script is chosen by when nothing is known of the device, which is so for the facts' own.</summary>
    private static readonly DeviceFacts Unknown = new() { Type = DeviceType.Linux, Privileges = new DevicePrivileges { User = "" } };

    private readonly PolledDevice _device;
    private readonly RegisteredDevice _registered;
    private readonly IConnection _connection;
    private readonly DeviceRegistry _registry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DateTimeOffset _askedAt;
    private DeviceFacts? _facts;

    public DevicePoll(
        PolledDevice device, RegisteredDevice registered, IConnection connection, DeviceRegistry registry, TimeProvider time, ILogger logger)
    {
        (_device, _registered, _connection, _registry, _time, _logger) = (device, registered, connection, registry, time, logger);
        _askedAt = time.GetUtcNow();
        _facts = registered.Facts ?? (device.FactsSlot is null ? Unknown : null);
    }

    /// <summary>All scripts in one round trip; one that is broken fails alone.</summary>
    public async Task<ConnectionException?> AskScriptsAsync(IReadOnlyList<ProbeSlot> slots, CancellationToken stopping)
    {
        var asked = new List<ProbeSlot>(slots.Count);
        var scripts = new List<Command>(slots.Count);
        var limit = ConnectAllowance;
        foreach (var slot in slots)
        {
            if (NeedsAsking(slot) && ScriptOf(slot) is { } script)
            {
                asked.Add(slot);
                scripts.Add(script);
                limit += script.TimeLimit;
            }
        }

        if (asked.Count == 0)
        {
            return null;
        }

        using var deadline = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            Received(asked, await _connection.RunBatchAsync(scripts, either.Token));
            return null;
        }
        catch (ConnectionException failure)
        {
            return Failed(asked, failure);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Failed(asked, TooLate(limit, "Look whether the machine is overloaded or its disks hang."));
        }
    }

    /// <summary>A conversation over one of the device's sockets.</summary>
    public async Task<ConnectionException?> AskSocketAsync(ProbeSlot slot, CancellationToken stopping)
    {
        if (!NeedsAsking(slot))
        {
            return null;
        }

        var limit = slot.Entry.Probe.TimeLimit + (_connection.IsOpen ? TimeSpan.Zero : ConnectAllowance);
        using var deadline = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        var started = _time.GetTimestamp();
        object reading;
        try
        {
            reading = await slot.AskAsync(_connection, ContextOf(slot), either.Token);
        }
        catch (ConnectionException failure)
        {
            return await DoubtAsync(slot, failure, stopping);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return await DoubtAsync(slot, TooLate(limit, "Look whether the service behind that socket hangs."), stopping);
        }
        catch (Exception defect) when (defect is not (OperationCanceledException or ObjectDisposedException))
        {
            reading = NotUnderstood(slot, defect, default);
        }

        var at = _time.GetUtcNow();
        Answered([slot], at);
        slot.Take(reading, at, _time.GetElapsedTime(started));
        return null;
    }

    // False when the facts answer already, or when nothing can be asked without them.
    private bool NeedsAsking(ProbeSlot slot)
    {
        if (slot == _device.FactsSlot)
        {
            return true;
        }

        if (_facts is null)
        {
            slot.Take(slot.Failed("What the device is and has could not be found out, so it was not asked; see its facts."), _askedAt, TimeSpan.Zero);
            return false;
        }

        try
        {
            if (slot.WithoutAsking(_facts) is not { } known)
            {
                return true;
            }

            _device.Settled(slot);
            slot.Take(known, _askedAt, TimeSpan.Zero);
        }
        catch (Exception defect)
        {
            slot.Take(NotUnderstood(slot, defect, default), _askedAt, TimeSpan.Zero);
        }

        return false;
    }

    private Command? ScriptOf(ProbeSlot slot)
    {
        try
        {
            return slot.Script(_facts ?? Unknown);
        }
        catch (Exception defect)
        {
            LogProbeDefect(defect, slot.Name, _device.Id);
            slot.Take(slot.Failed($"The question could not be put ({defect.GetType().Name})."), _askedAt, TimeSpan.Zero);
            return null;
        }
    }

    private void Received(List<ProbeSlot> asked, IReadOnlyList<CommandResult> results)
    {
        var at = _time.GetUtcNow();
        Answered(asked, at);

        // The facts first: the other answers are read in their light, whether the device booted and what it has.
        var facts = _device.FactsSlot is { } slot ? asked.IndexOf(slot) : -1;
        if (facts >= 0)
        {
            TakeFacts(asked[facts], results[facts], at);
        }

        for (var i = 0; i < asked.Count; i++)
        {
            if (i != facts)
            {
                asked[i].Take(Read(asked[i], results[i]), at, results[i].Duration);
            }
        }
    }

    private void TakeFacts(ProbeSlot slot, CommandResult result, DateTimeOffset at)
    {
        var reading = Read(slot, result);
        slot.Take(reading, at, result.Duration);
        if (reading is Reading<DeviceFacts> { Status: ReadingStatus.Ok, Value: { } facts })
        {
            _device.NoteBootTime(facts.BootTime);
            _registry.ReportFacts(_device.Id, facts);
            _facts = _registry.Find(_device.Id)?.Facts ?? facts;
        }
    }

    private object Read(ProbeSlot slot, CommandResult result)
    {
        var raw = result.Output.IsEmpty ? result.Error : result.Output;
        if (result.TimedOut && !slot.ReadsCutAnswers)
        {
            return slot.Failed($"It took longer than {slot.Entry.Probe.TimeLimit.TotalSeconds:0.#} s on the device, and was ended there.", raw.Span);
        }

        if (result.Truncated && !slot.ReadsCutAnswers)
        {
            return slot.Failed($"The answer was longer than {Command.DefaultOutputCapBytes / 1024 / 1024} MB, and was cut.", raw.Span);
        }

        try
        {
            return slot.Parse(result, ContextOf(slot));
        }
        catch (Exception defect)
        {
            return NotUnderstood(slot, defect, raw.Span);
        }
    }

    private object NotUnderstood(ProbeSlot slot, Exception exception, ReadOnlySpan<byte> raw)
    {
        if (exception is UnreadableOutputException)
        {
            return slot.Failed(exception.Message, raw);
        }

        // A parser says so by a failed reading; that it threw is a defect of it.
        LogProbeDefect(exception, slot.Name, _device.Id);
        return slot.Failed($"The answer was not understood ({exception.GetType().Name}).", raw);
    }

    // A service that hangs looks like a device that hangs; only a second question tells them apart.
    private async Task<ConnectionException?> DoubtAsync(ProbeSlot slot, ConnectionException failure, CancellationToken stopping)
    {
        if (SaysDeviceIsAway(failure))
        {
            using var deadline = new CancellationTokenSource(AreYouThere.TimeLimit + ConnectAllowance, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
            try
            {
                await _connection.RunAsync(AreYouThere, either.Token);
            }
            catch (ConnectionException away) when (SaysDeviceIsAway(away))
            {
                return Away([slot], away);
            }
            catch (ConnectionException)
            {
                // It refuses a further session, so it is there.
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                return Away([slot], failure);
            }
        }

        return NotLetThrough([slot], failure);
    }

    private ConnectionException? Failed(IReadOnlyList<ProbeSlot> asked, ConnectionException failure) =>
        SaysDeviceIsAway(failure) ? Away(asked, failure) : NotLetThrough(asked, failure);

    private ConnectionException Away(IReadOnlyList<ProbeSlot> asked, ConnectionException failure)
    {
        var at = _time.GetUtcNow();
        _device.Away(asked, at, failure.NeedsPerson);
        _registry.ReportFailure(_device.Id, failure, at);
        return failure;
    }

    // The device is there: only these questions were not let through.
    private ConnectionException? NotLetThrough(IReadOnlyList<ProbeSlot> asked, ConnectionException failure)
    {
        var at = _time.GetUtcNow();
        Answered(asked, at);
        foreach (var slot in asked)
        {
            slot.Take(slot.Failed(failure.Message, remedy: failure.Advice), at, TimeSpan.Zero);
        }

        return null;
    }

    private void Answered(IReadOnlyList<ProbeSlot> asked, DateTimeOffset at)
    {
        _device.Answered(asked);
        _registry.ReportAnswered(_device.Id, at);
    }

    private ProbeContext ContextOf(ProbeSlot slot) => new()
    {
        Device = _registered.Device,
        Facts = _facts ?? Unknown,
        Now = _askedAt,
        Memory = slot.Memory,
    };

    private static ConnectionException TooLate(TimeSpan limit, string advice) =>
        new(ConnectionFailure.TimedOut, $"It gave no answer within {limit.TotalSeconds:0.#} s.", advice);

    private static bool SaysDeviceIsAway(ConnectionException failure) => failure.Failure is not (ConnectionFailure.ForwardingRefused
        or ConnectionFailure.TooManySessions or ConnectionFailure.SocketMissing or ConnectionFailure.SocketNotPermitted);

    [LoggerMessage(Level = LogLevel.Error, Message = "The probe {Probe} failed on {Device}")]
    private partial void LogProbeDefect(Exception exception, string probe, string device);
}
