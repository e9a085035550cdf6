namespace Fleetwright.Platform.Connections;

/// <summary>
/// What to run on a device: an argument vector, never a command line. It is quoted in one place,
/// <see cref="ShellQuoting"/>, so a caller's text can only ever be one argument.
/// </summary>
public sealed record Command
{
    public static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromSeconds(10);
    public const int DefaultOutputCapBytes = 8 * 1024 * 1024;

    public Command(params IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0 || arguments[0].Length == 0)
        {
            throw new ArgumentException("A command needs a program to run.", nameof(arguments));
        }

        Arguments = arguments;
    }

    /// <summary>The program and its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Past it the command is ended on the device together with its children.</summary>
    public TimeSpan TimeLimit { get; init; } = DefaultTimeLimit;

    /// <summary>Standard output and standard error are each cut after this many bytes; the command itself runs on.</summary>
    public int OutputCapBytes { get; init; } = DefaultOutputCapBytes;

    /// <summary>Standard input; empty means /dev/null.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>
    /// A POSIX script written by Fleetwright itself. Text that comes from anywhere else goes into
    /// <paramref name="arguments"/>, which the script reads as "$1", "$2", …
    /// </summary>
    public static Command Script(string script, params IReadOnlyList<string> arguments) =>
        new([.. (string[])["sh", "-c", script, "sh"], .. arguments]);
}

/// <summary>What a command left behind. A non-zero exit code is a result like any other, not an exception.</summary>
public sealed record CommandResult
{
    /// <summary>0 to 255; 128 + signal number when a signal ended it; −1 when the time limit did.</summary>
    public required int ExitCode { get; init; }

    public required ReadOnlyMemory<byte> Output { get; init; }

    public required ReadOnlyMemory<byte> Error { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Output or error was longer than the command's cap, and was cut there.</summary>
    public bool Truncated { get; init; }

    /// <summary>The command was ended because it ran past its time limit.</summary>
    public bool TimedOut { get; init; }

    public bool Succeeded => ExitCode == 0 && !TimedOut;

    /// <summary>Standard output as UTF-8; bytes that are not UTF-8 become U+FFFD.</summary>
    public string OutputText => System.Text.Encoding.UTF8.GetString(Output.Span);

    /// <summary>Standard error as UTF-8; bytes that are not UTF-8 become U+FFFD.</summary>
    public string ErrorText => System.Text.Encoding.UTF8.GetString(Error.Span);
}

/// <summary>A command that is running on a device; disposing it ends it there.</summary>
public abstract class CommandStream : IAsyncDisposable
{
    /// <summary>Standard output as it comes.</summary>
    public abstract Stream Output { get; }

    /// <summary>The last few kilobytes of standard error so far, to explain an early end.</summary>
    public abstract string ErrorTail { get; }

    /// <summary>
    /// Completes with the exit code once <see cref="Output"/> was read to its end; −1 when the connection was lost
    /// or the stream disposed before.
    /// </summary>
    public abstract Task<int> Completion { get; }

    public abstract ValueTask DisposeAsync();
}
