using System.Buffers;

namespace Fleetwright.Platform.Security;

/// <summary>Which names of arguments, settings and variables stand before a secret.</summary>
internal static class SecretNames
{
    private static readonly string[] Parts =
    [
        "password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "accesskey", "privatekey", "authkey",
        "signingkey", "encryptionkey", "sharedkey", "sessionkey", "masterkey", "connectionstring", "basicauth",
    ];

    private static readonly HashSet<string> Whole = new(StringComparer.Ordinal)
    {
        "key", "pass", "pwd", "pw", "pin", "psk", "auth", "authorization", "proxyauthorization", "cookie", "setcookie", "bearer", "pat", "otp",
    };

    // They end like a secret and are none; and where a secret lies is not the secret.
    private static readonly string[] Harmless =
    [
        "publickey", "hostkey", "primarykey", "foreignkey", "sortkey", "partitionkey", "cachekey", "maxtokens", "numtokens", "inputtokens", "outputtokens",
        "file", "path", "dir", "directory", "name", "url", "uri", "endpoint", "ttl", "expiry", "timeout", "length", "count", "limit", "limits",
    ];

    private static readonly SearchValues<char> Dividers = SearchValues.Create("-_.");

    public static bool IsSecret(ReadOnlySpan<char> name)
    {
        if (name.Length > 200)
        {
            return false;
        }

        Span<char> letters = stackalloc char[name.Length];
        var length = 0;
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                letters[length++] = char.ToLowerInvariant(c);
            }
        }

        var plain = letters[..length];
        foreach (var harmless in Harmless)
        {
            if (plain.EndsWith(harmless, StringComparison.Ordinal))
            {
                return false;
            }
        }

        foreach (var part in Parts)
        {
            if (plain.IndexOf(part, StringComparison.Ordinal) >= 0)
            {
                return true;
            }
        }

        var words = Whole.GetAlternateLookup<ReadOnlySpan<char>>();
        return words.Contains(plain) || EndsLikeKey(name, plain) || EndsWithWord(name, plain, words);
    }

    /// <summary>DB_PASS, wifi-psk: the last word of several.</summary>
    private static bool EndsWithWord(
        ReadOnlySpan<char> name, ReadOnlySpan<char> plain, HashSet<string>.AlternateLookup<ReadOnlySpan<char>> words)
    {
        var last = name.Length - 1 - name.LastIndexOfAny(Dividers);
        return last > 0 && last < plain.Length && words.Contains(plain[^last..]);
    }

    /// <summary>ssh_key, sshKey and WG-KEY, but not monkey.</summary>
    private static bool EndsLikeKey(ReadOnlySpan<char> name, ReadOnlySpan<char> plain) =>
        plain.EndsWith("key", StringComparison.Ordinal)
        && (name.EndsWith("_key", StringComparison.OrdinalIgnoreCase) || name.EndsWith("-key", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".key", StringComparison.OrdinalIgnoreCase) || name.EndsWith("Key", StringComparison.Ordinal));

    /// <summary>Values that take the rest of their line: "Authorization: Basic …".</summary>
    public static bool TakesWholeLine(ReadOnlySpan<char> name) =>
        name.EndsWith("authorization", StringComparison.OrdinalIgnoreCase) || name.EndsWith("cookie", StringComparison.OrdinalIgnoreCase);
}
