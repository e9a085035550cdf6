using Fleetwright.Platform.Connections;

namespace Fleetwright.Tests.Connections;

/// <summary>What OpenSSH 9.2 says, as it was captured.</summary>
public sealed class SshFailureParserTests
{
    private const string Changed = """
        @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
        @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
        @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
        IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
        Someone could be eavesdropping on you right now (man-in-the-middle attack)!
        It is also possible that a host key has just been changed.
        The fingerprint for the ED25519 key sent by the remote host is
        SHA256:eVBEsbl+8VmHnb6EjZ8YwCb5VUs2urzk4nwASxSLxK0.
        Please contact your system administrator.
        Add correct host key in /tmp/known_hosts to get rid of this message.
        Offending ED25519 key in /tmp/known_hosts:1
        Host key for [127.0.0.1]:24138 has changed and you have requested strict checking.
        Host key verification failed.
        """;

    [Fact]
    public void Parse_LineThatNamesSsh_SaysSshOnce() => Assert.EndsWith(
        "(ssh: connect to host 127.0.0.1 port 1: Connection refused)",
        SshFailureParser.Parse("ssh: connect to host 127.0.0.1 port 1: Connection refused\n", "nas").Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("ssh: connect to host 127.0.0.1 port 1: Connection refused", ConnectionFailure.Refused)]
    [InlineData("ssh: connect to host 10.255.255.1 port 22: Connection timed out", ConnectionFailure.TimedOut)]
    [InlineData("Connection timed out during banner exchange\nConnection to 127.0.0.1 port 2200 timed out", ConnectionFailure.TimedOut)]
    [InlineData("ssh: connect to host 192.0.2.1 port 22: No route to host", ConnectionFailure.NoRoute)]
    [InlineData("ssh: connect to host 192.0.2.1 port 22: Network is unreachable", ConnectionFailure.NoRoute)]
    [InlineData("ssh: Could not resolve hostname nas.invalid: Name or service not known", ConnectionFailure.NameNotFound)]
    [InlineData("root@127.0.0.1: Permission denied (publickey).", ConnectionFailure.KeyRejected)]
    [InlineData("Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures", ConnectionFailure.KeyRejected)]
    [InlineData("Load key \"/k\": error in libcrypto\nroot@127.0.0.1: Permission denied (publickey).", ConnectionFailure.KeyUnusable)]
    [InlineData("no such identity: /k: No such file or directory\nroot@127.0.0.1: Permission denied (publickey).", ConnectionFailure.KeyUnusable)]
    [InlineData("@ WARNING: UNPROTECTED PRIVATE KEY FILE! @\nroot@127.0.0.1: Permission denied (publickey).", ConnectionFailure.KeyUnusable)]
    [InlineData("/root/.ssh/config: line 3: Bad configuration option: nosuch\n/root/.ssh/config: terminating, 1 bad configuration options", ConnectionFailure.ConfigurationError)]
    [InlineData("Bad owner or permissions on /root/.ssh/config", ConnectionFailure.ConfigurationError)]
    [InlineData("Unable to negotiate with 127.0.0.1 port 22: no matching host key type found. Their offer: ssh-dss", ConnectionFailure.ProtocolError)]
    [InlineData("kex_exchange_identification: banner line contains invalid characters", ConnectionFailure.ProtocolError)]
    [InlineData("kex_exchange_identification: Connection closed by remote host\nConnection closed by 127.0.0.1 port 22", ConnectionFailure.Refused)]
    [InlineData("sh: 1: ssh: not found", ConnectionFailure.ClientMissing)]
    [InlineData("client_loop: send disconnect: Broken pipe", ConnectionFailure.Lost)]
    [InlineData("Connection to 127.0.0.1 closed by remote host.", ConnectionFailure.Lost)]
    [InlineData("something never heard of", ConnectionFailure.Unknown)]
    [InlineData("", ConnectionFailure.Unknown)]
    public void Parse_WhatSshSays_NamesTheReasonAndWhatToDo(string said, ConnectionFailure expected)
    {
        var failure = SshFailureParser.Parse(said, "nas");

        Assert.Equal(expected, failure.Failure);
        Assert.StartsWith("nas: ", failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Advice);
    }

    [Fact]
    public void NewFingerprint_ChangedKey_IsRead()
    {
        Assert.Equal(ConnectionFailure.HostKeyChanged, SshFailureParser.Parse(Changed, "nas").Failure);
        Assert.Equal("SHA256:eVBEsbl+8VmHnb6EjZ8YwCb5VUs2urzk4nwASxSLxK0", SshFailureParser.NewFingerprint(Changed));
    }

    [Fact]
    public void Parse_ControlCharactersFromTheFarSide_AreNotPassedOn() =>
        Assert.DoesNotContain('\u001b', SshFailureParser.Parse("odd \u001b[31mred", "nas").Message);
}
