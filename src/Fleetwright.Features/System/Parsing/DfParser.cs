namespace Fleetwright.Features.Systems.Parsing;

/// <summary>One line of df.</summary>
internal readonly record struct DfLine(string Device, long SizeBytes, long FreeBytes, long AvailableBytes);

/// <summary>
/// `df -P -k` (POSIX: file system, 1024-blocks, used, available, capacity, mounted on), one line a file system; GNU
/// coreutils and busybox. With `-P` long device names do not break the line.
/// </summary>
internal static class DfParser
{
    public static IReadOnlyDictionary<string, DfLine> Parse(IReadOnlyList<string> lines)
    {
        var answers = new Dictionary<string, DfLine>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var f = Number.Fields(line);
            var capacity = Array.FindIndex(f, 1, static field => field.Length > 1 && field[^1] == '%' && Number.Int(field.AsSpan(..^1)) is not null);
            if (capacity < 4 || capacity + 1 >= f.Length)
            {
                continue;
            }

            if (Number.Times(Number.Long(f[capacity - 3]), 1024) is { } size && Number.Times(Number.Long(f[capacity - 2]), 1024) is { } used
                && Number.Times(Number.SignedLong(f[capacity - 1]) is { } a ? Math.Max(0, a) : null, 1024) is { } available && used <= size)
            {
                // The mount point is the rest of the line and may hold blanks.
                var at = line.IndexOf(f[capacity] + " ", StringComparison.Ordinal);
                var mountPoint = at < 0 ? f[capacity + 1] : line[(at + f[capacity].Length)..].Trim();
                answers[mountPoint] = new DfLine(f[0], size, size - used, available);
            }
        }

        return answers;
    }
}
