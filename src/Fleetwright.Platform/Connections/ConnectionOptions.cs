namespace Fleetwright.Platform.Connections;

/// <summary>How devices are reached; configuration section <c>Connections</c>.</summary>
public sealed class ConnectionOptions
{
    public const string Section = "Connections";

    // A control path gets 17 characters from ssh while it is made, and a socket path ends at 107.
    internal const int LongestRunDirectory = 60;

    /// <summary>
    /// Folder for control sockets; made with mode 0700. Default: fleetwright in XDG_RUNTIME_DIR, else a private
    /// folder of this user in the temporary directory. At most 60 characters.
    /// </summary>
    public string? RunDirectory { get; set; }

    /// <summary>Fleetwright's own known host keys. Default: known_hosts in the data folder.</summary>
    public string? KnownHostsFile { get; set; }

    /// <summary>Another ssh configuration file than the user's own.</summary>
    public string? SshConfigFile { get; set; }

    /// <summary>How long one attempt to connect may take, 1 s to 2 min. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Channels per device for commands and streams together, 1 to 64; stay under the server's MaxSessions,
    /// which is 10 unless configured. Default 4.
    /// </summary>
    public int MaxChannels { get; set; } = 4;

    /// <summary>
    /// Seconds between keep-alives, 1 to 60; a connection without an answer to two of them is lost, so a frozen
    /// device is noticed within three times this. Default 4.
    /// </summary>
    public int KeepAliveSeconds { get; set; } = 4;

    internal IEnumerable<string> Mistakes()
    {
        if (RunDirectory is not null && (!Path.IsPathRooted(RunDirectory) || RunDirectory.Length > LongestRunDirectory))
        {
            yield return $"{Section}:RunDirectory must be an absolute path of at most {LongestRunDirectory} characters.";
        }

        if (KnownHostsFile is not null && (!Path.IsPathRooted(KnownHostsFile) || KnownHostsFile.Any(c => c is '"' or '%' or '$' || char.IsWhiteSpace(c))))
        {
            yield return $"{Section}:KnownHostsFile must be an absolute path without blanks, quotes, % or $, which ssh would read otherwise.";
        }

        if (SshConfigFile is not null && !File.Exists(SshConfigFile))
        {
            yield return $"{Section}:SshConfigFile does not exist.";
        }

        if (ConnectTimeout < TimeSpan.FromSeconds(1) || ConnectTimeout > TimeSpan.FromMinutes(2))
        {
            yield return $"{Section}:ConnectTimeout must be from 1 second to 2 minutes.";
        }

        if (MaxChannels is < 1 or > 64)
        {
            yield return $"{Section}:MaxChannels must be from 1 to 64.";
        }

        if (KeepAliveSeconds is < 1 or > 60)
        {
            yield return $"{Section}:KeepAliveSeconds must be from 1 to 60.";
        }
    }
}
