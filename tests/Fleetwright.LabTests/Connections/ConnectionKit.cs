using Fleetwright.Platform.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fleetwright.LabTests.Connections;

/// <summary>A factory with folders of its own and no ssh configuration but the test's.</summary>
internal sealed class ConnectionKit : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fw-c-").FullName;

    public ConnectionKit(Action<ConnectionOptions>? configure = null)
    {
        ConfigFile = Path.Combine(_folder, "ssh_config");
        File.WriteAllText(ConfigFile, "");
        var options = new ConnectionOptions
        {
            RunDirectory = Path.Combine(_folder, "run"),
            KnownHostsFile = Path.Combine(_folder, "known_hosts"),
            SshConfigFile = ConfigFile,
        };
        configure?.Invoke(options);
        Factory = new ConnectionFactory(Options.Create(options), TimeProvider.System, NullLoggerFactory.Instance);
    }

    /// <summary>Read by ssh instead of the user's own configuration; empty at first.</summary>
    public string ConfigFile { get; }

    public ConnectionFactory Factory { get; }

    public async ValueTask DisposeAsync()
    {
        await Factory.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
