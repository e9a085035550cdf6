using Fleetwright.Platform.Connections;

namespace Fleetwright.Tests.Connections;

public sealed class DeviceAddressTests
{
    [Theory]
    [InlineData("nas", null, "nas", null)]
    [InlineData("root@nas", "root", "nas", null)]
    [InlineData("root@nas:2222", "root", "nas", 2222)]
    [InlineData("ad\\user@nas", "ad\\user", "nas", null)]
    [InlineData("me@corp.org@nas.example.org:22", "me@corp.org", "nas.example.org", 22)]
    [InlineData("root@[fe80::1%eth0]:22", "root", "fe80::1%eth0", 22)]
    [InlineData("fe80::1", null, "fe80::1", null)]
    public void TryParseSsh_WellFormed_IsRead(string text, string? user, string host, int? port)
    {
        Assert.True(DeviceAddress.TryParseSsh(text, out var address, out _));
        Assert.Equal((user, host, port), (address.User, address.Host, address.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=id")]
    [InlineData("root@-oProxyCommand=id")]
    [InlineData("-l@nas")]
    [InlineData("root@nas:0")]
    [InlineData("root@nas:65536")]
    [InlineData("root@nas:22x")]
    [InlineData("root@nas; id")]
    [InlineData("root@na\ns")]
    [InlineData("ro ot@nas")]
    [InlineData("root@[::1")]
    [InlineData("root@[::1]22")]
    [InlineData("@nas")]
    public void TryParseSsh_Malformed_IsRefusedWithAReason(string text)
    {
        Assert.False(DeviceAddress.TryParseSsh(text, out _, out var error));
        Assert.NotEmpty(error);
    }
}
