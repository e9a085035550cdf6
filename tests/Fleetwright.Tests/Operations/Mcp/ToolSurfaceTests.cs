using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Mcp;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Fleetwright.Tests.Operations.Mcp;

/// <summary>What models see of the real features: every change of it shows in a diff, and it stays cheap to read.</summary>
public sealed partial class ToolSurfaceTests(ITestOutputHelper output)
{
    private const int MaxTokensOfDefaultToolset = 3_500;

    private static readonly OperationCatalogue Catalogue = new(OperationTypes().Select(type => new OperationSource(type)));

    private static readonly JsonSerializerOptions Indented = new(McpJsonUtilities.DefaultOptions)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>To accept a change: <c>UPDATE_SNAPSHOTS=1 dotnet test tests/Fleetwright.Tests --filter ToolSurfaceTests</c>, and read the diff.</summary>
    [Fact]
    public async Task ToolsList_AllFeatures_IsTheCommittedSnapshot()
    {
        var now = JsonSerializer.Serialize(new ListToolsResult { Tools = [.. Tools()] }, Indented) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(SnapshotFile(), now);
        }

        var committed = File.Exists(SnapshotFile()) ? await File.ReadAllTextAsync(SnapshotFile()) : "";

        Assert.Equal(committed, now);
    }

    [Fact]
    public void DefaultToolset_NamesDescriptionsAndInputs_StayWithinTheirTokens()
    {
        var shown = Catalogue.Operations.Where(operation => operation.Toolset == "core")
            .ToDictionary(operation => operation.Name, operation => operation.Name.Length + operation.Description.Length + JsonSerializer.Serialize(Tool(operation).InputSchema).Length);
        foreach (var (name, characters) in shown.OrderByDescending(tool => tool.Value))
        {
            output.WriteLine($"{characters / 4,6} {name}");
        }

        var tokens = shown.Values.Sum() / 4;
        output.WriteLine($"{tokens,6} in all, of at most {MaxTokensOfDefaultToolset}");
        Assert.NotEmpty(shown);
        Assert.InRange(tokens, 1, MaxTokensOfDefaultToolset);
    }

    [Fact]
    public async Task Prompts_ToolsTheyName_AreThere()
    {
        foreach (var prompt in FleetPrompts.All())
        {
            var text = await PromptText.OfAsync(prompt);
            foreach (Match match in ToolName().Matches(text))
            {
                Assert.True(Catalogue.Find(match.Value.Trim('`')) is not null, $"{prompt.ProtocolPrompt.Name} names {match.Value}.");
            }
        }
    }

    [Fact]
    public void Instructions_ToolsTheyName_AreThere()
    {
        Assert.NotNull(Catalogue.Find("get_fleet_overview"));
        Assert.NotNull(Catalogue.Find("list_devices"));
        Assert.InRange(McpServerSetup.Instructions.Length / 4, 1, 200);
    }

    private static IEnumerable<Type> OperationTypes() =>
        ((Assembly[])[typeof(OperationCatalogue).Assembly, Assembly.Load("Fleetwright.Features")])
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Any(method => method.GetCustomAttribute<OperationAttribute>() is not null));

    private static IEnumerable<Tool> Tools() => Catalogue.Operations.Select(Tool);

    // Only described here, never called: no invoker is needed.
    private static Tool Tool(OperationDescriptor operation) => new OperationTool(operation, null!, TimeSpan.FromMinutes(1)).ProtocolTool;

    private static string SnapshotFile([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "tools-list.snapshot.json"); // A source file has a folder.

    [GeneratedRegex("`(get|list|test|add|update|remove|run)_[a-z_]+`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ToolName();
}
