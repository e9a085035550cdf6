namespace Fleetwright.Platform.Operations;

/// <summary>Part of a list. Pass the cursor back to get what follows.</summary>
public sealed record Page<T>
{
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>How many there are in all that match.</summary>
    public required int Total { get; init; }

    /// <summary>Where the next page starts; absent on the last one.</summary>
    public string? NextCursor { get; init; }

    /// <summary>What the list does not hold and why, in sentences: devices that were away, for instance.</summary>
    public IReadOnlyList<string>? Notes { get; init; }
}

/// <summary>Cuts a list into pages whose cursor is the key of the last item shown, so that changes in between lose nothing.</summary>
public static class Page
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    /// <summary>One page of items that are ordered by their key (ordinal).</summary>
    /// <exception cref="OperationException">The limit or the cursor is not one.</exception>
    public static Page<T> Of<T>(IEnumerable<T> items, Func<T, string> key, string? cursor, int? limit, IReadOnlyList<string>? notes = null)
    {
        var size = limit ?? DefaultLimit;
        if (size is < 1 or > MaxLimit)
        {
            throw OperationException.Invalid("limit", $"{size} is out of range.", $"Use a number from 1 to {MaxLimit}.");
        }

        var ordered = items.OrderBy(key, StringComparer.Ordinal).ToList();
        var after = cursor is null ? null : Decode(cursor);
        var rest = after is null ? ordered : [.. ordered.SkipWhile(item => string.CompareOrdinal(key(item), after) <= 0)];
        var page = rest.Take(size).ToList();
        return new Page<T>
        {
            Items = page,
            Total = ordered.Count,
            NextCursor = rest.Count > page.Count ? Encode(key(page[^1])) : null,
            Notes = notes is { Count: > 0 } ? notes : null,
        };
    }

    private static string Encode(string key) =>
        System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(key));

    private static string Decode(string cursor)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(cursor));
        }
        catch (FormatException)
        {
            throw OperationException.Invalid("cursor", "this is not a cursor.", "Pass nextCursor of the page before, or leave it out.");
        }
    }
}
