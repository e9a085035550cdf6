using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.LabTests.Mcp.ConformanceHost;

/// <summary>The tools that the official conformance suite calls by name; what each must return is the suite's to say.</summary>
[McpServerToolType]
internal sealed class ConformanceTools
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    [McpServerTool(Name = "test_simple_text"), Description("Returns one text.")]
    public static string SimpleText() => "This is a simple text response for testing.";

    [McpServerTool(Name = "test_image_content"), Description("Returns one image.")]
    public static ContentBlock ImageContent() => ConformanceMedia.Image();

    [McpServerTool(Name = "test_audio_content"), Description("Returns one sound.")]
    public static ContentBlock AudioContent() => ConformanceMedia.Audio();

    [McpServerTool(Name = "test_embedded_resource"), Description("Returns one embedded resource.")]
    public static ContentBlock EmbeddedResource() =>
        ConformanceMedia.Embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.");

    [McpServerTool(Name = "test_multiple_content_types"), Description("Returns text, an image and a resource.")]
    public static IEnumerable<ContentBlock> MultipleContentTypes() =>
    [
        new TextContentBlock { Text = "Multiple content types test:" },
        ConformanceMedia.Image(),
        ConformanceMedia.Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""),
    ];

    [McpServerTool(Name = "test_error_handling"), Description("Fails, always.")]
    public static string ErrorHandling() => throw new McpException("This tool intentionally returns an error for testing");

    [McpServerTool(Name = "test_tool_with_progress"), Description("Reports progress in three steps.")]
    public static async Task<string> WithProgressAsync(IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken)
    {
        foreach (var done in (int[])[0, 50, 100])
        {
            progress.Report(new ProgressNotificationValue { Progress = done, Total = 100 });
            await Task.Delay(Step, cancellationToken);
        }

        return "Done in three steps.";
    }

    [McpServerTool(Name = "test_tool_with_logging"), Description("Logs three lines to the client.")]
    public static async Task<string> WithLoggingAsync(McpServer server, CancellationToken cancellationToken)
    {
        foreach (var line in (string[])["Tool execution started", "Tool processing data", "Tool execution completed"])
        {
            await server.SendNotificationAsync(
                NotificationMethods.LoggingMessageNotification,
                new LoggingMessageNotificationParams
                {
                    Level = LoggingLevel.Info,
                    Data = System.Text.Json.JsonSerializer.SerializeToElement(line),
                },
                cancellationToken: cancellationToken);
            await Task.Delay(Step, cancellationToken);
        }

        return "Logged three lines.";
    }

    [McpServerTool(Name = "test_logging_tool"), Description("Says nothing to a client that asked for no log level.")]
    public static string Logging() => "Nothing was logged.";

    [McpServerTool(Name = "test_sampling"), Description("Asks the client's model.")]
    public static async Task<string> SamplingAsync(
        McpServer server, [Description("What to ask.")] string prompt, CancellationToken cancellationToken)
    {
        var answer = await server.SampleAsync(ConformanceInputs.Question(prompt, 100), cancellationToken: cancellationToken);
        return "LLM response: " + ConformanceInputs.TextOf(answer);
    }

    [McpServerTool(Name = "test_missing_capability"), Description("Needs a client that can sample.")]
    public static string MissingCapability(McpServer server) => server.ClientCapabilities?.Sampling is null
        ? throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Sampling = new SamplingCapability() })
        : "The client can sample.";

    [McpServerTool(Name = "echo_region"), Description("Returns its argument, which clients repeat in a header.")]
    public static string EchoRegion([McpHeader("Region"), Description("Any text.")] string region) => region;
}
