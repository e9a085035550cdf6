using System.Net.Sockets;

namespace Fleetwright.Platform.Connections;

/// <summary>
/// Opens a Unix socket of a device. Directly or by a forwarded socket where that is allowed; else over a channel of
/// its own, by a program on the device that connects standard input and output to the socket (docker, or socat),
/// with sudo where only that has permission.
/// </summary>
internal sealed class UnixSocketDialer(ShellChannels channels)
{
    // Prints what this user may do with the socket: ok, sudo, denied or missing; and what could dial it.
    private const string ProbeScript = """
        if [ -S "$1" ]; then
          if [ -r "$1" ] && [ -w "$1" ]; then echo ok
          elif sudo -n true 2>/dev/null; then echo sudo
          else echo denied; fi
        elif sudo -n test -S "$1" 2>/dev/null; then echo sudo
        elif [ -e "$1" ]; then echo none
        else
          d=${1%/*}
          while [ "$d" ] && [ ! -e "$d" ]; do d=${d%/*}; done
          if [ -x "${d:-/}" ]; then echo missing; else echo denied; fi
        fi
        command -v docker || command -v socat || echo none
        """;

    // /proc/net/unix: flags 00010000 is SO_ACCEPTCON. A symbolic link (/var/run) is resolved first.
    private const string ListeningScript = """
        p=$(readlink -f "$1")
        while read -r n r o f t s i f_path; do
          if [ "$f" = 00010000 ] && { [ "$f_path" = "$1" ] || [ "$f_path" = "$p" ]; }; then exit 0; fi
        done </proc/net/unix
        exit 1
        """;

    private const string DialScript = """
        if command -v docker >/dev/null 2>&1; then exec $2 docker -H "unix://$1" system dial-stdio
        elif command -v socat >/dev/null 2>&1; then exec $2 socat - "UNIX-CONNECT:$1"
        else exit 127; fi
        """;

    /// <exception cref="ConnectionException">The socket is not there, may not be opened, or nothing listens.</exception>
    public async Task<Stream> OpenLocalAsync(string path, CancellationToken cancellationToken)
    {
        Check(path);
        try
        {
            return await ConnectAsync(path, cancellationToken);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            var probe = await ProbeAsync(path, cancellationToken);
            return probe.Access == SocketAccess.Sudo ? await DialAsync(path, probe, cancellationToken) : throw NotPermitted(path, e);
        }
        catch (SocketException e)
        {
            throw e.SocketErrorCode == SocketError.ConnectionRefused ? NobodyListens(path, e) : Missing(path, e);
        }
    }

    /// <summary>What the user may do with the socket, asked on the device.</summary>
    public async Task<SocketProbe> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        var results = await channels.RunBatchAsync([Command.Script(ProbeScript, path)], cancellationToken);
        var lines = results[0].OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var access = lines is [var first, ..] ? first : "";
        return new SocketProbe(
            access switch
            {
                "ok" => SocketAccess.Permitted,
                "sudo" => SocketAccess.Sudo,
                "denied" => SocketAccess.Denied,
                _ => SocketAccess.Missing,
            },
            lines is [_, not "none", ..]);
    }

    /// <summary>Reaches the socket by a program on the device, or says why that cannot be.</summary>
    public async Task<Stream> DialAsync(string path, SocketProbe probe, CancellationToken cancellationToken)
    {
        switch (probe)
        {
            case { Access: SocketAccess.Missing }:
                throw Missing(path);
            case { Access: SocketAccess.Denied } or { Access: SocketAccess.Sudo, HasDialer: false }:
                throw NotPermitted(path);
            case { HasDialer: false }:
                throw await IsListeningAsync(path, cancellationToken) ? ForwardingRefused(path) : NobodyListens(path);
        }

        var sudo = probe.Access == SocketAccess.Sudo ? "sudo -n" : "";
        var stream = await channels.BecomeAsync(Command.Script(DialScript, path, sudo), cancellationToken);
        stream.ExplainEarlyEnd = (exitCode, said) => Explain(path, exitCode, said);
        return stream;
    }

    /// <summary>Whether a process on the device listens on the socket, from the kernel's own list.</summary>
    public async Task<bool> IsListeningAsync(string path, CancellationToken cancellationToken)
    {
        var results = await channels.RunBatchAsync([Command.Script(ListeningScript, path)], cancellationToken);
        return results[0].ExitCode == 0;
    }

    public static async Task<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="ArgumentException">It is no absolute path.</exception>
    public static void Check(string path)
    {
        if (!path.StartsWith('/') || path.Any(char.IsControl) || System.Text.Encoding.UTF8.GetByteCount(path) > 107)
        {
            throw new ArgumentException("A Unix socket is named by its absolute path of at most 107 bytes.", nameof(path));
        }
    }

    public static ConnectionException NotPermitted(string path, Exception? inner = null) => new(
        ConnectionFailure.SocketNotPermitted, $"The user may not open {path}.",
        path.Contains("docker", StringComparison.Ordinal)
            ? "On the device run: sudo usermod -aG docker USER (then reconnect), or permit passwordless sudo for docker."
            : "Give the user read and write permission for that socket.", inner);

    public static ConnectionException Missing(string path, Exception? inner = null) => new(
        ConnectionFailure.SocketMissing, $"There is no socket {path} on the device.",
        "Start the service that makes it, or set the path it really has.", inner);

    public static ConnectionException NobodyListens(string path, Exception? inner = null) => new(
        ConnectionFailure.SocketMissing, $"Nothing listens on {path} on the device.",
        "Start the service that the socket belongs to.", inner);

    private static ConnectionException ForwardingRefused(string path) => new(
        ConnectionFailure.ForwardingRefused,
        $"The device's SSH server forbids forwarding {path}, and neither docker nor socat is there to reach it.",
        "Set AllowStreamLocalForwarding yes in the device's sshd_config, or install the docker command line.");

    private static ConnectionException? Explain(string path, int exitCode, string said)
    {
        if (said.Contains("ermission denied", StringComparison.Ordinal) || said.Contains("a password is required", StringComparison.Ordinal))
        {
            return NotPermitted(path);
        }

        return exitCode == 0 ? null : NobodyListens(path);
    }
}

/// <summary>What was found out about a socket on the device, and whether a program there could dial it.</summary>
internal readonly record struct SocketProbe(SocketAccess Access, bool HasDialer);

/// <summary>What a user may do with a Unix socket.</summary>
internal enum SocketAccess
{
    Permitted,
    Sudo,
    Denied,
    Missing,
}
