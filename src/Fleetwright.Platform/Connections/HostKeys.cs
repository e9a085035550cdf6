using System.ComponentModel;

namespace Fleetwright.Platform.Connections;

/// <summary>Which host keys devices are known by, which they show now, and how a person accepts a new one.</summary>
internal sealed class HostKeys(KnownHosts known, ConnectionOptions options)
{
    public KnownHosts Known => known;

    /// <summary>Shakes hands with the device without signing in, and returns the host key it shows.</summary>
    /// <exception cref="ConnectionException">It could not be reached.</exception>
    public async Task<HostKey> FetchAsync(string device, DeviceAddress address, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("fleetwright-key-");
        try
        {
            var seen = new KnownHosts(Path.Combine(folder.FullName, "seen"));
            var (_, _, said) = await ChildProcess.RunAsync(
                "ssh", SshArguments.FetchHostKey(address, options, seen.File), options.ConnectTimeout + options.ConnectTimeout, cancellationToken);
            return seen.Find(address) is [var key, ..] ? key : throw SshFailureParser.Parse(said, device);
        }
        catch (TimeoutException e)
        {
            throw new ConnectionException(
                ConnectionFailure.TimedOut, $"{device}: it did not show its host key in time.",
                "Check that the device is on and no firewall drops its SSH port.", e);
        }
        catch (Win32Exception e)
        {
            throw new ConnectionException(
                ConnectionFailure.ClientMissing, "The OpenSSH client is not installed where Fleetwright runs.",
                "Install openssh-client there.", e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Takes the key the device shows now as its own, if it is the one that a person has named.</summary>
    /// <exception cref="ConnectionException">It shows another key, or could not be reached.</exception>
    public async Task TrustAsync(string device, DeviceAddress address, string fingerprint, CancellationToken cancellationToken)
    {
        var key = await FetchAsync(device, address, cancellationToken);
        if (!string.Equals(key.Fingerprint, fingerprint.Trim(), StringComparison.Ordinal))
        {
            throw new ConnectionException(
                ConnectionFailure.HostKeyChanged,
                $"{device}: the device shows {key.Fingerprint}, which is not the key to be trusted.",
                "Compare with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the device's own console.");
        }

        known.Replace(address, key);
    }

    /// <summary>Both fingerprints and the command that accepts the new one.</summary>
    public async Task<ConnectionException> DescribeChangeAsync(
        string device, DeviceAddress address, string said, CancellationToken cancellationToken)
    {
        var before = known.Find(address);
        if (before.Count == 0)
        {
            // Not ours: the host key of a jump host, which the user's own ssh configuration decides on.
            return new ConnectionException(
                ConnectionFailure.HostKeyChanged, $"{device}: the host key of a jump host on the way is not accepted.",
                "Connect to the jump host once by hand with ssh, as the user Fleetwright runs as, and check its key.");
        }

        var now = SshFailureParser.NewFingerprint(said);
        try
        {
            now ??= (await FetchAsync(device, address, cancellationToken)).Fingerprint;
        }
        catch (ConnectionException e)
        {
            return e;
        }

        var old = string.Join(", ", before.Select(k => k.Fingerprint));
        return new ConnectionException(
            ConnectionFailure.HostKeyChanged,
            $"{device}: the device shows the host key {now}, but is known by {old}.",
            $"If you know why (a new installation), accept it: fleetwright devices trust {device} --fingerprint {now}");
    }
}
