using System.Globalization;
using System.Text;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Platform.Devices;

/// <summary>What a device may be called and how it may be reached; each refusal says what to do instead.</summary>
internal static class DeviceValidation
{
    private const int MaxNameLength = 63;
    private const int MaxTags = 20;
    private const int MaxTagLength = 40;

    private const UnixFileMode OpenToOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The name without spaces around it.</summary>
    public static string Name(string? name)
    {
        var text = name?.Trim() ?? "";
        if (text.Length is 0 or > MaxNameLength)
        {
            throw OperationException.Invalid("name", text.Length == 0 ? "it is empty." : $"it has {text.Length} characters.",
                $"Use 1 to {MaxNameLength} characters, for example the host name.");
        }

        if (text.EnumerateRunes().Any(IsUnshowable))
        {
            throw OperationException.Invalid("name", "it holds characters that cannot be shown.", "Use letters, digits, spaces and dashes.");
        }

        // In a route, no client and no server agree on what an escaped slash is.
        if (text.AsSpan().ContainsAny('/', '\\') || text is "." or "..")
        {
            throw OperationException.Invalid("name", "a slash, or dots alone, cannot stand in the device's address in the REST door.", "Use letters, digits, spaces and dashes.");
        }

        return text;
    }

    // Format characters turn the direction of what follows or make two names look alike; the joiner holds emoji together.
    private static bool IsUnshowable(Rune rune) =>
        rune == Rune.ReplacementChar
        || (rune.Value != 0x200D && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    /// <summary>Lower case, each once, in the order given.</summary>
    public static IReadOnlyList<string> Tags(IReadOnlyList<string>? tags)
    {
        var clean = (tags ?? []).Select(tag => (tag ?? "").Trim().ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToList();
        foreach (var tag in clean)
        {
            if (tag.Length is 0 or > MaxTagLength || !tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/'))
            {
                throw OperationException.Invalid("tags", $"'{Shown(tag)}' is not a tag.",
                    $"A tag is 1 to {MaxTagLength} letters, digits or - _ . : / characters.");
            }
        }

        return clean.Count <= MaxTags
            ? clean
            : throw OperationException.Invalid("tags", $"there are {clean.Count} of them.", $"Use at most {MaxTags} tags.");
    }

    /// <summary>The address with its key file's path made absolute; the key file is looked at.</summary>
    public static DeviceAddress Address(DeviceAddress address)
    {
        if (address.IsLocal)
        {
            return address.User is null && address.Port is null && address.KeyFile is null
                ? DeviceAddress.Local
                : throw OperationException.Invalid("address", "this machine is reached directly, without user, port or key.",
                    "Leave them out, or give a host to reach it over SSH.");
        }

        var text = (address.User is null ? "" : address.User + "@")
            + (address.Host!.Contains(':', StringComparison.Ordinal) ? $"[{address.Host}]" : address.Host)
            + (address.Port is null ? "" : ":" + address.Port.Value);
        if (!DeviceAddress.TryParseSsh(text, out var parsed, out var error) || parsed.Host != address.Host)
        {
            throw OperationException.Invalid("address", error.Length > 0 ? error : "it is not one.", "Write USER@HOST[:PORT], for example root@nas or admin@192.168.1.10:2222.");
        }

        return parsed with { KeyFile = string.IsNullOrWhiteSpace(address.KeyFile) ? null : KeyFile(address.KeyFile.Trim()) };
    }

    private static string KeyFile(string given)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var path = given == "~" || given.StartsWith("~/", StringComparison.Ordinal) ? home + given[1..] : given;
        var shown = Shown(given);
        if (path.Any(char.IsControl) || !Path.IsPathRooted(path))
        {
            throw OperationException.Invalid("keyFile", $"'{shown}' is not an absolute path.",
                "Give the whole path of the private key on the machine that Fleetwright runs on.");
        }

        path = Path.GetFullPath(path);
        if (!File.Exists(path))
        {
            throw OperationException.Invalid("keyFile", $"there is no file '{shown}' on the machine that Fleetwright runs on.",
                $"Check the path, or make a key: ssh-keygen -t ed25519 -f {ShellQuoting.Quote(path)}");
        }

        if ((File.GetUnixFileMode(path) & OpenToOthers) != UnixFileMode.None)
        {
            throw OperationException.Invalid("keyFile", $"'{shown}' is open to other users, so ssh refuses to use it.",
                $"Run: chmod 600 {ShellQuoting.Quote(path)}");
        }

        if (FirstLine(path, shown) is not { } line || !line.StartsWith("-----BEGIN ", StringComparison.Ordinal))
        {
            throw OperationException.Invalid("keyFile", $"'{shown}' is not a private key.",
                given.EndsWith(".pub", StringComparison.Ordinal) ? "That is the public half; give the file without .pub." : "Give the file that ssh -i would take.");
        }

        return path;
    }

    private static string? FirstLine(string path, string shown)
    {
        try
        {
            using var file = File.OpenRead(path);
            var start = new byte[64];
            var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return Encoding.ASCII.GetString(start, 0, length).Split('\n')[0];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw OperationException.Invalid("keyFile", $"'{shown}' cannot be read by the user that Fleetwright runs as.",
                $"Make it that user's own: sudo chown {Environment.UserName} {ShellQuoting.Quote(path)}");
        }
    }

    /// <summary>Text of unknown origin, made short and printable for a message.</summary>
    public static string Shown(string text)
    {
        var clean = new string([.. text.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
        return text.Length > 80 ? clean + "…" : clean;
    }
}
