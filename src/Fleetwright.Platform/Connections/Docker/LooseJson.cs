using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fleetwright.Platform.Connections.Docker;

// Engines of a dozen years and two makers write the same field as a string, a number, a list, an object or null.
// These converters take what can be understood and leave the rest null; they never fail on well-formed JSON.

internal sealed class LooseStringConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Loose.Text(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

internal sealed class LooseInt64Converter : JsonConverter<long?>
{
    public override bool HandleNull => true;

    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var exact))
        {
            return exact;
        }

        return Loose.Number(ref reader) switch
        {
            null => null,
            // cgroup v1 writes "no limit" as a number near 2^63 or 2^64; saturating keeps its meaning.
            >= long.MaxValue => long.MaxValue,
            <= long.MinValue => long.MinValue,
            { } number => (long)number,
        };
    }

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options) => Loose.Write(writer, value);
}

internal sealed class LooseDoubleConverter : JsonConverter<double?>
{
    public override bool HandleNull => true;

    public override double? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Loose.Number(ref reader);

    public override void Write(Utf8JsonWriter writer, double? value, JsonSerializerOptions options) => Loose.Write(writer, value);
}

internal sealed class LooseBoolConverter : JsonConverter<bool?>
{
    public override bool HandleNull => true;

    public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Loose.Text(ref reader)?.ToUpperInvariant() switch
        {
            "TRUE" or "1" => true,
            "FALSE" or "0" => false,
            _ => null,
        };

    public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options)
    {
        if (value is { } known)
        {
            writer.WriteBooleanValue(known);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}

/// <summary>RFC 3339 with up to nine decimals, Unix seconds, or Podman's "2024-01-15 10:30:45 -0500 EST"; the year 1 means never.</summary>
internal sealed class LooseTimeConverter : JsonConverter<DateTimeOffset?>
{
    private const long LatestUnixSeconds = 253_402_300_799;

    public override bool HandleNull => true;

    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(Loose.Text(ref reader));

    public static DateTimeOffset? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds is > 0 and <= LatestUnixSeconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        }

        if (!TryParse(text, out var at))
        {
            // Go prints the zone's name after its offset; .NET knows the offset alone.
            var zoneName = text.LastIndexOf(' ');
            if (zoneName <= 0 || !TryParse(text[..zoneName], out at))
            {
                return null;
            }
        }

        return at.Year <= 1 ? null : at;
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options)
    {
        if (value is { } at)
        {
            writer.WriteStringValue(at);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static bool TryParse(string text, out DateTimeOffset at) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out at);
}

/// <summary>An object, or null for anything else.</summary>
internal sealed class LooseObjectConverter<T> : JsonConverter<T>
    where T : class
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
        }

        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
}

/// <summary>The objects of an array; whatever else is in it is left out.</summary>
internal sealed class LooseListConverter<T> : JsonConverter<IReadOnlyList<T>>
    where T : class
{
    public override IReadOnlyList<T>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        var item = new LooseObjectConverter<T>();
        var list = new List<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (item.Read(ref reader, typeof(T), options) is { } value)
            {
                list.Add(value);
            }
        }

        return list;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<T> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}

/// <summary>An object used as a map to objects; a member that is null or something else keeps its name with an empty value.</summary>
internal sealed class LooseMapConverter<T> : JsonConverter<IReadOnlyDictionary<string, T>>
    where T : class, new()
{
    public override IReadOnlyDictionary<string, T>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var item = new LooseObjectConverter<T>();
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = Loose.Text(ref reader) ?? "";
            reader.Read();
            map[name] = item.Read(ref reader, typeof(T), options) ?? new T();
        }

        return map;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, T> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}

/// <summary>An object used as a map to numbers.</summary>
internal sealed class LooseNumbersConverter : JsonConverter<IReadOnlyDictionary<string, double>>
{
    public override IReadOnlyDictionary<string, double>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var map = new Dictionary<string, double>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = Loose.Text(ref reader) ?? "";
            reader.Read();
            if (Loose.Number(ref reader) is { } number)
            {
                map[name] = number;
            }
        }

        return map;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, double> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}

/// <summary>Words as a list of strings, as one string with commas (the command-line tools), or as the names of an object's members.</summary>
internal sealed class LooseWordsConverter : JsonConverter<IReadOnlyList<string>>
{
    public override IReadOnlyList<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var words = new List<string>();
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (Loose.Text(ref reader) is { } word)
                    {
                        words.Add(word);
                    }
                }

                return words;
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    words.Add(Loose.Text(ref reader) ?? "");
                    reader.Read();
                    reader.Skip();
                }

                return words;
            case JsonTokenType.String:
                return (Loose.Text(ref reader) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            default:
                reader.Skip();
                return null;
        }
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}

/// <summary>A program with its arguments: a list of strings, or one string that is kept whole.</summary>
internal sealed class LooseCommandConverter : JsonConverter<IReadOnlyList<string>>
{
    public override IReadOnlyList<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? [Loose.Text(ref reader) ?? ""]
            : new LooseWordsConverter().Read(ref reader, typeToConvert, options);

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}

/// <summary>Labels as an object, as ["a=b"], or as "a=b,c=d".</summary>
internal sealed class LooseLabelsConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    public override IReadOnlyDictionary<string, string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = Loose.Text(ref reader) ?? "";
                reader.Read();
                labels[name] = Loose.Text(ref reader) ?? "";
            }

            return labels;
        }

        var words = new LooseWordsConverter().Read(ref reader, typeToConvert, options);
        string? last = null;
        foreach (var word in words ?? [])
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                last = word[..equals];
                labels[last] = word[(equals + 1)..];
            }
            else if (last is not null)
            {
                // `docker ps` does not escape the commas inside a value.
                labels[last] += "," + word;
            }
        }

        return words is null ? null : labels;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}

internal static class Loose
{
    /// <summary>A scalar as text; null for null, and for objects and arrays, which are passed over.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String or JsonTokenType.PropertyName:
                try
                {
                    return reader.GetString();
                }
                catch (InvalidOperationException)
                {
                    // Half of a surrogate pair: text that JSON can write and UTF-16 cannot hold.
                    return Encoding.UTF8.GetString(reader.ValueSpan);
                }

            case JsonTokenType.Number:
                return Encoding.ASCII.GetString(reader.ValueSpan);
            case JsonTokenType.True:
                return "true";
            case JsonTokenType.False:
                return "false";
            default:
                reader.Skip();
                return null;
        }
    }

    /// <summary>A finite number, also when it is written as a string.</summary>
    public static double? Number(ref Utf8JsonReader reader) =>
        double.TryParse(Text(ref reader), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    public static void Write<T>(Utf8JsonWriter writer, T? value)
        where T : struct
    {
        if (value is { } number)
        {
            writer.WriteRawValue(string.Create(CultureInfo.InvariantCulture, $"{number}"));
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
