using System.Diagnostics;

namespace Fleetwright.LabTests.Lab;

/// <summary>Starts programs for the tests: the lab's own commands, and clients that nobody here wrote.</summary>
public static class LabProcess
{
    /// <summary>Runs a program to its end; past the limit it is killed with its children and the test fails.</summary>
    public static async Task<LabResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan limit, string? input = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
#pragma warning disable RS0030 // The tests drive the lab and foreign clients from outside the product; this is their one place for it.
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
#pragma warning restore RS0030
        using CancellationTokenSource cancellation = new(limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation.Token);
            await FeedAsync(process, input);
            await process.WaitForExitAsync(cancellation.Token);
            return new LabResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException ended)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} took longer than {limit.TotalSeconds} s", ended);
        }
    }

    private static async Task FeedAsync(Process process, string? input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code tells the rest.
        }
    }
}

/// <summary>How a program ended, and what it said.</summary>
public sealed record LabResult(int ExitCode, string Output, string Error)
{
    /// <summary>This result when the program succeeded; an exception that shows what it said when it did not.</summary>
    public LabResult OrThrow(string what) => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"{what} failed with {ExitCode}: {Error} {Output}");
}
