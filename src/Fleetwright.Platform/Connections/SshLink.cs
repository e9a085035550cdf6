using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Fleetwright.Platform.Connections;

/// <summary>One open SSH connection: its master, its kept shells, its forwarded sockets. Never reopened; a new one is made.</summary>
internal sealed class SshLink : IAsyncDisposable
{
    private static readonly TimeSpan ForwardLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GoneGrace = TimeSpan.FromSeconds(1);
    private readonly SshMaster _master;
    private readonly string _device;
    private readonly ConnectionOptions _options;
    private readonly TimeProvider _time;
    private readonly UnixSocketDialer _dialer;
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _forwards = new(StringComparer.Ordinal);
    private int _forwardNumber;
    private volatile bool _forwardingRefused;

    public SshLink(SshMaster master, string device, ConnectionOptions options, TimeProvider time)
    {
        _master = master;
        _device = device;
        _options = options;
        _time = time;
        Channels = new ShellChannels(new ShellPool(OpenShellAsync, options.MaxChannels, time), ExplainAsync);
        _dialer = new UnixSocketDialer(Channels);
        Gone = WatchAsync();
    }

    public ShellChannels Channels { get; }

    /// <summary>Completes with the reason when the connection has ended.</summary>
    public Task<ConnectionException> Gone { get; }

    /// <summary>See <see cref="UnixSocketDialer"/>; forwarding is tried first, and not again once it was refused.</summary>
    public async Task<Stream> OpenUnixSocketAsync(string path, CancellationToken cancellationToken)
    {
        UnixSocketDialer.Check(path);
        if (!_forwardingRefused && CanBeForwarded(path))
        {
            var (stream, probe) = await TryForwardedAsync(path, cancellationToken);
            return stream ?? await FallBackAsync(path, probe, cancellationToken);
        }

        return await _dialer.DialAsync(path, await _dialer.ProbeAsync(path, cancellationToken), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        // The master's end closes every channel at once, also on a device that no longer answers.
        await Task.WhenAll(_master.DisposeAsync().AsTask(), Channels.DisposeAsync().AsTask());
        foreach (var forward in _forwards.Values.Where(f => f.IsValueCreated && f.Value.IsCompletedSuccessfully))
        {
            File.Delete(await forward.Value);
        }
    }

    // ssh expands % and ${…} in these paths and splits at colons.
    private static bool CanBeForwarded(string path) =>
        path.Length <= 100 && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '@' or '+' or ',');

    private async Task<(Stream? Stream, SocketProbe Probe)> TryForwardedAsync(string path, CancellationToken cancellationToken)
    {
        Stream? stream = null;
        try
        {
            var local = await _forwards.GetOrAdd(path, p => new Lazy<Task<string>>(() => ForwardAsync(p))).Value
                .WaitAsync(cancellationToken);
            stream = await UnixSocketDialer.ConnectAsync(local, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException)
        {
            _forwards.TryRemove(path, out _);
        }

        // ssh accepts before it knows whether the device does; a refusal closes the stream. The answers come in
        // order, so after two round trips of a command the refusal would be here.
        var probe = await _dialer.ProbeAsync(path, cancellationToken);
        if (stream is not null && probe.Access == SocketAccess.Permitted)
        {
            await Channels.RunBatchAsync([new Command("true")], cancellationToken);
            if (!HasEnded(stream))
            {
                return (stream, probe);
            }
        }

        if (stream is not null)
        {
            await stream.DisposeAsync();
        }

        return (null, probe);
    }

    private async Task<Stream> FallBackAsync(string path, SocketProbe probe, CancellationToken cancellationToken)
    {
        var stream = await _dialer.DialAsync(path, probe, cancellationToken);

        // Somebody listens, yet the forwarded socket was closed: the server forbids it, for every socket.
        _forwardingRefused |= probe.Access == SocketAccess.Permitted && await _dialer.IsListeningAsync(path, cancellationToken);
        return stream;
    }

    private static bool HasEnded(Stream stream)
    {
        var socket = ((NetworkStream)stream).Socket;
        return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
    }

    private async Task<string> ForwardAsync(string path)
    {
        var local = $"{_master.ControlPath}.{Interlocked.Increment(ref _forwardNumber)}";
        var (exitCode, _, said) = await ChildProcess.RunAsync(
            "ssh", SshArguments.Forward(_master.ControlPath, local, path), ForwardLimit, CancellationToken.None);
        return exitCode == 0 ? local : throw new IOException($"ssh did not forward {path}: {said}");
    }

    private async Task<KeptShell> OpenShellAsync(CancellationToken cancellationToken)
    {
        var child = ChildProcess.Start("ssh", SshArguments.Shell(_master.ControlPath));
        try
        {
            return await KeptShell.OpenAsync(child, _time, _options.ConnectTimeout, cancellationToken);
        }
        catch (ShellEndedException e) when (SshFailureParser.SaysTooManySessions(e.Said))
        {
            throw new ConnectionException(
                ConnectionFailure.TooManySessions, $"{_device}: the SSH server allows no further session.",
                "Raise MaxSessions in the device's sshd_config, or lower Connections:MaxChannels.", e);
        }
        catch (ShellEndedException e)
        {
            if (await IsGoneSoonAsync())
            {
                throw await Gone;
            }

            var said = e.Said.Trim().Split('\n')[^1].Trim();
            throw new ConnectionException(
                ConnectionFailure.ShellMissing,
                $"{_device}: no POSIX sh could be started for the user"
                    + (said.Length == 0 ? "." : $" (last output: {new string([.. said.Take(200).Select(c => char.IsControl(c) ? '?' : c)])})."),
                "Give the user a login shell that runs commands (not nologin or a forced command), and see that its start-up files neither exit nor wait.", e);
        }
    }

    private async Task<ConnectionException> ExplainAsync(ShellEndedException e) => await IsGoneSoonAsync()
        ? await Gone
        : new ConnectionException(
            ConnectionFailure.Lost, $"{_device}: the shell on the device ended while a command ran in it.",
            "See whether something kills the user's processes there, such as a lack of memory.", e);

    private async Task<bool> IsGoneSoonAsync()
    {
        await Task.WhenAny(Gone, Task.Delay(GoneGrace, _time));
        return Gone.IsCompleted;
    }

    private async Task<ConnectionException> WatchAsync()
    {
        var said = await _master.Gone;
        var parsed = SshFailureParser.Parse(said, _device, ConnectionFailure.Lost);
        return new ConnectionException(ConnectionFailure.Lost, parsed.Message, parsed.Advice);
    }
}
