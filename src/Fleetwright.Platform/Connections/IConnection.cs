namespace Fleetwright.Platform.Connections;

/// <summary>
/// The way to one device. Whatever the way (this machine, SSH), the contract is the same, and every
/// failure to reach the device is a <see cref="ConnectionException"/> with a named reason.
/// Safe for concurrent use; opened on first need and kept.
/// </summary>
public interface IConnection : IAsyncDisposable
{
    /// <summary>Runs one command to its end, its time limit, or the cancellation, whichever is first.</summary>
    /// <exception cref="ConnectionException">The device could not be reached or was lost on the way.</exception>
    Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken);

    /// <summary>
    /// Runs several commands in one round trip, one after the other on the device. Each has its own limit and
    /// cap and fails alone; results are in the order of the commands.
    /// </summary>
    /// <exception cref="ConnectionException">The device could not be reached or was lost on the way.</exception>
    Task<IReadOnlyList<CommandResult>> RunBatchAsync(IReadOnlyList<Command> commands, CancellationToken cancellationToken);

    /// <summary>
    /// Starts a command whose output is followed until it ends or the stream is disposed, which ends the command
    /// on the device with its children. The command's time limit does not apply.
    /// </summary>
    /// <exception cref="ConnectionException">The device could not be reached.</exception>
    Task<CommandStream> StreamAsync(Command command, CancellationToken cancellationToken);

    /// <summary>Opens one of the device's Unix sockets as a two-way stream.</summary>
    /// <exception cref="ConnectionException">The device or the socket could not be reached.</exception>
    Task<Stream> OpenUnixSocketAsync(string path, CancellationToken cancellationToken);

    /// <summary>
    /// Opens the way now, even while the connection waits before its next attempt; what "test this device" uses.
    /// </summary>
    /// <exception cref="ConnectionException">The device could not be reached.</exception>
    Task OpenAsync(CancellationToken cancellationToken) => RunAsync(new Command("true"), cancellationToken);

    /// <summary>Whether the way to the device is open at this moment; false before first use and after a loss.</summary>
    bool IsOpen { get; }

    /// <summary>Raised once each time an open connection is lost other than by disposal.</summary>
    event Action<ConnectionException>? Lost;
}
