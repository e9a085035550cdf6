using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Rest;

namespace Fleetwright.Platform.Events.WebSockets;

internal enum ClientMessageType
{
    Hello,
    Subscribe,
    Unsubscribe,
    Ping,
}

/// <summary>A message from a client, as docs/websocket.md describes it.</summary>
internal sealed record ClientMessage
{
    private const int MaxIdLength = 64;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    public required ClientMessageType Type { get; init; }

    /// <summary>Chosen by the client; what answers carry to be known by.</summary>
    public string? Id { get; init; }

    public string? Channel { get; init; }

    public JsonObject? Filter { get; init; }

    /// <summary>Reads a message.</summary>
    /// <param name="text">UTF-8, as it came.</param>
    /// <param name="id">The message's id when it has one that can be read, also when the rest cannot.</param>
    /// <exception cref="OperationException">It is not one.</exception>
    public static ClientMessage Parse(ReadOnlyMemory<byte> text, out string? id)
    {
        id = null;
        using var document = ParseJson(text);
        var message = document.RootElement;
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("message", "it is not a JSON object.");
        }

        var asked = id = ReadId(message);
        return ReadText(message, "type") switch
        {
            null => throw Wrong("type", "it is missing."),
            "hello" => Hello(message, asked),
            "subscribe" => new ClientMessage
            {
                Type = ClientMessageType.Subscribe,
                Id = asked ?? throw Wrong("id", "a subscription needs one; its events carry it."),
                Channel = ReadText(message, "channel") ?? throw Wrong("channel", "it is missing."),
                Filter = ReadFilter(message),
            },
            "unsubscribe" => new ClientMessage
            {
                Type = ClientMessageType.Unsubscribe,
                Id = asked ?? throw Wrong("id", "it is missing; it is the subscription's."),
            },
            "ping" => new ClientMessage { Type = ClientMessageType.Ping, Id = asked },
            var other => throw Wrong("type", $"there is no message '{ProblemResponse.Shown(other)}'."),
        };
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> text)
    {
        try
        {
            return JsonDocument.Parse(text, Reading);
        }
        catch (JsonException exception)
        {
            throw new OperationException(
                OperationError.Invalid,
                $"the message is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.",
                "Mend the JSON (at most 16 levels, no member twice) and send it again.");
        }
    }

    private static ClientMessage Hello(JsonElement message, string? id)
    {
        if (message.TryGetProperty("version", out var version)
            && !(version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) && number == WebSocketProtocol.Version))
        {
            throw Wrong("version", $"this server speaks version {WebSocketProtocol.Version}.");
        }

        return new ClientMessage { Type = ClientMessageType.Hello, Id = id };
    }

    private static string? ReadId(JsonElement message)
    {
        if (ReadText(message, "id") is not { } id)
        {
            return null;
        }

        return id.Length is > 0 and <= MaxIdLength && !id.Any(char.IsControl)
            ? id
            : throw Wrong("id", $"it has 1 to {MaxIdLength} characters, none of them a control character.");
    }

    private static string? ReadText(JsonElement message, string name)
    {
        if (!message.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            try
            {
                return value.GetString();
            }
            catch (InvalidOperationException)
            {
                // Half a surrogate pair, written as an escape.
            }
        }

        throw Wrong(name, "it is not a text.");
    }

    private static JsonObject ReadFilter(JsonElement message)
    {
        if (!message.TryGetProperty("filter", out var filter) || filter.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (filter.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("filter", "it is not an object.");
        }

        // A copy: the document's memory goes back when the message was read.
        return JsonObject.Create(filter.Clone())!;
    }

    private static OperationException Wrong(string what, string message) => OperationException.Invalid(
        what, message, "Messages are hello, subscribe {id, channel, filter}, unsubscribe {id} and ping; docs/websocket.md has examples.");
}
