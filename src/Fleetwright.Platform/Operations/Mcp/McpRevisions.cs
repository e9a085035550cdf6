namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// The revisions of MCP that this door speaks. They are dates, so an ordinal comparison orders them. Up to 2025-11-25
/// a client opens a session with <c>initialize</c> (legacy); from 2026-07-28 on every request stands alone (modern).
/// </summary>
internal static class McpRevisions
{
    public const string Modern = "2026-07-28";

    private static readonly string[] Legacy = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    public static bool IsModern(string? revision) =>
        revision is not null && string.CompareOrdinal(revision, Modern) >= 0;

    public static bool IsKnown(string revision) => revision == Modern || Legacy.Contains(revision, StringComparer.Ordinal);
}
