using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;

namespace Fleetwright.Platform.Probes;

/// <summary>
/// The smallest unit of collection. Derive from <see cref="ScriptProbe{T}"/> (a POSIX script whose output is parsed; all
/// due scripts share one round trip) or <see cref="SocketProbe{T}"/> (a conversation over one of the device's sockets).
/// </summary>
public interface IProbe
{
    /// <summary>Lower case, words joined by dashes; names the reading in the store, in events and in configuration.</summary>
    string Name { get; }

    /// <summary>How often the device is asked when nobody is waiting; configuration can change it.</summary>
    TimeSpan DefaultInterval { get; }

    /// <summary>Past it the question is given up and ended on the device, and the reading is failed.</summary>
    TimeSpan TimeLimit { get; }
}

/// <summary>What both kinds of probe share, typed by the value they read.</summary>
/// <typeparam name="T">The value: a record that System.Text.Json can write and read back.</typeparam>
public abstract class Probe<T> : IProbe
    where T : class
{
    public abstract string Name { get; }

    public abstract TimeSpan DefaultInterval { get; }

    public virtual TimeSpan TimeLimit => TimeSpan.FromSeconds(10);

    /// <summary>
    /// The answer that the facts already give (no such tool: no data; tool there but not for this user: not permitted
    /// with its remedy), or null when the device is to be asked.
    /// </summary>
    public virtual Reading<T>? WithoutAsking(DeviceFacts facts) => null;

    /// <summary>The numbers worth keeping as history.</summary>
    public virtual IEnumerable<Point> PointsOf(T value) => [];
}

/// <summary>A probe that asks by a script and reads the answer with a pure parser.</summary>
public abstract class ScriptProbe<T> : Probe<T>
    where T : class
{
    /// <summary>POSIX sh, for bash, dash and busybox ash; constant text, chosen by facts and never containing them.</summary>
    public abstract string Script(DeviceFacts facts);

    /// <summary>Arguments the script reads as "$1", "$2", …; the only way for text that is not a constant.</summary>
    public virtual IReadOnlyList<string> ScriptArguments(DeviceFacts facts) => [];

    /// <summary>
    /// Whether an answer that was cut, by the time limit or by the cap, still goes to <see cref="Parse"/>; else it is a
    /// failed reading without it.
    /// </summary>
    public virtual bool ReadsCutAnswers => false;

    /// <summary>Reads what the script printed. Never throws for bad output: that is a failed reading.</summary>
    public abstract Reading<T> Parse(CommandResult output, ProbeContext context);
}

/// <summary>A probe that talks over the device's connection itself, for instance to its Docker Engine.</summary>
public abstract class SocketProbe<T> : Probe<T>
    where T : class
{
    /// <exception cref="ConnectionException">The device was lost; the runner turns it into a failed reading.</exception>
    public abstract Task<Reading<T>> AskAsync(IConnection connection, ProbeContext context, CancellationToken cancellationToken);
}

/// <summary>What a probe may know while it reads an answer.</summary>
public sealed class ProbeContext
{
    public required Device Device { get; init; }

    public required DeviceFacts Facts { get; init; }

    /// <summary>When the device was asked.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>
    /// What this probe keeps in memory between its runs on this device (counters, to make rates of); empty after a start
    /// and after the device booted. Runs of one probe on one device never overlap.
    /// </summary>
    public required ProbeMemory Memory { get; init; }
}

/// <summary>One slot of memory for one probe on one device.</summary>
public sealed class ProbeMemory
{
    private object? _state;

    public TState? Get<TState>()
        where TState : class => _state as TState;

    public void Set(object? state) => _state = state;
}
