using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>
/// Reads what an engine, or one of its command-line tools, prints: one value, an array, or values one after the other.
/// </summary>
public static class EngineJson
{
    private static readonly JsonReaderOptions ReaderOptions = new()
    {
        AllowMultipleValues = true,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>
    /// The top-level values of the text; the elements of top-level arrays stand in for the arrays. A byte order mark is
    /// passed over, bytes that are not UTF-8 become U+FFFD.
    /// </summary>
    /// <exception cref="JsonException">It is not JSON, or ends early.</exception>
    public static IReadOnlyList<JsonElement> Elements(ReadOnlyMemory<byte> utf8)
    {
        var text = utf8.Span;
        if (text.StartsWith("\uFEFF"u8))
        {
            text = text[3..];
        }

        if (!Utf8.IsValid(text))
        {
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        }

        var elements = new List<JsonElement>();
        var reader = new Utf8JsonReader(text, ReaderOptions);
        while (reader.Read())
        {
            var value = JsonElement.ParseValue(ref reader);
            if (value.ValueKind == JsonValueKind.Array)
            {
                elements.AddRange(value.EnumerateArray());
            }
            else
            {
                elements.Add(value);
            }
        }

        return elements;
    }

    /// <summary>One entry of a container list; null when it is not an object.</summary>
    public static EngineContainerSummary? Summary(JsonElement element) => Read(element, EngineJsonContext.Default.EngineContainerSummary);

    /// <summary>One inspected container; null when it is not an object.</summary>
    public static EngineContainerDetails? Details(JsonElement element) => Read(element, EngineJsonContext.Default.EngineContainerDetails);

    /// <summary>One sample of a container's stats; null when it is not an object.</summary>
    public static EngineStats? Stats(JsonElement element) => Read(element, EngineJsonContext.Default.EngineStats);

    internal static T? Read<T>(JsonElement element, JsonTypeInfo<T> type)
        where T : class => element.ValueKind == JsonValueKind.Object ? element.Deserialize(type) : null;
}

[JsonSourceGenerationOptions(
    PropertyNameCaseInsensitive = true,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters =
    [
        typeof(LooseStringConverter), typeof(LooseInt64Converter), typeof(LooseDoubleConverter), typeof(LooseBoolConverter),
        typeof(LooseTimeConverter),
    ])]
[JsonSerializable(typeof(EngineContainerSummary))]
[JsonSerializable(typeof(EngineContainerDetails))]
[JsonSerializable(typeof(EngineStats))]
[JsonSerializable(typeof(EngineVersion))]
[JsonSerializable(typeof(EngineInfo))]
[JsonSerializable(typeof(EngineImage))]
[JsonSerializable(typeof(EngineNetwork))]
[JsonSerializable(typeof(EngineVolumes))]
[JsonSerializable(typeof(EngineDiskUsage))]
[JsonSerializable(typeof(EngineEvent))]
[JsonSerializable(typeof(EngineError))]
internal sealed partial class EngineJsonContext : JsonSerializerContext;
