using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol.Protocol;

namespace Fleetwright.LabTests.Mcp.ConformanceHost;

/// <summary>Questions that the suite expects to be put to the client, and how its answers are read.</summary>
internal static class ConformanceInputs
{
    public static ElicitRequestParams Form(string message, params (string Name, ElicitRequestParams.PrimitiveSchemaDefinition Schema)[] fields) => new()
    {
        Message = message,
        RequestedSchema = new ElicitRequestParams.RequestSchema
        {
            Properties = fields.ToDictionary(field => field.Name, field => field.Schema),
            Required = [.. fields.Select(field => field.Name)],
        },
    };

    public static ElicitRequestParams Ask(string message, string field) =>
        Form(message, (field, new ElicitRequestParams.StringSchema()));

    public static CreateMessageRequestParams Question(string text, int maxTokens) => new()
    {
        MaxTokens = maxTokens,
        Messages = [new SamplingMessage { Content = [new TextContentBlock { Text = text }] }],
    };

    public static string TextOf(CreateMessageResult answer) => string.Concat(answer.Content.OfType<TextContentBlock>().Select(block => block.Text));

    /// <summary>The answer to <paramref name="key"/>; null when it is missing, declined or not of its kind.</summary>
    public static T? Answer<T>(IDictionary<string, InputResponse>? answers, string key, JsonTypeInfo<T> type)
        where T : class
    {
        if (answers is null || !answers.TryGetValue(key, out var answer))
        {
            return null;
        }

        try
        {
            return answer.Deserialize(type);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>One field of an accepted form; null when the client answered nothing of the kind.</summary>
    public static string? Field(IDictionary<string, InputResponse>? answers, string key, string field)
    {
        var form = Answer(answers, key, InputResponse.ElicitResultJsonTypeInfo);
        return form is { IsAccepted: true, Content: { } content } && content.TryGetValue(field, out var value) ? value.ToString() : null;
    }
}
