using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>An operation as an MCP tool: its description and schemas are the operation's, its calls go through the invoker.</summary>
internal sealed class OperationTool : McpServerTool
{
    /// <summary>What a model gets to read of one answer, at most.</summary>
    public const int MaxTextCharacters = 25_000;

    private readonly OperationDescriptor _operation;
    private readonly IOperationInvoker _invoker;
    private readonly TimeSpan _limit;
    private readonly string _howToNarrow;

    public OperationTool(OperationDescriptor operation, IOperationInvoker invoker, TimeSpan limit)
    {
        _operation = operation;
        _invoker = invoker;
        _limit = limit;
        _howToNarrow = HowToNarrow(operation);
        ProtocolTool = new Tool
        {
            Name = operation.Name,
            Title = operation.Title,
            Description = operation.Description,
            InputSchema = Element(operation.InputSchema),
            OutputSchema = Element(operation.OutputSchema),
            Annotations = new ToolAnnotations
            {
                ReadOnlyHint = operation.ReadsOnly,
                DestructiveHint = operation.Effect == OperationEffect.Destroys,
                IdempotentHint = operation.Repeat == OperationRepeat.Safe,
                // The fleet is a closed world: a tool reaches the devices that were entered, and nothing else.
                OpenWorldHint = false,
            },
        };
    }

    public OperationDescriptor Operation => _operation;

    public override Tool ProtocolTool { get; }

    public override IReadOnlyList<object> Metadata => [];

    public override async ValueTask<CallToolResult> InvokeAsync(
        RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timed.CancelAfter(_limit);
        await using var progress = ToolProgress.For(request, cancellationToken);
        try
        {
            var context = new OperationContext
            {
                Caller = McpCaller.Of(request),
                Door = McpCaller.Door,
                OnProgress = progress is null ? null : progress.Report,
            };
            var result = await _invoker.InvokeAsync(_operation, Arguments(request.Params), context, timed.Token);
            return new CallToolResult
            {
                StructuredContent = result.Json,
                Content = [new TextContentBlock { Text = CompactText.Cut(CompactText.Of(result.Json), MaxTextCharacters, _howToNarrow) }],
            };
        }
        catch (OperationException failure)
        {
            return Failed(failure.Message, failure.NextStep);
        }
        catch (OperationCanceledException) when (timed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Failed($"{_operation.Name} took longer than {_limit.TotalSeconds:0} seconds and was cancelled.", "Ask for less, or try again later.");
        }
    }

    private static CallToolResult Failed(string what, string nextStep) =>
        new() { IsError = true, Content = [new TextContentBlock { Text = $"{what}\n{nextStep}" }] };

    private static JsonObject Arguments(CallToolRequestParams parameters)
    {
        var arguments = new JsonObject();
        foreach (var (name, value) in parameters.Arguments ?? new Dictionary<string, JsonElement>(StringComparer.Ordinal))
        {
            arguments[name] = value.ValueKind switch
            {
                JsonValueKind.Object => JsonObject.Create(value),
                JsonValueKind.Array => JsonArray.Create(value),
                // Models say null for what they leave out.
                JsonValueKind.Null or JsonValueKind.Undefined => null,
                _ => JsonValue.Create(value),
            };
        }

        return arguments;
    }

    private static string HowToNarrow(OperationDescriptor operation)
    {
        var optional = operation.Parameters.Where(parameter => !parameter.Required).Select(parameter => parameter.Name).ToList();
        return optional.Count == 0 ? "" : $"To see less at once, call again with: {string.Join(", ", optional)}.";
    }

    private static JsonElement Element(JsonObject schema) => JsonSerializer.SerializeToElement(schema, Json.Options);
}
