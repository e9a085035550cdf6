using System.Text.Json;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Platform.Devices.Import;

/// <summary>
/// Reads `tailscale status --json` (1.x; ipnstate.Status in Tailscale's source): its Linux peers, online or not, under
/// their names in the tailnet.
/// </summary>
internal static class TailscaleStatusReader
{
    private const string NextStep = "Give the output of: tailscale status --json";

    /// <param name="json">What the command printed.</param>
    /// <param name="defaults">User and key for every peer.</param>
    /// <exception cref="OperationException">It is not that, or Tailscale does not run.</exception>
    public static ImportList Read(string json, DeviceAddress defaults)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement, defaults);
        }
        catch (JsonException exception)
        {
            var said = DeviceValidation.Shown(json.Trim());
            throw OperationException.Invalid("content", exception.LineNumber is null or 0 && said.Length > 0
                ? $"this is not JSON; it begins '{said}'." : $"this is not JSON (line {exception.LineNumber + 1}).", NextStep);
        }
    }

    private static ImportList Read(JsonElement status, DeviceAddress defaults)
    {
        if (status.ValueKind != JsonValueKind.Object || Text(status, "BackendState") is not { } state)
        {
            throw OperationException.Invalid("content", "this JSON is not a Tailscale status: it has no BackendState.", NextStep);
        }

        if (state != "Running")
        {
            throw OperationException.Invalid("content", $"Tailscale was not running when this was made (its state is {DeviceValidation.Shown(state)}).",
                "Run: sudo tailscale up, and then again: tailscale status --json");
        }

        var magicDns = !(status.TryGetProperty("CurrentTailnet", out var tailnet) && tailnet.ValueKind == JsonValueKind.Object
            && tailnet.TryGetProperty("MagicDNSEnabled", out var enabled) && enabled.ValueKind == JsonValueKind.False);
        var entries = status.TryGetProperty("Peer", out var peers) && peers.ValueKind == JsonValueKind.Object
            ? peers.EnumerateObject().Select(peer => Entry(peer.Value, defaults, magicDns)).OrderBy(entry => entry.Name, StringComparer.Ordinal).ToList()
            : [];
        var notes = new List<string>();
        if (entries.Count == 0)
        {
            notes.Add("This tailnet shows no other machines.");
        }

        if (!magicDns)
        {
            notes.Add("MagicDNS is off in this tailnet, so addresses are taken instead of names.");
        }

        return new ImportList(entries, notes);
    }

    private static ImportEntry Entry(JsonElement peer, DeviceAddress defaults, bool magicDns)
    {
        if (peer.ValueKind != JsonValueKind.Object)
        {
            return ImportEntry.Skipped("(unnamed)", "It tells nothing about itself.");
        }

        var fullName = Text(peer, "DNSName")?.TrimEnd('.');
        var name = fullName?.Split('.')[0] ?? Text(peer, "HostName");
        if (string.IsNullOrEmpty(name))
        {
            return ImportEntry.Skipped("(unnamed)", "It has no name.");
        }

        var os = Text(peer, "OS");
        if (!string.Equals(os, "linux", StringComparison.OrdinalIgnoreCase))
        {
            return ImportEntry.Skipped(name, os is null
                ? "It does not tell its system; if it is Linux, add it with add_device."
                : $"It runs {DeviceValidation.Shown(os)}, not Linux.");
        }

        if (peer.TryGetProperty("ShareeNode", out var sharee) && sharee.ValueKind == JsonValueKind.True)
        {
            return ImportEntry.Skipped(name, "It belongs to somebody that a machine here is shared with.");
        }

        var host = magicDns && !string.IsNullOrEmpty(fullName) ? fullName : Addresses(peer).FirstOrDefault();
        return host is null
            ? ImportEntry.Refused(name, "It has neither a name in the tailnet nor an address.")
            : ImportEntry.Of(new NewDevice { Name = name, Address = defaults with { Host = host }, Tags = Tags(peer) });
    }

    private static string[] Tags(JsonElement peer) => [.. Strings(peer, "Tags")
        .Select(tag => tag.StartsWith("tag:", StringComparison.Ordinal) ? tag[4..] : tag)];

    // IPv4 first: it is what people recognise.
    private static IEnumerable<string> Addresses(JsonElement peer) =>
        Strings(peer, "TailscaleIPs").OrderBy(address => address.Contains(':', StringComparison.Ordinal));

    private static IEnumerable<string> Strings(JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
            : [];

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
