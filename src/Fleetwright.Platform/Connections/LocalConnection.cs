using System.Collections;
using System.ComponentModel;

namespace Fleetwright.Platform.Connections;

/// <summary>The way to the machine Fleetwright runs on: its own sh, its own sockets.</summary>
internal sealed class LocalConnection : IConnection
{
    // Fleetwright's own environment may hold secrets, which no command needs.
    private static readonly string[] PassedOn = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "XDG_RUNTIME_DIR"];
    private static readonly TimeSpan HelloLimit = TimeSpan.FromSeconds(10);
    private readonly ShellChannels _channels;
    private readonly UnixSocketDialer _dialer;
    private volatile bool _open;

    public LocalConnection(ConnectionOptions options, TimeProvider time, string shell = "sh", params string[] shellArguments)
    {
        _channels = new ShellChannels(
            new ShellPool(c => OpenShellAsync(shell, shellArguments, time, c), options.MaxChannels, time), ExplainAsync);
        _dialer = new UnixSocketDialer(_channels);
    }

    /// <summary>This machine is never lost.</summary>
    public event Action<ConnectionException>? Lost
    {
        add { }
        remove { }
    }

    public bool IsOpen => _open;

    public async Task<CommandResult> RunAsync(Command command, CancellationToken cancellationToken) =>
        (await RunBatchAsync([command], cancellationToken))[0];

    public async Task<IReadOnlyList<CommandResult>> RunBatchAsync(
        IReadOnlyList<Command> commands, CancellationToken cancellationToken)
    {
        var results = await _channels.RunBatchAsync(commands, cancellationToken);
        _open = true;
        return results;
    }

    public Task<CommandStream> StreamAsync(Command command, CancellationToken cancellationToken) =>
        _channels.StreamAsync(command, cancellationToken);

    public Task<Stream> OpenUnixSocketAsync(string path, CancellationToken cancellationToken) =>
        _dialer.OpenLocalAsync(path, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _open = false;
        return _channels.DisposeAsync();
    }

    private static async Task<KeptShell> OpenShellAsync(
        string shell, string[] arguments, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var child = ChildProcess.Start(shell, arguments, OwnEnvironment());
            return await KeptShell.OpenAsync(child, time, HelloLimit, cancellationToken);
        }
        catch (Exception e) when (e is Win32Exception or ShellEndedException)
        {
            throw new ConnectionException(
                ConnectionFailure.ShellMissing, $"No '{shell}' could be started on this machine.",
                "Install a POSIX shell as sh.", e);
        }
    }

    private static Dictionary<string, string> OwnEnvironment()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry pair in Environment.GetEnvironmentVariables())
        {
            if (pair is { Key: string name, Value: string value } && PassedOn.Contains(name))
            {
                environment[name] = value;
            }
        }

        return environment;
    }

    private static Task<ConnectionException> ExplainAsync(ShellEndedException e) => Task.FromResult(new ConnectionException(
        ConnectionFailure.Lost, "The shell on this machine ended while a command ran in it.",
        "See whether something kills processes here, such as a lack of memory; then try again.", e));
}
