using System.ComponentModel;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using static ModelContextProtocol.Protocol.ElicitRequestParams;

namespace Fleetwright.LabTests.Mcp.ConformanceHost;

/// <summary>Tools that ask the person at the client, in the middle of a call (legacy era).</summary>
[McpServerToolType]
internal sealed class ElicitationTools
{
    [McpServerTool(Name = "test_elicitation"), Description("Asks for a name and an address.")]
    public static async Task<string> ElicitAsync(
        McpServer server, [Description("What to say.")] string message, CancellationToken cancellationToken)
    {
        var answer = await server.ElicitAsync(
            ConformanceInputs.Form(
                message,
                ("username", new StringSchema { Description = "User's response" }),
                ("email", new StringSchema { Description = "User's email address" })),
            cancellationToken);
        return "User response: " + Tell(answer);
    }

    [McpServerTool(Name = "test_elicitation_sep1034_defaults"), Description("Asks with a default for each kind of value.")]
    public static async Task<string> DefaultsAsync(McpServer server, CancellationToken cancellationToken)
    {
        var answer = await server.ElicitAsync(
            ConformanceInputs.Form(
                "Please check the values.",
                ("name", new StringSchema { Default = "John Doe" }),
                ("age", new NumberSchema { Type = "integer", Default = 30 }),
                ("score", new NumberSchema { Default = 95.5 }),
                ("status", new UntitledSingleSelectEnumSchema { Enum = ["active", "inactive", "pending"], Default = "active" }),
                ("verified", new BooleanSchema { Default = true })),
            cancellationToken);
        return "Elicitation completed: " + Tell(answer);
    }

    [McpServerTool(Name = "test_elicitation_sep1330_enums"), Description("Asks with every kind of choice.")]
    public static async Task<string> EnumsAsync(McpServer server, CancellationToken cancellationToken)
    {
        var answer = await server.ElicitAsync(
            ConformanceInputs.Form(
                "Please choose.",
                ("untitledSingle", new UntitledSingleSelectEnumSchema { Enum = ["option1", "option2", "option3"] }),
                ("titledSingle", new TitledSingleSelectEnumSchema { OneOf = Titled("First Option", "Second Option", "Third Option") }),
                ("legacyEnum", new LegacyTitledEnumSchema
                {
                    Enum = ["opt1", "opt2", "opt3"],
                    EnumNames = ["Option One", "Option Two", "Option Three"],
                }),
                ("untitledMulti", new UntitledMultiSelectEnumSchema { Items = new() { Enum = ["option1", "option2", "option3"] } }),
                ("titledMulti", new TitledMultiSelectEnumSchema { Items = new() { AnyOf = Titled("First Choice", "Second Choice", "Third Choice") } })),
            cancellationToken);
        return "Elicitation completed: " + Tell(answer);
    }

    private static List<EnumSchemaOption> Titled(params string[] titles) =>
        [.. titles.Select((title, index) => new EnumSchemaOption { Const = $"value{index + 1}", Title = title })];

    private static string Tell(ElicitResult answer) => $"action={answer.Action}, content={JsonSerializer.Serialize(answer.Content)}";
}
