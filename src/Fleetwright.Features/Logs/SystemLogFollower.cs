using System.Runtime.CompilerServices;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Logs;

/// <summary>Follows the system log of a device as it grows.</summary>
internal sealed class SystemLogFollower(DeviceRegistry registry, Observatory observatory, FactsProbe factsProbe, TimeProvider time)
{
    public const int MaxTail = 2000;

    /// <summary>journald may print an entry with all its fields on one line.</summary>
    private const int MaxLineBytes = 256 * 1024;

    /// <summary>Where the device allows no further session, new lines are asked for this often.</summary>
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);

    private static readonly string[] JournalGroups = ["systemd-journal", "adm", "wheel"];

    /// <summary>Starts to follow; the result tells where the log is read from, and must be disposed.</summary>
    /// <param name="device">Id or name.</param>
    /// <param name="unit">A systemd unit; where there is no journal, what the lines name as their writer. Null for all.</param>
    /// <param name="tail">How many lines of the past come first, 0 to 2000.</param>
    /// <exception cref="OperationException">No such device, it is away, it keeps no log, or its log may not be read.</exception>
    /// <exception cref="ConnectionException">The device could not be reached.</exception>
    public async Task<SystemLog> OpenAsync(string device, string? unit, int tail, CancellationToken cancellationToken)
    {
        var found = await KnownAsync(registry.Get(device), cancellationToken);
        var privileges = found.Facts!.Privileges; // KnownAsync returns none without.
        var journalctl = found.Facts.Tools.GetValueOrDefault("journalctl")?.Path ?? "/usr/bin/journalctl";
        var sudo = !privileges.IsRoot && privileges.PasswordlessSudo;
        var sudoJournal = !privileges.IsRoot && privileges.MaySudo(journalctl);
        var connection = registry.ConnectionOf(found.Id);
        var partial = !privileges.IsRoot && !sudoJournal && !privileges.Groups.Intersect(JournalGroups, StringComparer.Ordinal).Any();
        var note = partial ? $"'{privileges.User}' sees only a part of the journal. On the device: sudo usermod -aG systemd-journal {privileges.User}" : null;
        CommandStream stream;
        try
        {
            stream = await connection.StreamAsync(
                Command.Script(SystemLogScript.Text, $"{tail}", unit ?? "", sudoJournal ? "yes" : "no", sudo ? "yes" : "no"), cancellationToken);
        }
        catch (ConnectionException full) when (full.Failure == ConnectionFailure.TooManySessions)
        {
            return await AskAsync(new SystemLogAsker(connection, unit ?? "", sudoJournal, sudo), found, unit, tail, note, cancellationToken);
        }

        var lines = LogLines.ReadAsync(stream.Output, MaxLineBytes, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            var origin = await lines.MoveNextAsync() ? lines.Current : throw await WhyEndedAsync(stream, found);
            Check(origin, found, privileges);
            return new SystemLog(origin, origin == "journal" ? note : null, FollowAsync(stream, lines, found, origin, unit, cancellationToken), stream);
        }
        catch
        {
            await lines.DisposeAsync();
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Without a channel for a stream: asks again and again.</summary>
    private async Task<SystemLog> AskAsync(
        SystemLogAsker asker, RegisteredDevice device, string? unit, int tail, string? note, CancellationToken cancellationToken)
    {
        var (origin, lines, result) = await asker.AskAsync(tail, cancellationToken);
        Check(origin.Length > 0 ? origin : "none", device, device.Facts!.Privileges); // Whoever calls this knows the facts.
        if (!result.Succeeded)
        {
            throw WhyFailed(device, result.ExitCode, result.ErrorText);
        }

        return new SystemLog(origin, origin == "journal" ? note : null, GoOnAsync(asker, device, origin, lines, unit, cancellationToken), Stream: null);
    }

    private async IAsyncEnumerable<SystemLogLine> GoOnAsync(
        SystemLogAsker asker,
        RegisteredDevice device,
        string origin,
        IReadOnlyList<string> lines,
        string? unit,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(AskInterval, time);
        while (true)
        {
            foreach (var text in lines)
            {
                if (Read(text, origin, unit) is { } line)
                {
                    yield return line;
                }
            }

            await timer.WaitForNextTickAsync(cancellationToken);
            (origin, lines, var result) = await asker.AskAsync(0, cancellationToken);
            if (!result.Succeeded)
            {
                throw WhyFailed(device, result.ExitCode, result.ErrorText);
            }
        }
    }

    private async Task<RegisteredDevice> KnownAsync(RegisteredDevice device, CancellationToken cancellationToken)
    {
        if (!device.IsAway && device.Facts is null)
        {
            await observatory.ObserveAsync(device, factsProbe, null, cancellationToken);
            device = registry.Get(device.Id);
        }

        return device is { IsAway: false, Facts: not null } ? device : throw new OperationException(
            OperationError.DeviceAway,
            $"{device.Name} is {(device.Device.Paused ? "paused" : "away")}, so its log cannot be followed.{(device.State.Reason is { } reason ? " " + reason : "")}",
            device.State.Advice ?? "test_device tells why it does not answer; subscribe again when it is online.");
    }

    private static void Check(string origin, RegisteredDevice device, DevicePrivileges privileges)
    {
        if (origin.StartsWith("denied ", StringComparison.Ordinal))
        {
            throw new OperationException(
                OperationError.NotPermittedOnDevice,
                $"'{privileges.User}' may not read {origin["denied ".Length..]} on {device.Name}.",
                $"On the device: sudo usermod -aG adm {privileges.User}; it holds from the next connection on.");
        }

        if (origin == "none")
        {
            throw OperationException.NotFound(
                $"{device.Name} keeps no system log: there is no journal, no /var/log/syslog, no /var/log/messages and no logread.", "Follow a container's log, or install a syslog daemon there.");
        }
    }

    private static async IAsyncEnumerable<SystemLogLine> FollowAsync(
        CommandStream stream, IAsyncEnumerator<string> lines, RegisteredDevice device, string origin, string? unit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reading = lines;
        while (await lines.MoveNextAsync())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Read(lines.Current, origin, unit) is { } line)
            {
                yield return line;
            }
        }

        throw await WhyEndedAsync(stream, device);
    }

    /// <summary>Null for a line of another unit; journalctl chooses by itself.</summary>
    private static SystemLogLine? Read(string text, string origin, string? unit)
    {
        if (origin == "journal")
        {
            return SystemLogParser.FromJournal(text);
        }

        var line = SystemLogParser.FromSyslog(text);
        return unit is null || IsOf(line, unit) ? line : null;
    }

    private static bool IsOf(SystemLogLine line, string unit) =>
        line.Identifier is { } name && (name == unit || string.Equals(name + ".service", unit, StringComparison.Ordinal));

    private static async Task<OperationException> WhyEndedAsync(CommandStream stream, RegisteredDevice device)
    {
        var code = await stream.Completion;
        return code < 0
            ? new OperationException(OperationError.DeviceAway, $"The connection to {device.Name} ended.", "Subscribe again when it is online.")
            : WhyFailed(device, code, stream.ErrorTail);
    }

    private static OperationException WhyFailed(RegisteredDevice device, int code, string error)
    {
        var said = TerminalText.OneLine(error, 300);
        return said.Contains("ermission", StringComparison.Ordinal)
            ? new OperationException(
                OperationError.NotPermittedOnDevice, $"The log of {device.Name} may not be read: {said}", $"On the device: sudo usermod -aG systemd-journal {device.Facts?.Privileges.User}")
            : new OperationException(
                OperationError.DeviceFailed, $"What reads the log of {device.Name} ended with {code}.{(said.Length > 0 ? " It said: " + said : "")}", "Subscribe again; if it ends again, look at the device.");
    }
}

/// <summary>A system log that is being followed.</summary>
/// <param name="Origin">journal, file PATH, or logread.</param>
/// <param name="Note">What the lines lack, and what would give it.</param>
/// <param name="Lines">The last ones, then each new one.</param>
internal sealed record SystemLog(string Origin, string? Note, IAsyncEnumerable<SystemLogLine> Lines, CommandStream? Stream) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
