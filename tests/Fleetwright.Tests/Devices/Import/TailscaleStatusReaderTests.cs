using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices.Import;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Devices.Import;

public sealed class TailscaleStatusReaderTests
{
    // Written by hand to ipnstate.Status of Tailscale 1.x.
    private const string Tailnet = """
        {
          "Version": "1.76.1", "BackendState": "Running",
          "Self": { "HostName": "hub", "DNSName": "hub.tail1234.ts.net.", "OS": "linux" },
          "CurrentTailnet": { "Name": "me@example.com", "MagicDNSSuffix": "tail1234.ts.net", "MagicDNSEnabled": true },
          "Peer": {
            "nodekey:1": { "HostName": "Tower", "DNSName": "tower.tail1234.ts.net.", "OS": "linux", "TailscaleIPs": ["100.64.0.2"], "Online": true, "Tags": ["tag:server", "tag:nas"] },
            "nodekey:2": { "HostName": "pi", "DNSName": "pi-1.tail1234.ts.net.", "OS": "linux", "TailscaleIPs": ["fd7a::3", "100.64.0.3"], "Online": false },
            "nodekey:3": { "HostName": "Phone", "DNSName": "phone.tail1234.ts.net.", "OS": "iOS", "Online": true },
            "nodekey:4": { "HostName": "theirs", "DNSName": "theirs.tail1234.ts.net.", "OS": "linux", "ShareeNode": true },
            "nodekey:5": null,
            "nodekey:6": {}
          }
        }
        """;

    private static readonly DeviceAddress Nobody = new() { Host = "" };

    [Fact]
    public void Read_Tailnet_TakesLinuxPeersOnlineOrNotByTheirTailnetNames()
    {
        var list = TailscaleStatusReader.Read(Tailnet, Nobody with { User = "root" });

        var devices = list.Entries.Where(entry => entry.Device is not null).Select(entry => entry.Device!).ToList();
        Assert.Equal(["root@pi-1.tail1234.ts.net", "root@tower.tail1234.ts.net"], devices.Select(device => device.Address.ToString()));
        Assert.Equal(["pi-1", "tower"], devices.Select(device => device.Name));
        Assert.Equal(["server", "nas"], devices[1].Tags);
    }

    [Fact]
    public void Read_OtherPeers_AreSkippedEachWithAReason()
    {
        var skipped = TailscaleStatusReader.Read(Tailnet, Nobody).Entries.Where(entry => entry.Outcome == ImportOutcome.Skipped).ToList();

        Assert.Equal(4, skipped.Count);
        Assert.All(skipped, entry => Assert.NotEmpty(entry.Why!));
        Assert.Contains(skipped, entry => entry.Name == "phone" && entry.Why!.Contains("iOS", StringComparison.Ordinal));
        Assert.DoesNotContain(TailscaleStatusReader.Read(Tailnet, Nobody).Entries, entry => entry.Name == "hub");
    }

    [Fact]
    public void Read_MagicDnsOff_TakesAddresses()
    {
        var list = TailscaleStatusReader.Read(Tailnet.Replace("\"MagicDNSEnabled\": true", "\"MagicDNSEnabled\": false", StringComparison.Ordinal), Nobody);

        Assert.Equal(["100.64.0.3", "100.64.0.2"], list.Entries.Where(entry => entry.Device is not null).Select(entry => entry.Device!.Address.Host));
        Assert.Contains("MagicDNS is off", Assert.Single(list.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Tailscale is stopped")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"BackendState\": \"NeedsLogin\"}")]
    [InlineData("{\"BackendState\": \"Running\", \"Peer\": {")]
    public void Read_NotARunningTailnet_IsRefusedWithTheCommandToUse(string content)
    {
        var refusal = Assert.Throws<OperationException>(() => TailscaleStatusReader.Read(content, Nobody));

        Assert.Contains("tailscale status --json", refusal.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EveryCutOfIt_IsReadOrRefused()
    {
        for (var length = 0; length < Tailnet.Length - 1; length++)
        {
            Assert.Throws<OperationException>(() => TailscaleStatusReader.Read(Tailnet[..length], Nobody));
        }
    }

    [Theory]
    [InlineData("web__status-trimmed-real-mac.json", 2)]
    [InlineData("web__health-warning.json", 1)]
    public void Read_Recorded_SkipsPeersThatDoNotTellTheirSystem(string file, int peers)
    {
        var list = TailscaleStatusReader.Read(File.ReadAllText(Assert.Single(Corpus.Files("host/tailscale", file))), Nobody);

        Assert.Equal(peers, list.Entries.Count);
        Assert.All(list.Entries, entry => Assert.Equal(ImportOutcome.Skipped, entry.Outcome));
    }

    [Theory]
    [InlineData("web__needslogin.json", "NeedsLogin")]
    [InlineData("web__stopped-stderr.txt", "Tailscale is stopped")]
    public void Read_RecordedWithoutATailnet_SaysWhatItIs(string file, string told)
    {
        var refusal = Assert.Throws<OperationException>(() => TailscaleStatusReader.Read(File.ReadAllText(Assert.Single(Corpus.Files("host/tailscale", file))), Nobody));

        Assert.Contains(told, refusal.Message, StringComparison.Ordinal);
    }
}
