using System.Security.Cryptography;
using System.Text;

namespace Fleetwright.Platform.Devices;

/// <summary>Ids out of names, and the names somebody may have meant.</summary>
internal static class DeviceNames
{
    private const int MaxIdLength = 63;

    /// <summary>Lower case letters, digits and single dashes; a name without any of them gets a stable made-up id.</summary>
    public static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(char.ToLowerInvariant(c));
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString(0, Math.Min(slug.Length, MaxIdLength)).Trim('-');
        return text.Length > 0 ? text : "device-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8];
    }

    /// <summary>The known names closest to what was asked for, best first, at most three.</summary>
    public static IReadOnlyList<string> NearMisses(string asked, IEnumerable<string> known)
    {
        var wanted = asked.ToLowerInvariant();
        if (wanted.Length is 0 or > 128)
        {
            return [];
        }

        return [.. known
            .Select(name => (Name: name, Distance: DistanceTo(name.ToLowerInvariant(), wanted)))
            .Where(candidate => candidate.Distance <= Math.Max(1, wanted.Length / 3))
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Take(3).Select(candidate => candidate.Name)];
    }

    private static int DistanceTo(string name, string wanted) =>
        wanted.Length >= 2 && (name.Contains(wanted, StringComparison.Ordinal) || wanted.Contains(name, StringComparison.Ordinal))
            ? 0
            : EditDistance(name, wanted);

    private static int EditDistance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        var current = new int[b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
