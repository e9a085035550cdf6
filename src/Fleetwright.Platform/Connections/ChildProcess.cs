using System.ComponentModel;
using System.Diagnostics;

namespace Fleetwright.Platform.Connections;

/// <summary>A program running on this machine with its three streams; the only place that starts one.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    // Only what is stuck takes this long; a kept sh on a busy machine must have the time to end what ran in it.
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(20);
    private readonly Process _process;

    private ChildProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        Input = process.StandardInput.BaseStream;
        Output = process.StandardOutput.BaseStream;
        Error = process.StandardError.BaseStream;
        Exited = WaitAsync(process);
    }

    public int Id { get; }

    public Stream Input { get; }

    public Stream Output { get; }

    public Stream Error { get; }

    /// <summary>Completes with the exit code; never faults.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts <paramref name="program"/>, found by PATH, with exactly this environment when one is given.</summary>
    /// <exception cref="Win32Exception">The program is not there or may not be run.</exception>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        if (environment is not null)
        {
            info.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                info.Environment[name] = value;
            }
        }

#pragma warning disable RS0030 // This class is where processes are started.
        var process = Process.Start(info)!; // null only with UseShellExecute
#pragma warning restore RS0030
        return new ChildProcess(process);
    }

    /// <summary>Runs a short program to its end; one that takes longer than <paramref name="limit"/> is killed.</summary>
    /// <exception cref="TimeoutException">It was still running at the limit.</exception>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var child = Start(program, arguments, environment);
        child.Input.Close();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(limit);
        try
        {
            using var output = new StreamReader(child.Output, leaveOpen: true);
            using var error = new StreamReader(child.Error, leaveOpen: true);
            var both = await Task.WhenAll(output.ReadToEndAsync(stop.Token), error.ReadToEndAsync(stop.Token));
            return (await child.Exited.WaitAsync(stop.Token), both[0], both[1]);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{program} did not end within {limit.TotalSeconds:0} s.", e);
        }
        finally
        {
            child.Kill();
        }
    }

    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Closes its input, which ends every program used here, and kills it if that does not.</summary>
    public async ValueTask DisposeAsync()
    {
        CloseQuietly(Input);

        // Read on meanwhile: a program that must clean up would block on a full pipe or be killed by a closed one.
        _ = DrainAsync(Output);
        _ = DrainAsync(Error);
        try
        {
            await Exited.WaitAsync(ExitGrace);
        }
        catch (TimeoutException)
        {
            Kill();
            await Exited;
        }

        CloseQuietly(Output);
        CloseQuietly(Error);
        _process.Dispose();
    }

    private static async Task DrainAsync(Stream stream)
    {
        try
        {
            await stream.CopyToAsync(Stream.Null);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed at the end.
        }
    }

    private static void CloseQuietly(Stream stream)
    {
        try
        {
            stream.Close();
        }
        catch (IOException)
        {
            // Flushing to a process that has gone.
        }
    }

    private static async Task<int> WaitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
