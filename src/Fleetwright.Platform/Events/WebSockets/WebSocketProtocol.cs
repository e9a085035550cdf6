using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>What the server says, as UTF-8 JSON; docs/websocket.md describes every message.</summary>
internal static class WebSocketProtocol
{
    public const int Version = 1;
    public const string SubProtocol = "fleetwright.v1";

    public static byte[] Hello(string? id, JsonArray channels, WebSocketDoorOptions options) => Write("hello", id, writer =>
    {
        writer.WriteString("protocol", SubProtocol);
        writer.WriteNumber("version", Version);
        writer.WriteStartObject("limits");
        writer.WriteNumber("maxMessageBytes", options.MaxMessageBytes);
        writer.WriteNumber("maxSubscriptions", options.MaxSubscriptions);
        writer.WriteNumber("queueMessages", options.QueueMessages);
        writer.WriteNumber("queueBytes", options.QueueBytes);
        writer.WriteNumber("heartbeatSeconds", options.HeartbeatInterval.TotalSeconds);
        writer.WriteEndObject();
        writer.WritePropertyName("channels");
        channels.WriteTo(writer);
    });

    /// <param name="id">Of the subscription.</param>
    /// <param name="to">subscribe or unsubscribe.</param>
    /// <param name="channel">Its channel.</param>
    public static byte[] Ack(string id, string to, string channel) => Write("ack", id, writer =>
    {
        writer.WriteString("to", to);
        writer.WriteString("channel", channel);
    });

    public static byte[] Pong(string? id, DateTimeOffset at) => Write("pong", id, writer => writer.WriteString("at", at.UtcDateTime));

    public static byte[] Error(string? id, OperationException failure) => Write("error", id, writer => WriteFailure(writer, failure));

    /// <summary>A subscription that the server ended; without a failure what was followed is over.</summary>
    public static byte[] End(string id, string channel, long sequence, OperationException? failure) => Write("end", id, writer =>
    {
        writer.WriteString("channel", channel);
        writer.WriteNumber("seq", sequence);
        if (failure is not null)
        {
            WriteFailure(writer, failure);
        }
    });

    /// <param name="count">Since the last such notice.</param>
    /// <param name="total">Since the client connected.</param>
    /// <param name="subscriptions">Whose events they were.</param>
    public static byte[] Dropped(long count, long total, IEnumerable<(string Id, long Count)> subscriptions) => Write("dropped", null, writer =>
    {
        writer.WriteNumber("count", count);
        writer.WriteNumber("total", total);
        writer.WriteStartArray("subscriptions");
        foreach (var (id, lost) in subscriptions)
        {
            writer.WriteStartObject();
            writer.WriteString("id", id);
            writer.WriteNumber("count", lost);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <summary>What comes before the sequence number in each event of a subscription.</summary>
    public static byte[] EventStart(string id, string channel)
    {
        var start = Write("event", id, writer => writer.WriteString("channel", channel));
        return [.. start.AsSpan(0, start.Length - 1), .. ",\"seq\":"u8];
    }

    private static byte[] Write(string type, string? id, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            if (id is not null)
            {
                writer.WriteString("id", id);
            }

            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteFailure(Utf8JsonWriter writer, OperationException failure)
    {
        writer.WriteString("code", OperationInvoker.Code(failure.Error));
        writer.WriteString("message", failure.Message);
        writer.WriteString("nextStep", failure.NextStep);
    }
}
