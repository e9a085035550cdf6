using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fleetwright.Platform.Operations;

/// <summary>
/// A time as people write one: an ISO 8601 time (2026-07-01T12:00:00Z; without a zone it is UTC) or how long ago (90s, 15m, 2h, 7d).
/// </summary>
[JsonConverter(typeof(PointInTimeConverter))]
public readonly record struct PointInTime : IParsable<PointInTime>
{
    private readonly DateTimeOffset? _at;
    private readonly TimeSpan _ago;
    private readonly string? _text;

    private PointInTime(DateTimeOffset? at, TimeSpan ago, string text) => (_at, _ago, _text) = (at, ago, text);

    /// <summary>The time that is meant, at the moment <paramref name="now"/>.</summary>
    public DateTimeOffset Resolve(DateTimeOffset now) => _at ?? now - _ago;

    public override string ToString() => _text ?? "0s";

    public static PointInTime Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var result) ? result : throw new FormatException("Not a time: write 2026-07-01T12:00:00Z, or 15m, 2h, 7d for how long ago.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PointInTime result)
    {
        result = default;
        var text = s?.Trim() ?? "";
        if (text.Length is 0 or > 40)
        {
            return false;
        }

        if (double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            && amount <= 36_500 * 86_400.0 && UnitSeconds(text[^1]) is { } unit && amount * unit <= 36_500 * 86_400.0)
        {
            result = new PointInTime(null, TimeSpan.FromSeconds(amount * unit), text);
            return true;
        }

        if (text.Length >= 10 && text[4] == '-'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            result = new PointInTime(at, default, text);
            return true;
        }

        return false;
    }

    private static double? UnitSeconds(char unit) => unit switch
    {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => null,
    };
}

internal sealed class PointInTimeConverter : JsonConverter<PointInTime>
{
    public override PointInTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && PointInTime.TryParse(reader.GetString(), null, out var time)
            ? time
            : throw new JsonException("Not a time: write 2026-07-01T12:00:00Z, or 15m, 2h, 7d for how long ago.");

    public override void Write(Utf8JsonWriter writer, PointInTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
