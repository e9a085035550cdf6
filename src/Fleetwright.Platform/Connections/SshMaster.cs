using System.ComponentModel;

namespace Fleetwright.Platform.Connections;

/// <summary>
/// One multiplexing ssh. It runs under a small sh whose standard input is its lifeline: when Fleetwright ends,
/// however it ends, the sh ends the ssh; nothing stays behind.
/// </summary>
internal sealed class SshMaster : IAsyncDisposable
{
    // The sh closes its own standard error, so that the end of that stream is the end of ssh.
    private const string Lifeline =
        "ssh \"$@\" </dev/null >/dev/null & p=$!; exec 2>/dev/null; read -r line; kill $p; wait $p";

    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(10);

    // A session of its own: no terminal that ssh (or the ssh of a ProxyJump) could ask on, and no Ctrl-C from one.
    private static readonly bool HasSetsid = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "setsid")));

    private readonly ChildProcess _child;
    private readonly TextTail _said = new();

    private SshMaster(ChildProcess child, string controlPath)
    {
        _child = child;
        ControlPath = controlPath;
        Gone = WatchAsync();
    }

    public string ControlPath { get; }

    /// <summary>Completes with what ssh said when it has ended; never faults.</summary>
    public Task<string> Gone { get; }

    /// <summary>Connects and signs in; returns when channels can be opened.</summary>
    /// <exception cref="SshEndedException">It ended instead, or was not ready within <paramref name="limit"/>.</exception>
    /// <exception cref="Win32Exception">There is no sh here.</exception>
    public static async Task<SshMaster> StartAsync(
        IEnumerable<string> arguments, string controlPath, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        string[] sh = ["sh", "-c", Lifeline, "sh", .. arguments];
        var child = HasSetsid ? ChildProcess.Start("setsid", sh) : ChildProcess.Start(sh[0], sh[1..]);
        var master = new SshMaster(child, controlPath);
        try
        {
            var started = time.GetTimestamp();
            while (!File.Exists(controlPath))
            {
                if (master.Gone.IsCompleted)
                {
                    throw new SshEndedException(await master.Gone);
                }

                if (time.GetElapsedTime(started) > limit)
                {
                    throw new SshEndedException("Connection timed out");
                }

                await Task.WhenAny(master.Gone, Task.Delay(ReadyPoll, time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }

            return master;
        }
        catch
        {
            await master.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        try
        {
            File.Delete(ControlPath);
        }
        catch (IOException)
        {
            // The run folder is cleared as a whole later.
        }
    }

    private async Task<string> WatchAsync()
    {
        var buffer = new byte[4096];
        try
        {
            int count;
            while ((count = await _child.Error.ReadAsync(buffer)) > 0)
            {
                _said.Append(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Disposed.
        }

        return _said.ToString();
    }
}

/// <summary>The ssh of a connection ended, with its last words.</summary>
internal sealed class SshEndedException(string said) : Exception("ssh ended.")
{
    public string Said { get; } = said;
}
