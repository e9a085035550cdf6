using System.Diagnostics;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Connections;

namespace Fleetwright.LabTests.Connections;

/// <summary>What goes wrong between here and a device, made to happen on a private sshd.</summary>
public sealed class FaultTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_ServerIsKilled_FailsAsLostTellsItAndHoldsBackAndReturns()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create("nas", sshd.Address);
        var lost = new TaskCompletionSource<ConnectionException>();
        connection.Lost += lost.SetResult; // a second time would throw
        await connection.RunAsync(new Command("true"), Stop);
        var running = connection.RunAsync(new Command("sleep", "60") { TimeLimit = Guard * 3 }, Stop);

        await sshd.KillAsync();

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => running.WaitAsync(Guard, Stop));
        Assert.Equal(ConnectionFailure.Lost, failure.Failure);
        Assert.Equal(ConnectionFailure.Lost, (await lost.Task.WaitAsync(Guard, Stop)).Failure);
        Assert.False(connection.IsOpen);

        var refused = await Assert.ThrowsAsync<ConnectionException>(() => connection.OpenAsync(Stop));
        Assert.Equal(ConnectionFailure.Refused, refused.Failure);
        var clock = Stopwatch.StartNew();
        var held = await Assert.ThrowsAsync<ConnectionException>(() => connection.RunAsync(new Command("true"), Stop));
        Assert.Equal(ConnectionFailure.Refused, held.Failure);
        Assert.True(clock.ElapsedMilliseconds < 50, $"{clock.ElapsedMilliseconds} ms");

        await sshd.StartServerAsync();
        await connection.OpenAsync(Stop);
        Assert.Equal("back\n", (await connection.RunAsync(new Command("echo", "back"), Stop)).OutputText);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_ServerFreezes_IsLostWithinFifteenSeconds(bool inFlight)
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create("nas", sshd.Address);
        var lost = new TaskCompletionSource<ConnectionException>();
        connection.Lost += lost.SetResult;
        await connection.RunAsync(new Command("true"), Stop);

        await sshd.FreezeAsync();
        var clock = Stopwatch.StartNew();
        var running = inFlight ? connection.RunAsync(new Command("true"), Stop) : null;
        var reason = await lost.Task.WaitAsync(Guard, Stop);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"noticed after {clock.Elapsed}");
        Assert.Contains("stopped answering", reason.Message, StringComparison.Ordinal);
        if (running is not null)
        {
            var failure = await Assert.ThrowsAsync<ConnectionException>(() => running.WaitAsync(Guard, Stop));
            Assert.Equal(ConnectionFailure.Lost, failure.Failure);
        }

        await sshd.ThawAsync();
    }

    [Fact]
    public async Task OpenAsync_ServerIsFrozen_TimesOut()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var kit = new ConnectionKit(o => o.ConnectTimeout = TimeSpan.FromSeconds(2));
        await using var connection = kit.Factory.Create("nas", sshd.Address);
        await sshd.FreezeAsync();

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => connection.OpenAsync(Stop).WaitAsync(Guard, Stop));

        Assert.Equal(ConnectionFailure.TimedOut, failure.Failure);
    }

    [Fact]
    public async Task OpenAsync_HostKeyChanged_NamesBothKeysAndTheCommandThatAccepts()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create("nas", sshd.Address);
        await connection.OpenAsync(Stop);
        var before = await sshd.HostKeyFingerprintAsync();
        await sshd.KillAsync();
        await sshd.ChangeHostKeyAsync();
        await sshd.StartServerAsync();
        var now = await sshd.HostKeyFingerprintAsync();

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => connection.OpenAsync(Stop));

        Assert.Equal(ConnectionFailure.HostKeyChanged, failure.Failure);
        Assert.Contains(before, failure.Message, StringComparison.Ordinal);
        Assert.Contains(now, failure.Message, StringComparison.Ordinal);
        Assert.Contains($"fleetwright devices trust nas --fingerprint {now}", failure.Advice, StringComparison.Ordinal);
        Assert.True(failure.NeedsPerson);

        var wrong = await Assert.ThrowsAsync<ConnectionException>(() => kit.Factory.TrustHostKeyAsync("nas", sshd.Address, before, Stop));
        Assert.Equal(ConnectionFailure.HostKeyChanged, wrong.Failure);
        await kit.Factory.TrustHostKeyAsync("nas", sshd.Address, now, Stop);
        await connection.OpenAsync(Stop);
        Assert.Equal([now], kit.Factory.KnownHosts.Find(sshd.Address).Select(k => k.Fingerprint));
    }

    [Fact]
    public async Task OpenAsync_HostShowsAKeyOfAnotherTypeOnly_IsNotAccepted()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create("nas", sshd.Address);
        await connection.OpenAsync(Stop);
        await sshd.KillAsync();
        await sshd.ChangeHostKeyAsync("ecdsa");
        await sshd.StartServerAsync();

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => connection.OpenAsync(Stop));

        Assert.Equal(ConnectionFailure.HostKeyChanged, failure.Failure);
        Assert.Contains(await sshd.HostKeyFingerprintAsync(), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ServerAllowsTwoSessions_QueuesInsteadOfFailing()
    {
        await using var sshd = await SshdFixture.StartAsync(new SshdOptions { MaxSessions = 2 });
        await using var kit = new ConnectionKit(o => o.MaxChannels = 8);
        await using var connection = (SshConnection)kit.Factory.Create("nas", sshd.Address);

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            connection.RunAsync(Command.Script("sleep 0.05; echo $1", $"{i}"), Stop)));

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}\n"), results.Select(r => r.OutputText));
        Assert.Equal(2, connection.ChannelLimit);
        await using var stream = await connection.StreamAsync(new Command("sleep", "100"), Stop);
        var refused = await Assert.ThrowsAsync<ConnectionException>(() => connection.StreamAsync(new Command("sleep", "100"), Stop));
        Assert.Equal(ConnectionFailure.TooManySessions, refused.Failure);
        Assert.Equal("served\n", (await connection.RunAsync(new Command("echo", "served"), Stop)).OutputText);
    }

    [Fact]
    public async Task RunAsync_ServerAllowsOneSession_StillServesCommands()
    {
        await using var sshd = await SshdFixture.StartAsync(new SshdOptions { MaxSessions = 1 });
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create("nas", sshd.Address);

        var results = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => connection.RunAsync(new Command("echo", "one"), Stop)));
        var refused = await Assert.ThrowsAsync<ConnectionException>(() => connection.StreamAsync(new Command("sleep", "100"), Stop));

        Assert.All(results, r => Assert.Equal("one\n", r.OutputText));
        Assert.Equal(ConnectionFailure.TooManySessions, refused.Failure);
    }

    [Fact]
    public async Task OpenAsync_NobodyListens_IsRefused()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await sshd.KillAsync();

        Assert.Equal(ConnectionFailure.Refused, (await FailureOfAsync(sshd.Address)).Failure);
    }

    [Fact]
    public async Task OpenAsync_UnknownKey_IsKeyRejected()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var other = await SshdFixture.StartAsync();

        Assert.Equal(ConnectionFailure.KeyRejected, (await FailureOfAsync(sshd.Address with { KeyFile = other.KeyFile })).Failure);
    }

    [Fact]
    public async Task OpenAsync_KeyFileOpenToOthersOrMissing_IsKeyUnusable()
    {
        await using var sshd = await SshdFixture.StartAsync();
        File.SetUnixFileMode(sshd.KeyFile, (UnixFileMode)Convert.ToInt32("644", 8));

        Assert.Equal(ConnectionFailure.KeyUnusable, (await FailureOfAsync(sshd.Address)).Failure);
        Assert.Equal(ConnectionFailure.KeyUnusable, (await FailureOfAsync(sshd.Address with { KeyFile = "/no/such/key" })).Failure);
    }

    [Fact]
    public async Task OpenAsync_NameThatDoesNotResolve_IsNameNotFound() => Assert.Equal(
        ConnectionFailure.NameNotFound, (await FailureOfAsync(new DeviceAddress { Host = "no-such-host.invalid" })).Failure);

    [Fact]
    public async Task OpenAsync_FarSideDoesNotSpeakSsh_IsProtocolError()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync(Stop);
            await client.GetStream().WriteAsync("\0\u0001 not what ssh expects\r\n"u8.ToArray(), Stop);
            client.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await client.GetStream().CopyToAsync(Stream.Null, Stop);
        }, Stop);
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;

        var failure = await FailureOfAsync(new DeviceAddress { Host = "127.0.0.1", Port = port });

        Assert.Equal(ConnectionFailure.ProtocolError, failure.Failure);
        await serving.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Theory]
    [InlineData("echo 'This account is not available.'; exit 1")]
    [InlineData("echo no shell here >&2; exit 0")]
    public async Task OpenAsync_UserHasNoShell_IsShellMissingWithWhatWasSaid(string forceCommand)
    {
        await using var sshd = await SshdFixture.StartAsync(new SshdOptions { ForceCommand = forceCommand });

        var failure = await FailureOfAsync(sshd.Address);

        Assert.Equal(ConnectionFailure.ShellMissing, failure.Failure);
        Assert.Matches("not available|no shell here", failure.Message);
    }

    [Fact]
    public async Task OpenAsync_MistakeInTheSshConfiguration_SaysSo()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var kit = new ConnectionKit();
        await File.WriteAllTextAsync(kit.ConfigFile, "NoSuchOption yes\n", Stop);
        await using var connection = kit.Factory.Create("nas", sshd.Address);

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => connection.OpenAsync(Stop));

        Assert.Equal(ConnectionFailure.ConfigurationError, failure.Failure);
    }

    [Fact]
    public async Task OpenAsync_AliasAndJumpHostOfTheConfiguration_AreUsed()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var jump = await SshdFixture.StartAsync();
        await using var kit = new ConnectionKit();
        await File.WriteAllTextAsync(kit.ConfigFile, $"""
            Host nas
              HostName 127.0.0.1
              Port {sshd.Port}
              IdentityFile {sshd.KeyFile}
              ProxyJump jump
              LocalForward 127.0.0.1:1 127.0.0.1:1
              RemoteCommand false
              RequestTTY yes
            Host jump
              HostName 127.0.0.1
              Port {jump.Port}
              IdentityFile {jump.KeyFile}
              StrictHostKeyChecking no
              UserKnownHostsFile {jump.Folder}/known
            """, Stop);
        await using var connection = kit.Factory.Create("nas", new DeviceAddress { Host = "nas" });

        var result = await connection.RunAsync(new Command("echo", "there"), Stop);

        Assert.Equal("there\n", result.OutputText);
        Assert.NotEmpty(await File.ReadAllTextAsync(Path.Combine(jump.Folder, "known"), Stop));
    }

    [Fact]
    public async Task DisposeAsync_LeavesNothingBehind()
    {
        await using var sshd = await SshdFixture.StartAsync();
        await using var kit = new ConnectionKit();
        var before = Processes.ChildrenOf(Environment.ProcessId).ToHashSet();
        var connection = kit.Factory.Create("nas", sshd.Address);
        await connection.RunAsync(new Command("true"), Stop);
        var started = Processes.ChildrenOf(Environment.ProcessId).Except(before)
            .SelectMany(id => Processes.ChildrenOf(id).Append(id)).ToArray();

        await connection.DisposeAsync();

        Assert.NotEmpty(started);
        foreach (var id in started)
        {
            Assert.True(await Processes.EndsAsync(id, Guard), $"process {id} ({Processes.NameOf(id)}) lives on");
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => connection.RunAsync(new Command("true"), Stop));
    }

    private static async Task<ConnectionException> FailureOfAsync(DeviceAddress address)
    {
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create("nas", address);
        return await Assert.ThrowsAsync<ConnectionException>(() => connection.OpenAsync(Stop).WaitAsync(Guard, Stop));
    }
}
