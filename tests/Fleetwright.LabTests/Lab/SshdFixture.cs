using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fleetwright.Platform.Connections;

namespace Fleetwright.LabTests.Lab;

/// <summary>What the private sshd of a test is like; everything else is as OpenSSH comes.</summary>
public sealed record SshdOptions
{
    /// <summary>What <c>sh</c> is on the far side: dash, bash, or busybox (ash).</summary>
    public string Sh { get; init; } = "dash";

    public int MaxSessions { get; init; } = 10;

    public bool AllowForwarding { get; init; } = true;

    /// <summary>The far side finds sh and no other program by its PATH, as if nothing else were installed.</summary>
    public bool OnlyShInPath { get; init; }

    /// <summary>Stands in for the login shell and its start-up files; it gets the command in $SSH_ORIGINAL_COMMAND.</summary>
    public string? ForceCommand { get; init; }
}

/// <summary>
/// A private sshd on loopback for one test: own keys, own port, own folder. Runs as the user of the test, whom it
/// lets in. Skips the test when openssh-server is not installed.
/// </summary>
public sealed class SshdFixture : IAsyncDisposable
{
    private const string Program = "/usr/sbin/sshd";
    private readonly SshdOptions _options;
    private readonly string _folder = Directory.CreateTempSubdirectory("fw-sshd-").FullName;
    private Process? _sshd;

    private SshdFixture(SshdOptions options) => _options = options;

    public int Port { get; } = FreePort();

    public string KeyFile => Path.Combine(_folder, "user_key");

    public DeviceAddress Address => new() { Host = "127.0.0.1", Port = Port, User = Environment.UserName, KeyFile = KeyFile };

    /// <summary>A folder for what the test needs; removed at the end.</summary>
    public string Folder => _folder;

    public static async Task<SshdFixture> StartAsync(SshdOptions? options = null)
    {
        Assert.SkipUnless(File.Exists(Program), "openssh-server is not installed: apt-get install openssh-server");
        var fixture = new SshdFixture(options ?? new SshdOptions());
        await fixture.PrepareAsync();
        await fixture.StartServerAsync();
        return fixture;
    }

    /// <summary>Starts listening again after <see cref="KillAsync"/>.</summary>
    public async Task StartServerAsync()
    {
        Directory.CreateDirectory("/run/sshd"); // sshd's privilege separation wants it to exist
        _sshd = Spawn(Program, "-D", "-E", Path.Combine(_folder, "log"), "-f", Path.Combine(_folder, "sshd_config"));
        for (var tries = 0; ; tries++)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (tries < 500 && !_sshd.HasExited)
            {
                await Task.Delay(10);
            }
        }
    }

    /// <summary>kill -9 of the server and every session it serves; the commands in them are left alone.</summary>
    public Task KillAsync() => SignalAsync("KILL");

    /// <summary>Stops the server and its sessions without closing anything: packets are accepted and never answered.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>As after a new installation: the same address with another host key. Takes effect with the next start.</summary>
    public async Task ChangeHostKeyAsync(string type = "ed25519")
    {
        File.Delete(Path.Combine(_folder, "host_key"));
        await KeyAsync("host_key", type);
    }

    /// <summary>What ssh-keygen says is the fingerprint of the host key.</summary>
    public async Task<string> HostKeyFingerprintAsync()
    {
        var result = await LabProcess.RunAsync("ssh-keygen", ["-lf", Path.Combine(_folder, "host_key.pub")], TimeSpan.FromSeconds(10));
        return result.Output.Split(' ')[1];
    }

    public async ValueTask DisposeAsync()
    {
        if (_sshd is not null)
        {
            await KillAsync();
            await _sshd.WaitForExitAsync();
            _sshd.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Spawn(string program, params string[] arguments)
    {
#pragma warning disable RS0030 // A server that lives as long as the fixture.
        return Process.Start(new ProcessStartInfo(program, arguments))!;
#pragma warning restore RS0030
    }

    private async Task PrepareAsync()
    {
        await KeyAsync("host_key");
        await KeyAsync("user_key");
        File.Copy(KeyFile + ".pub", Path.Combine(_folder, "authorized_keys"));
        var bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "sh"), Path.Combine("/usr/bin", _options.Sh));
        List<string> lines =
        [
            $"Port {Port}",
            "ListenAddress 127.0.0.1",
            $"HostKey {_folder}/host_key",
            $"AuthorizedKeysFile {_folder}/authorized_keys",
            $"PidFile {_folder}/pid",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "LogLevel ERROR",
            $"SetEnv PATH={bin}{(_options.OnlyShInPath ? "" : ":/usr/local/bin:/usr/bin:/bin")}",
            $"MaxSessions {_options.MaxSessions}",
            $"AllowStreamLocalForwarding {(_options.AllowForwarding ? "yes" : "no")}",
        ];
        if (_options.ForceCommand is { } command)
        {
            lines.Add($"ForceCommand {command}");
        }

        await File.WriteAllLinesAsync(Path.Combine(_folder, "sshd_config"), lines);
    }

    private async Task KeyAsync(string name, string type = "ed25519") => (await LabProcess.RunAsync(
        "ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "test", "-f", Path.Combine(_folder, name)], TimeSpan.FromSeconds(10)))
        .OrThrow("ssh-keygen");

    private async Task SignalAsync(string signal)
    {
        if (_sshd is null || _sshd.HasExited)
        {
            return;
        }

        List<int> targets = [_sshd.Id];
        for (var i = 0; i < targets.Count; i++)
        {
            targets.AddRange(Processes.ChildrenOf(targets[i]).Where(id => Processes.NameOf(id) == "sshd"));
        }

        await LabProcess.RunAsync("kill", ["-s", signal, .. targets.Select(t => $"{t}")], TimeSpan.FromSeconds(10));
    }
}

/// <summary>The process table of this machine, which is also that of every device of the lab.</summary>
public static class Processes
{
    public static IEnumerable<int> ChildrenOf(int parent) => All().Where(id => StatOf(id) is [_, var ppid, ..] && ppid == parent.ToString());

    /// <summary>The program's name; null when there is no such process, or only its remains (a zombie).</summary>
    public static string? NameOf(int id)
    {
        try
        {
            return StatOf(id) is ["Z", ..] ? null : File.ReadAllText($"/proc/{id}/comm").Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static bool IsAlive(int id) => NameOf(id) is not null;

    /// <summary>A process with exactly these arguments, each ended by a NUL; null when there is none.</summary>
    public static int? WithCommandLine(string arguments) => All().Select(id => (int?)id).FirstOrDefault(id =>
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline") == arguments;
        }
        catch (IOException)
        {
            return false;
        }
    });

    /// <summary>Waits, bounded, until no such process is left.</summary>
    public static async Task<bool> EndsAsync(int id, TimeSpan limit)
    {
        var since = Stopwatch.GetTimestamp();
        while (IsAlive(id))
        {
            if (Stopwatch.GetElapsedTime(since) > limit)
            {
                return false;
            }

            await Task.Delay(20);
        }

        return true;
    }

    private static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(p => int.TryParse(Path.GetFileName(p), out var id) ? id : 0).Where(id => id > 0);

    /// <summary>State, parent, group, session, … as in proc(5), from the third field on.</summary>
    private static string[] StatOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }
}
