using System.Globalization;

namespace Fleetwright.Features.Systems.Parsing;

/// <summary>Numbers as the kernel writes them: no sign, no grouping, a point. Anything else is unknown.</summary>
internal static class Number
{
    private static readonly char[] Blanks = [' ', '\t'];

    public static string[] Fields(string line) => line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);

    public static long? Long(ReadOnlySpan<char> text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A number that may be below zero, such as a temperature.</summary>
    public static long? SignedLong(ReadOnlySpan<char> text) =>
        long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static int? Int(ReadOnlySpan<char> text) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    public static double? Double(ReadOnlySpan<char> text) =>
        double.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
        && double.IsFinite(value) ? value : null;

    /// <summary>The product, or null when it is beyond what a long holds.</summary>
    public static long? Times(long? a, long b) =>
        a is not { } left || (left != 0 && left > long.MaxValue / b) ? null : left * b;

    public static double Percent(double part, double whole) =>
        whole <= 0 ? 0 : Math.Round(Math.Clamp(part / whole, 0, 1) * 100, 1);

    /// <summary>A counter's rate; null when it went backwards (it wrapped, or began again).</summary>
    public static double? Rate(long now, long before, double seconds) =>
        now < before || seconds <= 0 ? null : Math.Round((now - before) / seconds, 2);
}
