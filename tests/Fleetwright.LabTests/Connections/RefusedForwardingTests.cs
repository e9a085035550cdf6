using System.Net.Sockets;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Connections;

namespace Fleetwright.LabTests.Connections;

/// <summary>Unix sockets of a device whose SSH server forbids forwarding.</summary>
public sealed class RefusedForwardingTests
{
    [Fact]
    public async Task OpenUnixSocketAsync_NothingOnTheDeviceToDialWith_SaysForwardingRefused()
    {
        // Nothing but sh, so neither docker nor socat; every program the kept shell needs is built in.
        await using var sshd = await SshdFixture.StartAsync(new SshdOptions { AllowForwarding = false, OnlyShInPath = true });
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create("nas", sshd.Address);
        var path = Path.Combine(sshd.Folder, "some.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();

        var failure = await Assert.ThrowsAsync<ConnectionException>(
            () => connection.OpenUnixSocketAsync(path, TestContext.Current.CancellationToken));

        Assert.Equal(ConnectionFailure.ForwardingRefused, failure.Failure);
        Assert.Contains("AllowStreamLocalForwarding", failure.Advice, StringComparison.Ordinal);
    }
}
