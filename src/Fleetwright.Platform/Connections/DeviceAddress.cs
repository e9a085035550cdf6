using System.Diagnostics.CodeAnalysis;

namespace Fleetwright.Platform.Connections;

/// <summary>How a device is reached: this machine itself, or SSH to a destination.</summary>
public sealed record DeviceAddress
{
    public static readonly DeviceAddress Local = new();

    /// <summary>The host name, address or ssh alias; null for this machine.</summary>
    public string? Host { get; init; }

    /// <summary>The SSH user; null leaves it to the ssh configuration.</summary>
    public string? User { get; init; }

    /// <summary>1 to 65535; null leaves it to the ssh configuration.</summary>
    public int? Port { get; init; }

    /// <summary>Path of a private key on this machine; null leaves it to the agent and the ssh configuration.</summary>
    public string? KeyFile { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsLocal => Host is null;

    /// <summary>Reads USER@HOST[:PORT], HOST[:PORT] or USER@[IPV6]:PORT.</summary>
    public static bool TryParseSsh(string text, [NotNullWhen(true)] out DeviceAddress? address, out string error)
    {
        address = null;
        var rest = text;
        string? user = null;
        var at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            user = rest[..at];
            rest = rest[(at + 1)..];
            if (!IsUser(user))
            {
                error = $"'{Shown(user)}' is not a user name; write USER@HOST[:PORT].";
                return false;
            }
        }

        string? portText = null;
        if (rest.StartsWith('['))
        {
            var close = rest.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || (close + 1 < rest.Length && rest[close + 1] != ':'))
            {
                error = "an IPv6 address with a port is written [ADDRESS]:PORT.";
                return false;
            }

            portText = close + 1 < rest.Length ? rest[(close + 2)..] : null;
            rest = rest[1..close];
        }
        else if (rest.Count(c => c == ':') == 1)
        {
            var colon = rest.IndexOf(':', StringComparison.Ordinal);
            portText = rest[(colon + 1)..];
            rest = rest[..colon];
        }

        int? port = null;
        if (portText is not null)
        {
            if (!int.TryParse(portText, System.Globalization.NumberStyles.None, null, out var number) || number is < 1 or > 65535)
            {
                error = $"'{Shown(portText)}' is not a port; it is a number from 1 to 65535.";
                return false;
            }

            port = number;
        }

        if (!IsHost(rest))
        {
            error = $"'{Shown(rest)}' is not a host name, address or ssh alias; write USER@HOST[:PORT].";
            return false;
        }

        address = new DeviceAddress { Host = rest, User = user, Port = port };
        error = "";
        return true;
    }

    /// <summary>USER@HOST:PORT as a person writes it, or "local".</summary>
    public override string ToString()
    {
        if (Host is null)
        {
            return "local";
        }

        var host = Host.Contains(':', StringComparison.Ordinal) && Port is not null ? $"[{Host}]" : Host;
        return (User is null ? "" : User + "@") + host + (Port is null ? "" : ":" + Port.Value);
    }

    // A leading dash would be an option to ssh; the rest is what host names, addresses (with zone) and aliases hold.
    private static bool IsHost(string text) => text.Length is > 0 and <= 255 && text[0] != '-'
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '%');

    private static bool IsUser(string text) => text.Length is > 0 and <= 64 && text[0] != '-'
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or '\\' or '+' or '$');

    private static string Shown(string text)
    {
        var clean = new string([.. text.Take(60).Select(c => char.IsControl(c) ? '?' : c)]);
        return text.Length > 60 ? clean + "…" : clean;
    }
}
