using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Connections;

namespace Fleetwright.LabTests.Connections;

public sealed class LocalConnectionTests : ConnectionContract
{
    private readonly ConnectionKit _kit = new();

    protected override ValueTask<IConnection> ConnectAsync() => new(_kit.Factory.Create("here", DeviceAddress.Local));

    protected override ValueTask DisconnectedAsync() => _kit.DisposeAsync();
}

public sealed class LocalConnectionOnBashTests : ConnectionContract
{
    protected override ValueTask<IConnection> ConnectAsync() =>
        new(new LocalConnection(new ConnectionOptions(), TimeProvider.System, "bash", "--posix"));
}

public abstract class SshConnectionContract(SshdOptions options) : ConnectionContract
{
    private readonly ConnectionKit _kit = new();
    private SshdFixture? _sshd;

    protected override async ValueTask<IConnection> ConnectAsync()
    {
        _sshd = await SshdFixture.StartAsync(options);
        return _kit.Factory.Create("device", _sshd.Address);
    }

    protected override async ValueTask DisconnectedAsync()
    {
        await _kit.DisposeAsync();
        if (_sshd is not null)
        {
            await _sshd.DisposeAsync();
        }
    }
}

public sealed class SshConnectionToDashTests() : SshConnectionContract(new SshdOptions { Sh = "dash" });

public sealed class SshConnectionToBashTests() : SshConnectionContract(new SshdOptions { Sh = "bash" });

public sealed class SshConnectionToBusyboxTests() : SshConnectionContract(new SshdOptions { Sh = "busybox" });

/// <summary>Start-up files that print to both streams, at once and later, and read a line of input away.</summary>
public sealed class SshConnectionPastNoiseTests() : SshConnectionContract(new SshdOptions
{
    ForceCommand = "echo Welcome; echo 'you have mail' >&2; read -r line; printf 'no newline'; head -c 300000 /dev/urandom; exec sh -c \"$SSH_ORIGINAL_COMMAND\"",
});
