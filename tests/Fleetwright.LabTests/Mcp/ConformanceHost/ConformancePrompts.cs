using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.LabTests.Mcp.ConformanceHost;

/// <summary>The prompts that the official conformance suite gets by name.</summary>
[McpServerPromptType]
internal sealed class ConformancePrompts
{
    [McpServerPrompt(Name = "test_simple_prompt"), Description("One message.")]
    public static PromptMessage Simple() => Text("This is a simple prompt for testing.");

    [McpServerPrompt(Name = "test_prompt_with_arguments"), Description("Repeats its arguments.")]
    public static PromptMessage WithArguments(
        [Description("First test argument.")] string arg1, [Description("Second test argument.")] string arg2) =>
        Text($"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'");

    [McpServerPrompt(Name = "test_prompt_with_embedded_resource"), Description("Embeds a resource.")]
    public static IEnumerable<PromptMessage> WithResource([Description("URI of the resource to embed.")] string resourceUri) =>
    [
        new() { Role = Role.User, Content = ConformanceMedia.Embedded(resourceUri, "text/plain", "Embedded resource content for testing.") },
        Text("Please process the embedded resource above."),
    ];

    [McpServerPrompt(Name = "test_prompt_with_image"), Description("Embeds an image.")]
    public static IEnumerable<PromptMessage> WithImage() =>
        [new() { Role = Role.User, Content = ConformanceMedia.Image() }, Text("Please analyze the image above.")];

    [McpServerPrompt(Name = "test_input_required_result_prompt"), Description("Asks before it answers.")]
    public static PromptMessage InputRequired(RequestContext<GetPromptRequestParams> context) =>
        ConformanceInputs.Field(context.Params.InputResponses, "user_context", "context") is { } answer
            ? Text($"Use this context: {answer}")
            : throw new ModelContextProtocol.Protocol.InputRequiredException(
                new Dictionary<string, InputRequest>
                {
                    ["user_context"] = InputRequest.ForElicitation(ConformanceInputs.Ask("What context should the prompt use?", "context")),
                },
                null);

    private static PromptMessage Text(string text) => new() { Role = Role.User, Content = new TextContentBlock { Text = text } };
}
