using System.Security.Cryptography;

namespace Fleetwright.Platform.Connections;

/// <summary>One host key as known_hosts keeps it.</summary>
/// <param name="Type">As in ssh-ed25519.</param>
/// <param name="Key">Base64.</param>
public sealed record HostKey(string Type, string Key)
{
    /// <summary>SHA256:…, as ssh prints it.</summary>
    public string Fingerprint
    {
        get
        {
            try
            {
                return "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(Key))).TrimEnd('=');
            }
            catch (FormatException)
            {
                return "unreadable";
            }
        }
    }
}

/// <summary>
/// Fleetwright's own known_hosts file (format: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT; plain names, one per line).
/// ssh adds to it on first contact; this class lists, replaces and removes.
/// </summary>
public sealed class KnownHosts
{
    private readonly Lock _lock = new();

    public KnownHosts(string file)
    {
        File = file;
        if (Path.GetDirectoryName(file) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }
    }

    public string File { get; }

    /// <summary>The keys that a device is known by; empty when it never was reached.</summary>
    public IReadOnlyList<HostKey> Find(DeviceAddress address)
    {
        var name = SshArguments.HostKeyName(address);
        lock (_lock)
        {
            return [.. Lines().Where(l => NameOf(l) == name).Select(KeyOf).OfType<HostKey>()];
        }
    }

    /// <summary>Forgets every key of a device; false when there was none.</summary>
    public bool Remove(DeviceAddress address) => Rewrite(SshArguments.HostKeyName(address), key: null);

    /// <summary>From now on the device is known by this key alone.</summary>
    public void Replace(DeviceAddress address, HostKey key) => Rewrite(SshArguments.HostKeyName(address), key);

    private bool Rewrite(string name, HostKey? key)
    {
        lock (_lock)
        {
            var lines = Lines();
            var kept = lines.Where(l => NameOf(l) != name).ToList();
            var found = kept.Count < lines.Length;
            if (key is not null)
            {
                kept.Add($"{name} {key.Type} {key.Key}");
            }

            // Beside and renamed, so a reader never sees half a file.
            var next = $"{File}.{Environment.ProcessId}.new";
            System.IO.File.WriteAllLines(next, kept);
            System.IO.File.Move(next, File, overwrite: true);
            return found;
        }
    }

    private string[] Lines() => System.IO.File.Exists(File) ? System.IO.File.ReadAllLines(File) : [];

    private static string NameOf(string line) => line.Split(' ', 2)[0];

    private static HostKey? KeyOf(string line)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length < 3 ? null : new HostKey(parts[1], parts[2]);
    }
}
