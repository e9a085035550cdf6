using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fleetwright.Platform.Security;

/// <summary>
/// Takes secrets out of text, JSON and command lines before they are stored, logged or shown: what stands behind a name such
/// as password or token, and what looks like a secret wherever it stands (keys, bearer tokens, PEM blocks, passwords in
/// URLs). Doing it twice is the same as doing it once. What carries a secret under an innocent name cannot be told from
/// other text.
/// </summary>
public static partial class SecretRedaction
{
    public const string Redacted = "[redacted]";
    private const int LongestJson = 256 * 1024;
    private const int LongestArguments = 8 * 1024;
    private const int LongestString = 1000;
    private const int TimeoutMilliseconds = 1000;

    /// <summary>A named value: an environment variable, a label, a setting.</summary>
    public static string Value(string name, string value) => value.Length > 0 && IsSecretName(name) ? Redacted : Text(value);

    /// <summary>Whether a name says that its value is a secret: DB_PASSWORD, --token, apiKey.</summary>
    public static bool IsSecretName(string name) => SecretNames.IsSecret(name);

    /// <summary>Any text. JSON stays JSON.</summary>
    public static string Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return text.Length is > 1 and <= LongestJson && text[0] is '{' or '[' && Parse(text) is { } json
                ? Clean(json, int.MaxValue).ToJsonString(Json.Options)
                : CleanText(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return Redacted;
        }
    }

    /// <summary>Arguments as JSON text for the audit log: without secrets, and with very long strings cut.</summary>
    public static string ArgumentsJson(JsonNode arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        try
        {
            var text = Clean(arguments, LongestString).ToJsonString(Json.Options);
            return text.Length <= LongestArguments ? text : $$"""{"omitted":"{{text.Length}} characters of arguments"}""";
        }
        catch (RegexMatchTimeoutException)
        {
            return $$"""{"omitted":"{{Redacted}}"}""";
        }
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (ArgumentException)
        {
            // A name twice in one object: it is treated as text.
            return null;
        }
    }

    private static JsonNode Clean(JsonNode node, int longest)
    {
        switch (node)
        {
            case JsonObject properties:
                var copy = new JsonObject();
                foreach (var (name, value) in properties)
                {
                    copy[CleanText(name)] = value switch
                    {
                        null => null,
                        JsonValue flag when flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False => flag.DeepClone(),
                        _ when SecretNames.IsSecret(name) => Redacted,
                        _ => Clean(value, longest),
                    };
                }

                return copy;
            case JsonArray items:
                var list = new JsonArray();
                var secretFollows = false;
                foreach (var item in items)
                {
                    list.Add(item is null ? null : secretFollows && item is JsonValue ? Redacted : Clean(item, longest));

                    // ["--password", "hunter2"]
                    secretFollows = item is JsonValue flag && flag.TryGetValue<string>(out var word)
                        && word.StartsWith('-') && SecretNames.IsSecret(word);
                }

                return list;
            case JsonValue value when value.TryGetValue<string>(out var text):
                var clean = CleanText(text);
                return clean.Length > longest ? clean[..longest] + "…" : clean;
            default:
                return node.DeepClone();
        }
    }

    private static string CleanText(string text)
    {
        if (text.Length < 4)
        {
            return text;
        }

        var clean = PemBlock().Replace(text, "[redacted private key]");
        clean = OwnKey().Replace(clean, "${kept}" + Redacted);
        clean = WellKnownToken().Replace(clean, Redacted);
        clean = UrlPassword().Replace(clean, "${kept}" + Redacted + "@");
        clean = UrlToken().Replace(clean, "${kept}" + Redacted + "@");
        clean = Scheme().Replace(clean, "${kept} " + Redacted);
        return CleanNamed(clean);
    }

    /// <summary>name=value, name: value, "name":"value" and --name value.</summary>
    private static string CleanNamed(string text)
    {
        StringBuilder? clean = null;
        var copied = 0;
        for (var match = Name().Match(text); match.Success; match = match.NextMatch())
        {
            var name = match.Groups["name"].ValueSpan;
            var start = match.Index + match.Length;
            if (start < copied || !SecretNames.IsSecret(name))
            {
                continue;
            }

            var value = (SecretNames.TakesWholeLine(name) && match.Groups["quote"].Length == 0 ? Line() : NamedValue()).Match(text, start);
            if (!value.Success || value.Value is "" or "null" or "true" or "false" || AlreadyClean().IsMatch(value.Value))
            {
                continue;
            }

            clean ??= new StringBuilder(text.Length);
            clean.Append(text, copied, start - copied).Append(Masked(value.ValueSpan, match.Groups["quote"].ValueSpan));
            copied = start + value.Length;
        }

        return clean is null ? text : clean.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>In the quotes that the value had; a number behind a quoted name becomes a string, so that JSON stays JSON.</summary>
    private static string Masked(ReadOnlySpan<char> value, ReadOnlySpan<char> nameQuote)
    {
        var quote = value.StartsWith("\\\"") ? "\\\"" : value[0] is '"' or '\'' ? value[..1].ToString() : nameQuote.ToString();
        return quote + Redacted + quote;
    }

    [GeneratedRegex(@"-----BEGIN (?!CERTIFICATE|PUBLIC KEY|[A-Z0-9 ]{0,20}PUBLIC KEY)[A-Z0-9 ]{1,40}-----(?:(?!-----END )[\s\S])*(?:-----END [A-Z0-9 ]{1,40}-----)?", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex PemBlock();

    // The middle part stays: it finds the key in the list, and opens nothing.
    [GeneratedRegex(@"\b(?<kept>fw_[A-Za-z0-9]{4,16}_)[A-Za-z0-9_\-]{8,}", RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex OwnKey();

    // GitHub, GitLab, Slack, AWS, Google, Tailscale, OpenAI and Anthropic, Hugging Face, JWT.
    [GeneratedRegex(@"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w\-]{16,}|xox[abeoprs]-[\w\-]{10,}|A[KS]IA[0-9A-Z]{16}|AIza[\w\-]{30,}|tskey-[\w\-]{10,}|sk-[\w\-]{20,}|hf_[A-Za-z0-9]{20,}|eyJ[\w\-]{10,}\.[\w\-]{4,}\.[\w\-]*)", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex WellKnownToken();

    [GeneratedRegex(@"(?<kept>\b[A-Za-z][A-Za-z0-9+.\-]{0,20}://[^\s/?#:@""'<>\\]{0,200}:)(?!\[redacted\])[^\s/?#""'<>\\]{1,500}@", RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex UrlPassword();

    // https://TOKEN@host: a user name alone before a web address is nearly always a token.
    [GeneratedRegex(@"(?<kept>\bhttps?://)(?!\[redacted\])[^\s/?#:@""'<>\\\[]{1,500}@", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex UrlToken();

    [GeneratedRegex(@"\b(?<kept>Bearer|Basic|Negotiate|Digest)[ \t]+[A-Za-z0-9._~+/\-]{8,}=*", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"--(?<name>(?>[A-Za-z][\w\-]*))(?:=|[ \t]{1,3})|(?<![\w.\-])(?<name>(?>[A-Za-z_][\w.\-]*))(?<quote>\\?[""']|)[ \t]{0,3}[:=][ \t]{0,3}", RegexOptions.ExplicitCapture, TimeoutMilliseconds)]
    private static partial Regex Name();

    [GeneratedRegex(@"\G(?:\\""(?:(?!\\"")[\s\S])*(?:\\"")?|""(?:[^""\\]|\\.)*""?|'[^']*'?|(?![{\[])[^\s,;&""'<>}\])\\]+)", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex NamedValue();

    [GeneratedRegex(@"\G[^\r\n""']+", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex Line();

    [GeneratedRegex(@"^[""']?\\?(?:\w{1,20} )?\[redacted[^\]]{0,20}\]?[""']?\\?[""']?$", RegexOptions.None, TimeoutMilliseconds)]
    private static partial Regex AlreadyClean();
}
