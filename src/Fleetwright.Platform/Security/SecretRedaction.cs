using System.Text.RegularExpressions;

namespace Fleetwright.Platform.Security;

/// <summary>
/// Takes secrets out of what devices show, before it is stored, logged, or shown: command lines, environment variables,
/// labels. It goes by names (--password, API_TOKEN=…), by forms (scheme://user:secret@host, Bearer …) and by the options
/// of well-known programs; what carries a secret under an innocent name cannot be told from other text.
/// </summary>
public static partial class SecretRedaction
{
    public const string Redacted = "[redacted]";

    /// <summary>A named value: an environment variable, a label, a setting.</summary>
    public static string Value(string name, string value) => value.Length > 0 && IsSecretName(name) ? Redacted : Text(value);

    /// <summary>Whether a name says that its value is a secret: DB_PASSWORD, --token, apiKey.</summary>
    public static bool IsSecretName(string name) => SecretName().IsMatch(name) && !InnocentName().IsMatch(name);

    /// <summary>Any text: passwords in URLs, authorization headers, and NAME=value where the name says secret.</summary>
    public static string Text(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            text = UrlPassword().Replace(text, "${start}" + Redacted + "@");
        }

        text = Authorization().Replace(text, "${start}" + Redacted);
        return Assignment().Replace(text, static match => IsSecretName(match.Groups["name"].Value)
            ? match.Groups["name"].Value + match.Groups["is"].Value + Redacted
            : match.Value);
    }

    /// <summary>A program's arguments, its name first.</summary>
    public static IReadOnlyList<string> Arguments(IReadOnlyList<string> arguments)
    {
        var result = new string[arguments.Count];
        var program = "";
        var hideNext = false;
        for (var i = 0; i < result.Length; i++)
        {
            var argument = arguments[i];
            program = i == 0 || argument is not ['-', ..] && i < 3 && Programs.ContainsKey(Path.GetFileName(argument)) ? Path.GetFileName(argument) : program;
            if (hideNext && argument.Length > 0 && argument is not ['-', '-', ..])
            {
                result[i] = Redacted;
                hideNext = false;
                program = ""; // what follows may be another program's arguments: sshpass -p secret ssh -p 22
                continue;
            }

            var options = Programs.GetValueOrDefault(program, []);
            var glued = options.FirstOrDefault(option => option.Length == 2 && argument.Length > 2 && argument.StartsWith(option, StringComparison.Ordinal));
            result[i] = glued is not null ? glued + Redacted
                : i > 0 && arguments[i - 1] == "-c" && argument.Contains(' ', StringComparison.Ordinal) ? string.Join(' ', Arguments(argument.Split(' ')))
                : Text(argument);
            hideNext = glued is null && argument is ['-', ..] && !argument.Contains('=', StringComparison.Ordinal)
                && (options.Contains(argument, StringComparer.Ordinal) || IsSecretName(argument));
        }

        return result;
    }

    /// <summary>Programs that take a secret by a short option, apart (-p secret) or glued to it (-psecret).</summary>
    private static readonly Dictionary<string, string[]> Programs = new(StringComparer.Ordinal)
    {
        ["mysql"] = ["-p"],
        ["mysqldump"] = ["-p"],
        ["mysqladmin"] = ["-p"],
        ["mariadb"] = ["-p"],
        ["mariadb-dump"] = ["-p"],
        ["sshpass"] = ["-p"],
        ["redis-cli"] = ["-a"],
        ["curl"] = ["-u"],
        ["ldapsearch"] = ["-w"],
        ["smbclient"] = ["-U"],
        ["mosquitto_pub"] = ["-P"],
        ["mosquitto_sub"] = ["-P"],
    };

    [GeneratedRegex("passw(or)?d|passphrase|passwd|(^|[^a-z])(pass|pwd|pw)$|secret|token|api[-_.]?key|access[-_.]?key|private[-_.]?key|encryption[-_.]?key|credential|basic[-_.]?auth|authkey|auth[-_.]key",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SecretName();

    /// <summary>Where a secret lies is not the secret.</summary>
    [GeneratedRegex("([-_.](file|path|dir|directory|name|url|uri|endpoint|ttl|expiry|timeout|length|count|limit|limits)|tokens|File|Path)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InnocentName();

    [GeneratedRegex(@"(?<start>[a-zA-Z][a-zA-Z0-9+.-]{0,31}://[^\s/@:]{0,256}:)[^\s/@]{1,4096}@", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UrlPassword();

    [GeneratedRegex(@"(?<start>\b(Bearer|Basic)\s+)[A-Za-z0-9+/=._~-]{8,}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Authorization();

    [GeneratedRegex("(?<name>[A-Za-z][A-Za-z0-9_.-]{0,127})(?<is>=)(\"[^\"]{1,4096}\"|'[^']{1,4096}'|[^\\s&,;]{1,4096})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Assignment();
}
