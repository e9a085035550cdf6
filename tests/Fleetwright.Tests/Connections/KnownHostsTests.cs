using Fleetwright.Platform.Connections;

namespace Fleetwright.Tests.Connections;

public sealed class KnownHostsTests : IDisposable
{
    private const string Key = "AAAAC3NzaC1lZDI1NTE5AAAAIHlMukzTOu0r/BOBeqCJ5GQmmo/+UCoktvlN8eabydSe";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly KnownHosts _known;

    public KnownHostsTests() => _known = new KnownHosts(Path.Combine(_folder.FullName, "deeper", "known_hosts"));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Find_OfSeveralHostsAndPorts_GivesThatOnesKeys()
    {
        File.WriteAllText(_known.File, $"nas ssh-ed25519 {Key}\n[nas]:2222 ssh-rsa AAAA\nnas2 ssh-rsa BBBB\n# comment\n\n");

        var keys = _known.Find(new DeviceAddress { Host = "NAS", User = "root" });

        // What ssh-keygen -lf prints for this key.
        Assert.Equal(["SHA256:eVBEsbl+8VmHnb6EjZ8YwCb5VUs2urzk4nwASxSLxK0"], keys.Select(k => k.Fingerprint));
        Assert.Equal("ssh-rsa", Assert.Single(_known.Find(new DeviceAddress { Host = "nas", Port = 2222 })).Type);
    }

    [Fact]
    public void Replace_AndRemove_TouchNoOtherHost()
    {
        File.WriteAllText(_known.File, "nas ssh-rsa AAAA\nnas ssh-dss BBBB\nother ssh-rsa CCCC\n");
        var nas = new DeviceAddress { Host = "nas" };

        _known.Replace(nas, new HostKey("ssh-ed25519", Key));

        Assert.Equal(["other ssh-rsa CCCC", $"nas ssh-ed25519 {Key}"], File.ReadAllLines(_known.File));
        Assert.True(_known.Remove(nas));
        Assert.False(_known.Remove(nas));
        Assert.Equal(["other ssh-rsa CCCC"], File.ReadAllLines(_known.File));
    }

    [Fact]
    public void Find_NoFileYet_IsEmpty() => Assert.Empty(_known.Find(new DeviceAddress { Host = "nas" }));
}
