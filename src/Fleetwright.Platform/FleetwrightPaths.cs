namespace Fleetwright.Platform;

/// <summary>Where this Fleetwright keeps what is its own.</summary>
public sealed class FleetwrightPaths
{
    /// <param name="dataDirectory">The --data folder; made with mode 0700 when it is not there.</param>
    public FleetwrightPaths(string dataDirectory)
    {
        DataDirectory = Path.GetFullPath(dataDirectory);
        if (!Directory.Exists(DataDirectory))
        {
            Directory.CreateDirectory(DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public string DataDirectory { get; }

    /// <summary>The first administrator's key, mode 0600.</summary>
    public string AdminKeyFile => Path.Combine(DataDirectory, "admin.key");

    public string DatabaseFile => Path.Combine(DataDirectory, "fleetwright.db");

    public string KnownHostsFile => Path.Combine(DataDirectory, "known_hosts");

    /// <summary>The Unix socket on which a running server answers the command line.</summary>
    public string ControlSocket => Path.Combine(DataDirectory, "control.sock");
}
