using System.Text.Json;
using Fleetwright.LabTests.Mcp.ConformanceHost;

namespace Fleetwright.LabTests.Mcp;

/// <summary>Clients that others wrote, over HTTP, against the product's endpoint with a few plain tools behind it.</summary>
public sealed class ClientTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task LegacySdk_ListsCallsAndCloses_LeavesNoSession()
    {
        await using var app = await ConformanceApp.StartAsync();

        var seen = await ReportAsync("legacy-client.mjs", app.Url.ToString(), "", "test_tool_with_progress");

        Assert.Equal("legacy", seen.GetProperty("era").GetString());
        Assert.NotEqual(JsonValueKind.Null, seen.GetProperty("session").ValueKind);
        Assert.Contains("test_simple_text", Names(seen, "tools"));
        Assert.Equal(3, seen.GetProperty("progress").GetArrayLength());
        Assert.Equal("Done in three steps.", TextOf(seen));
        Assert.Equal(0, app.Sessions.Count);
    }

    [Theory]
    [InlineData("auto", "modern", "2026-07-28")]
    [InlineData("2026-07-28", "modern", "2026-07-28")]
    [InlineData("legacy", "legacy", "2025-11-25")]
    public async Task ModernSdk_NegotiatesListsAndCalls(string mode, string era, string revision)
    {
        await using var app = await ConformanceApp.StartAsync();

        var seen = await ReportAsync("modern-client.mjs", app.Url.ToString(), "", "test_tool_with_progress", "{}", mode);

        Assert.Equal(era, seen.GetProperty("era").GetString());
        Assert.Equal(revision, seen.GetProperty("revision").GetString());
        Assert.Contains("test://static-text", Names(seen, "resources"));
        Assert.Contains("test_simple_prompt", Names(seen, "prompts"));
        Assert.Equal(3, seen.GetProperty("progress").GetArrayLength());
        Assert.Equal("Done in three steps.", TextOf(seen));
    }

    [Fact]
    public async Task ModernSdk_ArgumentWithHeader_ArrivesDecoded()
    {
        await using var app = await ConformanceApp.StartAsync();

        var seen = await ReportAsync("modern-client.mjs", app.Url.ToString(), "", "echo_region", """{"region":"Zürich 1"}""");

        Assert.Equal("Zürich 1", TextOf(seen));
    }

    [Fact]
    public async Task Inspector_ListsAndCallsTools()
    {
        await using var app = await ConformanceApp.StartAsync();

        var list = await Inspector.RunAsync(app.Url, "", "--method", "tools/list");
        var call = await Inspector.RunAsync(app.Url, "", "--method", "tools/call", "--tool-name", "test_simple_text");

        output.WriteLine(call.ToString());
        Assert.True(list.ExitCode == 0, list.ToString());
        Assert.Contains("test_simple_text", list.Output, StringComparison.Ordinal);
        Assert.True(call.ExitCode == 0, call.ToString());
        Assert.Contains("This is a simple text response for testing.", call.Output, StringComparison.Ordinal);
    }

    private async Task<JsonElement> ReportAsync(string script, params string[] arguments)
    {
        var result = await NodeClients.RunAsync(Limit, script, arguments);
        output.WriteLine(result.ToString());
        Assert.True(result.ExitCode == 0, result.ToString());
        return JsonElement.Parse(result.Output);
    }

    private static IEnumerable<string?> Names(JsonElement seen, string what) => seen.GetProperty(what).EnumerateArray().Select(item => item.GetString());

    private static string? TextOf(JsonElement seen) => seen.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString();
}
