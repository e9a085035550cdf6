namespace Fleetwright.Features.Containers;

/// <summary>Keeps secrets out of labels and command lines: what a name says is secret, and what a URL carries as its password.</summary>
internal static class SecretText
{
    private const string Redacted = "[redacted]";
    private static readonly string[] Words =
        ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "API_KEY", "API-KEY", "ACCESS_KEY", "ACCESS-KEY", "PRIVATE_KEY", "PRIVATE-KEY", "CREDENTIAL", "BASICAUTH"];

    public static string Redact(string name, string value) => value.Length > 0 && LooksSecret(name) ? Redacted : WithoutUrlPassword(value);

    /// <summary>--password=x, --password x, PASSWORD=x, and scheme://user:x@host.</summary>
    public static IEnumerable<string> RedactArguments(IReadOnlyList<string> arguments)
    {
        // A list holds the whole command line as one string.
        var words = arguments.Count == 1 ? arguments[0].Split(' ') : arguments;
        var hideNext = false;
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (hideNext && word is not ['-', ..])
            {
                yield return Redacted;
            }
            else
            {
                yield return equals > 0 ? $"{word[..equals]}={Redact(word[..equals], word[(equals + 1)..])}" : WithoutUrlPassword(word);
            }

            hideNext = equals < 0 && word is ['-', ..] && LooksSecret(word);
        }
    }

    private static bool LooksSecret(string name) => Words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string WithoutUrlPassword(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var start = scheme + 3;
        var at = scheme < 0 ? -1 : text.IndexOf('@', start);
        var colon = at < 0 ? -1 : text.IndexOf(':', start, at - start);
        var path = at < 0 ? -1 : text.IndexOf('/', start, at - start);
        return colon < 0 || (path >= 0 && path < colon) ? text : $"{text[..(colon + 1)]}{Redacted}{text[at..]}";
    }
}
