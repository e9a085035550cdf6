using System.Buffers;
using System.Text.Json;

namespace Fleetwright.Platform.Events.Live;

/// <summary>
/// One thing that happened on a channel. It may go to a thousand clients: its JSON is made once, when the first one needs it.
/// </summary>
public sealed class LiveMessage
{
    private readonly Lazy<byte[]> _body;

    public LiveMessage() => _body = new Lazy<byte[]>(Write);

    /// <summary>What kind, in the words of the channel: snapshot, reading, line, …</summary>
    public required string Event { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The id of the device it concerns.</summary>
    public string? Device { get; init; }

    /// <summary>What on the device: a container's name, a probe, …</summary>
    public string? Subject { get; init; }

    /// <summary>A record; written by its own type.</summary>
    public object? Data { get; init; }

    /// <summary>Nothing itself: so many messages were lost in this place before they came to be.</summary>
    public long Lost { get; private init; }

    public static LiveMessage Gap(long lost, DateTimeOffset at) => new() { Event = "gap", At = at, Lost = lost };

    /// <summary>Its members as UTF-8, without the opening brace, with the closing one: who sends it puts its own members before.</summary>
    internal ReadOnlyMemory<byte> Body => _body.Value;

    private byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Json.Options.Encoder, SkipValidation = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("event", Event);
            writer.WriteString("at", At.UtcDateTime);
            if (Device is not null)
            {
                writer.WriteString("device", Device);
            }

            if (Subject is not null)
            {
                writer.WriteString("subject", Subject);
            }

            if (Data is not null)
            {
                writer.WritePropertyName("data");
                JsonSerializer.Serialize(writer, Data, Data.GetType(), Json.Options);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan[1..].ToArray();
    }
}
