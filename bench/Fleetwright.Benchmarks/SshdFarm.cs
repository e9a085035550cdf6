using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Fleetwright.Benchmarks;

/// <summary>One device of the farm.</summary>
internal sealed record SshdDevice(string Name, string Host, int Port, string User, string KeyFile);

/// <summary>
/// Many sshd devices on one machine: each a loopback address of its own, and in its sessions a machine id of its own.
/// An sshd takes 16 addresses, so there is one server for every 16 devices.
/// </summary>
internal sealed class SshdFarm : IAsyncDisposable
{
    private const int AddressesPerServer = 16;
    private readonly List<Process> _servers = [];

    private SshdFarm(IReadOnlyList<SshdDevice> devices) => Devices = devices;

    public IReadOnlyList<SshdDevice> Devices { get; }

    public static async Task<SshdFarm> StartAsync(int count, string folder)
    {
        var key = Path.Combine(folder, "key");
        await Children.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
        await Children.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder, "host_key")]);
        File.Copy(key + ".pub", Path.Combine(folder, "authorized_keys"));
        var identities = Directory.CreateDirectory(Path.Combine(folder, "ids")).FullName;
        var port = BenchServer.FreePort();
        var devices = new List<SshdDevice>(count);
        for (var i = 0; i < count; i++)
        {
            var host = $"127.0.{20 + (i / 200)}.{1 + (i % 200)}";
            devices.Add(new SshdDevice($"bench-{i:000}", host, port, Environment.UserName, key));
            var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder + host)))[..32];
            await File.WriteAllTextAsync(Path.Combine(identities, host), id + "\n");
        }

        await WriteSessionAsync(folder, identities);
        var farm = new SshdFarm(devices);
        Directory.CreateDirectory("/run/sshd");
        foreach (var part in devices.Chunk(AddressesPerServer))
        {
            farm._servers.Add(await StartServerAsync(folder, farm._servers.Count, part));
        }

        foreach (var device in devices)
        {
            await Children.UntilAsync(() => AnswersAsync(device), $"{device.Host} answers", TimeSpan.FromSeconds(20));
        }

        return farm;
    }

    /// <summary>As if the machines lost their power: the servers and every session they serve, at once.</summary>
    public async Task KillAsync()
    {
        var all = Children.DescendantsOf(_servers.Select(server => server.Id));
        await Children.RunAsync("kill", ["-KILL", .. all.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        foreach (var server in _servers)
        {
            await server.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await Children.EndAsync(server);
        }
    }

    // The session's own mount namespace holds the machine id of the address that was connected to.
    private static async Task WriteSessionAsync(string folder, string identities)
    {
        var session = Path.Combine(folder, "session");
        await File.WriteAllTextAsync(session, $$"""
            #!/bin/sh
            set -- $SSH_CONNECTION
            exec unshare -m sh -c 'mount --bind "$1" /etc/machine-id && exec sh -c "${SSH_ORIGINAL_COMMAND:-exec sh}"' sh "{{identities}}/$3"

            """);
        File.SetUnixFileMode(session, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static async Task<Process> StartServerAsync(string folder, int number, IEnumerable<SshdDevice> devices)
    {
        var configuration = Path.Combine(folder, $"sshd_config.{number}");
        await File.WriteAllTextAsync(configuration, $"""
            {string.Join('\n', devices.Select(device => $"ListenAddress {device.Host}:{device.Port}"))}
            HostKey {folder}/host_key
            AuthorizedKeysFile {folder}/authorized_keys
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            MaxStartups 200
            ForceCommand {folder}/session

            """);
        return Children.Start("/usr/sbin/sshd", ["-D", "-E", Path.Combine(folder, $"log.{number}"), "-f", configuration]);
    }

    private static async Task<bool> AnswersAsync(SshdDevice device)
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(device.Host, device.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
