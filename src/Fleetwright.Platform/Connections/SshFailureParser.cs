using System.Text.RegularExpressions;

namespace Fleetwright.Platform.Connections;

/// <summary>
/// Reads why ssh failed from its standard error (LogLevel=ERROR, LC_ALL unset: ssh is not translated).
/// Checked with OpenSSH 9.2; messages from https://github.com/openssh/openssh-portable (sshconnect.c, ssh.c, packet.c, mux.c).
/// </summary>
internal static partial class SshFailureParser
{
    private const string LostAdvice = "It is tried again by itself; check the device's network if this repeats.";

    // The first match decides, so causes stand before the consequences that ssh reports after them.
    private static readonly (Regex Pattern, ConnectionFailure Failure, string Message, string Advice)[] Known =
    [
        (ClientMissing(), ConnectionFailure.ClientMissing,
            "The OpenSSH client is not installed where Fleetwright runs.", "Install openssh-client there."),
        (BadConfiguration(), ConnectionFailure.ConfigurationError,
            "The ssh configuration has a mistake.", "Correct the line that is named; `ssh -G HOST` checks it."),
        (HostKeyChanged(), ConnectionFailure.HostKeyChanged,
            "The device shows another host key than the one it is known by.",
            "Find out why before anything else: a new installation, or somebody in between."),
        (KeyUnusable(), ConnectionFailure.KeyUnusable,
            "The private key cannot be used.",
            "See that the key file exists, is readable by Fleetwright's user alone (chmod 600) and needs no passphrase, or load it into the agent."),
        (NameNotFound(), ConnectionFailure.NameNotFound,
            "The host name is not known.", "Check the spelling, DNS, or whether Tailscale is up where Fleetwright runs."),
        (Refused(), ConnectionFailure.Refused,
            "Nothing accepts SSH at that address and port.", "Start sshd on the device, or correct the port."),
        (NoRoute(), ConnectionFailure.NoRoute,
            "There is no network route to the device.", "Check that the device is on and the network or Tailscale is up."),
        (TimedOut(), ConnectionFailure.TimedOut,
            "The device did not answer in time.", "Check that the device is on and no firewall drops its SSH port."),
        (KeyRejected(), ConnectionFailure.KeyRejected,
            "The device rejected the user or the key.",
            "Put the public key into the user's ~/.ssh/authorized_keys on the device: ssh-copy-id USER@HOST."),
        (Busy(), ConnectionFailure.Refused,
            "The SSH server closed the connection before it began.",
            "It may be overloaded (MaxStartups), bar this address, or be no SSH server at all; try again later, or see its log."),
        (NoCommonGround(), ConnectionFailure.ProtocolError,
            "The far side does not speak SSH as needed.", "See that an SSH server listens at that port, and update it if it is old."),
        (Lost(), ConnectionFailure.Lost,
            "The connection was lost.", LostAdvice),
    ];

    public static ConnectionException Parse(string said, string device, ConnectionFailure otherwise = ConnectionFailure.Unknown)
    {
        foreach (var (pattern, failure, message, advice) in Known)
        {
            var match = pattern.Match(said);
            if (match.Success)
            {
                return new ConnectionException(failure, $"{device}: {message} (ssh: {LineAround(said, match)})", advice);
            }
        }

        var last = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        if (otherwise == ConnectionFailure.Lost)
        {
            // At LogLevel=ERROR ssh says nothing when keep-alives go unanswered.
            return new ConnectionException(
                otherwise, $"{device}: " + (last is null ? "The device stopped answering, or the connection was cut." : $"The connection was lost. (ssh: {Shown(last)})"),
                LostAdvice);
        }

        return new ConnectionException(
            otherwise, $"{device}: ssh failed" + (last is null ? "." : $": {Shown(last)}"),
            "Try `ssh -v` to that device from where Fleetwright runs.");
    }

    /// <summary>The fingerprint that ssh names when a key has changed.</summary>
    public static string? NewFingerprint(string said)
    {
        var match = SentFingerprint().Match(said);
        return match.Success ? match.Groups["key"].Value : null;
    }

    public static bool SaysTooManySessions(string said) => TooManySessions().IsMatch(said);

    private static string LineAround(string said, Match match)
    {
        var start = said.LastIndexOf('\n', Math.Max(0, match.Index - 1)) + 1;
        var end = said.IndexOf('\n', match.Index);
        var line = Shown(end < 0 ? said[start..] : said[start..Math.Max(start, end)]);
        return line.StartsWith("ssh: ", StringComparison.Ordinal) ? line[5..] : line;
    }

    private static string Shown(string line)
    {
        var clean = new string([.. line.Trim().Select(c => char.IsControl(c) ? '?' : c)]);
        return clean.Length > 200 ? clean[..200] + "…" : clean;
    }

    [GeneratedRegex(@"ssh: (?:command )?not found|ssh: No such file", RegexOptions.NonBacktracking)]
    private static partial Regex ClientMissing();

    [GeneratedRegex(@"Bad configuration option|bad configuration options|Bad owner or permissions on|: line \d+: |Can't open user config file|command-line line \d+: |Missing argument\.", RegexOptions.NonBacktracking)]
    private static partial Regex BadConfiguration();

    [GeneratedRegex(@"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|host key is known for .* and you have requested strict checking", RegexOptions.NonBacktracking)]
    private static partial Regex HostKeyChanged();

    [GeneratedRegex(@"UNPROTECTED PRIVATE KEY FILE|bad permissions|Load key "".*"": |Identity file .* not accessible|no such identity: |incorrect passphrase|sign_and_send_pubkey: signing failed|agent refused operation", RegexOptions.NonBacktracking)]
    private static partial Regex KeyUnusable();

    [GeneratedRegex(@"Could not resolve hostname|Name or service not known|Temporary failure in name resolution|hostname contains invalid characters", RegexOptions.NonBacktracking)]
    private static partial Regex NameNotFound();

    [GeneratedRegex("Connection refused", RegexOptions.NonBacktracking)]
    private static partial Regex Refused();

    [GeneratedRegex("No route to host|Network is unreachable|Host is down", RegexOptions.NonBacktracking)]
    private static partial Regex NoRoute();

    [GeneratedRegex("Connection timed out|Operation timed out|timed out during banner exchange", RegexOptions.NonBacktracking)]
    private static partial Regex TimedOut();

    [GeneratedRegex(@"Permission denied|Too many authentication failures|Received disconnect from .*: Too many", RegexOptions.NonBacktracking)]
    private static partial Regex KeyRejected();

    [GeneratedRegex("kex_exchange_identification: (?:Connection closed by remote host|read: Connection reset by peer)|Not allowed at this time", RegexOptions.NonBacktracking)]
    private static partial Regex Busy();

    [GeneratedRegex("Unable to negotiate|no matching|kex_exchange_identification|banner exchange|Bad packet length|Protocol major versions differ|incorrect signature|invalid format", RegexOptions.NonBacktracking)]
    private static partial Regex NoCommonGround();

    [GeneratedRegex("Timeout, server .* not responding|Connection reset|Broken pipe|closed by remote host|Connection closed by|client_loop: ", RegexOptions.NonBacktracking)]
    private static partial Regex Lost();

    [GeneratedRegex(@"key sent by the remote host is\s+(?<key>SHA256:[A-Za-z0-9+/]+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex SentFingerprint();

    [GeneratedRegex("session request failed|Session open refused by peer|open failed", RegexOptions.NonBacktracking)]
    private static partial Regex TooManySessions();
}
