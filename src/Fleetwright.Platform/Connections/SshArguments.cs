namespace Fleetwright.Platform.Connections;

/// <summary>The argument vectors that the OpenSSH client is started with.</summary>
internal static class SshArguments
{
    /// <summary>
    /// The multiplexing connection itself. The user's configuration is read (aliases, ProxyJump, certificates, agent),
    /// but what is given here wins: nothing asks, nothing is forwarded unasked, and host keys are only ours.
    /// </summary>
    public static List<string> Master(
        DeviceAddress address, ConnectionOptions options, string controlPath, string knownHostsFile, bool hostKeyIsKnown)
    {
        List<string> arguments = ["-M", "-N", "-S", controlPath, .. Options("ControlMaster=yes", "ControlPersist=no")];
        AddReach(arguments, address, options, knownHostsFile, hostKeyIsKnown);
        arguments.AddRange(Options(
            $"ServerAliveInterval={options.KeepAliveSeconds}", "ServerAliveCountMax=2", "TCPKeepAlive=yes",
            "ClearAllForwardings=yes", "ExitOnForwardFailure=no", "StreamLocalBindUnlink=yes", "StreamLocalBindMask=0177"));
        arguments.AddRange(["--", Destination(address)]);
        return arguments;
    }

    /// <summary>Only shakes hands, to learn the host key into <paramref name="knownHostsFile"/>.</summary>
    public static List<string> FetchHostKey(DeviceAddress address, ConnectionOptions options, string knownHostsFile)
    {
        List<string> arguments = ["-n", .. Options("ControlPath=none", "PreferredAuthentications=none", "ClearAllForwardings=yes")];
        AddReach(arguments, address, options, knownHostsFile, hostKeyIsKnown: false);
        arguments.AddRange(["--", Destination(address), "exit"]);
        return arguments;
    }

    /// <summary>
    /// A kept shell through the master. Without the user's configuration, which the master has read; and where the
    /// master has gone, the proxy command stops ssh from making a connection of its own.
    /// </summary>
    public static List<string> Shell(string controlPath) =>
        [.. Client(controlPath), "-T", "--", "device", "exec sh"];

    /// <summary>Asks the master to forward a new local socket to one on the device.</summary>
    public static List<string> Forward(string controlPath, string localPath, string remotePath) =>
        [.. Client(controlPath), "-O", "forward", "-L", $"{localPath}:{remotePath}", "--", "device"];

    /// <summary>The name host keys are kept under, whatever address an alias leads to.</summary>
    public static string HostKeyName(DeviceAddress address)
    {
        var host = Destination(address).ToLowerInvariant();
        return address.Port is { } port ? $"[{host}]:{port}" : host;
    }

    private static string Destination(DeviceAddress address) =>
        address.Host ?? throw new ArgumentException("This machine is not reached by SSH.", nameof(address));

    private static void AddReach(
        List<string> arguments, DeviceAddress address, ConnectionOptions options, string knownHostsFile, bool hostKeyIsKnown)
    {
        if (options.SshConfigFile is { } file)
        {
            arguments.AddRange(["-F", file]);
        }

        // accept-new would also take a key of another type from a host that is known; so it is for unknown ones only.
        var strict = hostKeyIsKnown ? "yes" : "accept-new";
        arguments.AddRange(["-T", "-x", "-a"]);
        arguments.AddRange(Options(
            "BatchMode=yes", $"ConnectTimeout={(int)Math.Ceiling(options.ConnectTimeout.TotalSeconds)}", "ConnectionAttempts=1",
            $"StrictHostKeyChecking={strict}", $"UserKnownHostsFile={knownHostsFile}", "GlobalKnownHostsFile=/dev/null",
            $"HostKeyAlias={HostKeyName(address)}", "UpdateHostKeys=no", "HashKnownHosts=no", "VerifyHostKeyDNS=no",
            "CheckHostIP=no", "VisualHostKey=no", "AddKeysToAgent=no", "RequestTTY=no", "RemoteCommand=none",
            "ForwardAgent=no", "ForwardX11=no", "Tunnel=no", "PermitLocalCommand=no", "LogLevel=ERROR", "EscapeChar=none"));
        if (address.User is { } user)
        {
            arguments.AddRange(["-l", user]);
        }

        if (address.Port is { } port)
        {
            arguments.AddRange(["-p", port.ToString()]);
        }

        if (address.KeyFile is { } key)
        {
            arguments.AddRange(["-i", key, .. Options("IdentitiesOnly=yes")]);
        }
    }

    private static List<string> Client(string controlPath) =>
        ["-F", "none", "-S", controlPath, "-x", "-a", .. Options(
            "ControlMaster=no", "ProxyCommand=false", "BatchMode=yes", "LogLevel=ERROR", "RequestTTY=no", "EscapeChar=none")];

    private static IEnumerable<string> Options(params string[] options) => options.SelectMany(o => new[] { "-o", o });
}
