using System.Security.Cryptography;

namespace Fleetwright.Platform.Devices.Facts;

/// <summary>
/// By what a machine is told from others. A machine-id (machine-id(5)) stands as it is; whatever stands in for it carries
/// its origin in front: hostkey:, dmi: or mac:.
/// </summary>
internal static class MachineIdentity
{
    // Boards whose maker never filled it in all say the same.
    private static readonly string[] EmptyUuids =
    [
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009", "12345678-1234-5678-90ab-cddeefaabbcc",
    ];

    public static string? MachineId(FactsText found) => Id(found.Word("identity", "machine-id")) ?? Id(found.Word("identity", "dbus"));

    public static string? Fallback(FactsText found, bool inContainer)
    {
        if (HostKey(found.Word("identity", "hostkey")) is { } hostKey)
        {
            return hostKey;
        }

        // A container sees its host's board and cards.
        return inContainer ? null : Board(found.Word("identity", "dmi")) ?? Card(found);
    }

    private static string? Id(string? text) =>
        text is { Length: 32 } && text.All(char.IsAsciiHexDigit) && text.Any(c => c != '0') ? text.ToLowerInvariant() : null;

    private static string? HostKey(string? line)
    {
        var key = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (key is not { Length: >= 2 })
        {
            return null;
        }

        var bytes = new byte[key[1].Length];
        return Convert.TryFromBase64String(key[1], bytes, out var length) && length >= 32
            ? "hostkey:SHA256:" + Convert.ToBase64String(SHA256.HashData(bytes.AsSpan(0, length))).TrimEnd('=')
            : null;
    }

    private static string? Board(string? uuid) =>
        Guid.TryParseExact(uuid?.Trim(), "D", out var id) && !EmptyUuids.Contains(id.ToString("D")) ? $"dmi:{id:D}" : null;

    // The lowest address of a physical card: the order of names may change, the set of cards seldom does.
    private static string? Card(FactsText found) => found.Lines("identity")
        .Where(line => line.StartsWith("mac ", StringComparison.Ordinal))
        .Select(line => line[4..].Trim().ToLowerInvariant())
        .Where(mac => mac.Length == 17 && mac != "00:00:00:00:00:00" && mac.All(c => c == ':' || char.IsAsciiHexDigit(c)))
        .Order(StringComparer.Ordinal)
        .Select(mac => "mac:" + mac)
        .FirstOrDefault();
}
