using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Connections;

/// <summary>Makes connections, and keeps what they share: the run folder and the known host keys.</summary>
public sealed class ConnectionFactory : IAsyncDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly ConnectionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private readonly HostKeys _hostKeys;
    private readonly string _runFolder;

    public ConnectionFactory(IOptions<ConnectionOptions> options, TimeProvider time, ILoggerFactory logs)
    {
        _options = options.Value;
        _time = time;
        _logs = logs;
        KnownHosts = new KnownHosts(_options.KnownHostsFile ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "fleetwright", "known_hosts"));
        _hostKeys = new HostKeys(KnownHosts, _options);
        _runFolder = MakeRunFolder(_options.RunDirectory ?? DefaultRunDirectory());
    }

    /// <summary>The host keys that devices are known by.</summary>
    public KnownHosts KnownHosts { get; }

    /// <summary>A connection that opens on first need. The caller disposes it.</summary>
    /// <param name="device">The device's name, for messages and for the commands they advise.</param>
    public IConnection Create(string device, DeviceAddress address) => address.IsLocal
        ? new LocalConnection(_options, _time)
        : new SshConnection(device, address, _options, _runFolder, _hostKeys, _time, _logs.CreateLogger<SshConnection>());

    /// <summary>The host key a device shows at this moment, trusted or not.</summary>
    /// <exception cref="ConnectionException">It could not be reached.</exception>
    public Task<HostKey> FetchHostKeyAsync(string device, DeviceAddress address, CancellationToken cancellationToken) =>
        _hostKeys.FetchAsync(device, address, cancellationToken);

    /// <summary>Accepts the host key a device shows now, if its fingerprint (SHA256:…) is the one given.</summary>
    /// <exception cref="ConnectionException">It shows another one, or could not be reached.</exception>
    public Task TrustHostKeyAsync(string device, DeviceAddress address, string fingerprint, CancellationToken cancellationToken) =>
        _hostKeys.TrustAsync(device, address, fingerprint, cancellationToken);

    public ValueTask DisposeAsync()
    {
        DeleteQuietly(_runFolder);
        return ValueTask.CompletedTask;
    }

    private static string DefaultRunDirectory()
    {
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return !string.IsNullOrEmpty(runtime) && Directory.Exists(runtime) && runtime.Length < 40
            ? Path.Combine(runtime, "fleetwright")
            : $"/tmp/fleetwright-{Environment.UserName}";
    }

    /// <summary>One folder per process, so that several live side by side; those of dead processes are cleared away.</summary>
    private static string MakeRunFolder(string parent)
    {
        var made = Directory.CreateDirectory(parent, Private);
        File.SetUnixFileMode(made.FullName, Private); // throws when the folder is another user's
        foreach (var folder in made.GetDirectories())
        {
            var owner = folder.Name.Split('-')[0];
            if (int.TryParse(owner, CultureInfo.InvariantCulture, out var id) && !Directory.Exists($"/proc/{id}"))
            {
                DeleteQuietly(folder.FullName);
            }
        }

        var name = $"{Environment.ProcessId}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(2))}";
        return Directory.CreateDirectory(Path.Combine(made.FullName, name), Private).FullName;
    }

    private static void DeleteQuietly(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Cleared by the next start.
        }
    }
}
