using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices.Import;

namespace Fleetwright.Tests.Devices.Import;

public sealed class SshConfigReaderTests : IDisposable
{
    private static readonly DeviceAddress Nobody = new() { Host = "" };
    private readonly string _folder = Directory.CreateTempSubdirectory("fw-ssh-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_Aliases_StayAliasesSoThatSshAppliesTheirBlocks()
    {
        var list = SshConfigReader.Read(
            """
            # my machines
            Host nas nas.lan
                HostName 192.168.1.10
                User root
                Port 2222
                ProxyJump bastion
            host=web1 "web2"   # two machines
                IdentityFile ~/.ssh/web
            Host *.example.com !secret web?
                User deploy
            Host github.com
                User git
            Match host foo exec "reboot"
                User nobody
            Host *
                ServerAliveInterval 30
            """,
            null,
            Nobody);

        Assert.Equal(["nas", "web1", "web2"], list.Entries.Where(entry => entry.Device is not null).Select(entry => entry.Device!.Address.ToString()));
        Assert.Contains(list.Entries, entry => entry is { Name: "nas.lan", Outcome: ImportOutcome.Skipped } && entry.Why!.Contains("another name of nas", StringComparison.Ordinal));
        Assert.Equal(4, list.Entries.Count(entry => entry.Why == "It is a pattern, not a host."));
        Assert.Contains(list.Entries, entry => entry is { Name: "github.com", Outcome: ImportOutcome.Skipped });
        Assert.Contains("Match", Assert.Single(list.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HostNameMadeOfTheAlias_IsAMachineEach()
    {
        var list = SshConfigReader.Read("Host a b\n  HostName %h.lan\n", null, Nobody);

        Assert.All(list.Entries, entry => Assert.NotNull(entry.Device));
    }

    [Fact]
    public void Read_Includes_AreFollowedByWildcard()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "config.d"));
        File.WriteAllText(Path.Combine(_folder, "config.d", "10-home"), "Host inner\n");
        File.WriteAllText(Path.Combine(_folder, "config.d", "20-loop"), "Include config.d/20-loop\nHost looped\n");

        var list = SshConfigReader.Read("Include config.d/1* none/*\nHost outer\n", _folder, Nobody);
        Assert.Equal(["inner", "outer"], list.Entries.Select(entry => entry.Name));

        var loop = SshConfigReader.Read("Include config.d/20-loop\n", _folder, Nobody);
        Assert.Contains(loop.Notes, note => note.Contains("too deep", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_TextFromElsewhere_OpensNoFile()
    {
        File.WriteAllText(Path.Combine(_folder, "x"), "Host inner\n");

        var list = SshConfigReader.Read($"Include {_folder}/x\n", null, Nobody);

        Assert.Empty(list.Entries);
        Assert.Contains("not followed", Assert.Single(list.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Host")]
    [InlineData("Host \"unclosed\nHostName")]
    [InlineData("\0\u00ff=====\n\"\"")]
    [InlineData("Include")]
    public void Read_Nonsense_NeverThrows(string text) => Assert.NotNull(SshConfigReader.Read(text, _folder, Nobody));
}
