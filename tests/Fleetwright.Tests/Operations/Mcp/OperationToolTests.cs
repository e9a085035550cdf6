using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations.Mcp;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Tests.Operations.Mcp;

public sealed class OperationToolTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task List_Tool_CarriesWhatTheOperationSays()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostModernAsync("tools/list", [], "ann:admin");

        var tools = reply.Result.GetProperty("tools").EnumerateArray().ToList();
        Assert.Equal(tools.Select(Name).Order(StringComparer.Ordinal), tools.Select(Name));
        var remove = tools.Single(tool => Name(tool) == "remove_device");
        Assert.Equal("Takes a device away.", remove.GetProperty("description").GetString());
        Assert.Equal("The device's id.", remove.GetProperty("inputSchema").GetProperty("properties").GetProperty("device").GetProperty("description").GetString());
        Assert.Equal("object", remove.GetProperty("outputSchema").GetProperty("type").GetString());
        var hints = remove.GetProperty("annotations");
        Assert.False(hints.GetProperty("readOnlyHint").GetBoolean());
        Assert.True(hints.GetProperty("destructiveHint").GetBoolean());
        Assert.True(hints.GetProperty("idempotentHint").GetBoolean());
        Assert.False(hints.GetProperty("openWorldHint").GetBoolean());
        Assert.True(tools.Single(tool => Name(tool) == "list_devices").GetProperty("annotations").GetProperty("readOnlyHint").GetBoolean());
    }

    [Fact]
    public async Task List_CallerWithoutAScope_IsNotShownItsTools()
    {
        await using var host = await McpTestHost.StartAsync();

        var reader = await host.PostModernAsync("tools/list", [], "ann:read");
        var stranger = await host.PostModernAsync("tools/list", [], change: request => request.Headers.Authorization = null);

        Assert.DoesNotContain("remove_device", Names(reader));
        Assert.Contains("list_devices", Names(reader));
        Assert.Empty(Names(stranger));
    }

    [Fact]
    public async Task List_Toolsets_AreTheDefaultUntilTheClientChooses()
    {
        await using var host = await McpTestHost.StartAsync();

        var byDefault = await host.PostModernAsync("tools/list", []);
        var chosen = await host.PostModernAsync("tools/list", [], change: request => request.RequestUri = new Uri(host.Url + "?toolsets=storage"));
        var all = await host.PostModernAsync("tools/list", [], change: request => request.RequestUri = new Uri(host.Url + "?toolsets=all"));

        Assert.DoesNotContain("get_pools", Names(byDefault));
        Assert.Equal(["get_pools"], Names(chosen));
        Assert.Contains("get_pools", Names(all));
        Assert.Contains("list_devices", Names(all));
    }

    [Fact]
    public async Task Call_Ok_GivesStructuredContentAndCompactText()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.CallAsync("get_device_info", new JsonObject { ["device"] = "nas" });

        Assert.Equal(4, reply.Result.GetProperty("structuredContent").GetProperty("cores").GetInt32());
        Assert.Equal("id: nas\ncores: 4", reply.Text);
        Assert.False(reply.Result.TryGetProperty("isError", out var isError) && isError.GetBoolean());
    }

    [Fact]
    public async Task Call_LongText_IsCutAndSaysHowToNarrow()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.CallAsync("get_lines", new JsonObject { ["lines"] = 10_000 });

        Assert.InRange(reply.Text.Length, 20_000, OperationTool.MaxTextCharacters);
        Assert.Contains("search", reply.Text[^200..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("get_device_info", """{"device":"nowhere"}""", "there is no device 'nowhere'.\nCall list_devices.")]
    [InlineData("remove_device", """{"device":"nas"}""", "remove_device needs the scope admin.\nUse a key that has it.")]
    [InlineData("get_lines", """{"lines":"many"}""", "lines: \"many\" is not a whole number.\nSee the operation's schema.")]
    public async Task Call_Failure_IsAResultThatSaysWhatToDo(string tool, string arguments, string text)
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.CallAsync(tool, (JsonObject)JsonNode.Parse(arguments)!); // The literals above are objects.

        Assert.True(reply.Result.GetProperty("isError").GetBoolean());
        Assert.Equal(text, reply.Text);
    }

    [Fact]
    public async Task Call_Defect_HidesItsText()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.CallAsync("break_down", []);

        Assert.True(reply.Result.GetProperty("isError").GetBoolean());
        Assert.DoesNotContain("secret", reply.Last.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("reference", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_PastItsLimit_IsCancelledAndAnswered()
    {
        await using var host = await McpTestHost.StartAsync(services =>
            services.Configure<McpOptions>(options => options.CallTimeout = TimeSpan.FromMilliseconds(100)));

        var reply = await host.CallAsync("wait_forever", []);

        await host.Operations.Cancelled.Task.WaitAsync(Guard);
        Assert.True(reply.Result.GetProperty("isError").GetBoolean());
        Assert.Contains("took longer", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_NullArgument_CountsAsLeftOut()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.CallAsync("list_containers", new JsonObject { ["device"] = null, ["limit"] = null });

        Assert.Equal(3, reply.Result.GetProperty("structuredContent").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Call_WithProgressToken_GetsEachStepBeforeTheAnswer()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync();

        var reply = await host.PostAsync(
            session, """{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"count_slowly","arguments":{},"_meta":{"progressToken":"p"}}}""");

        var steps = reply.Messages.SkipLast(1).Select(message => message.GetProperty("params")).ToList();
        Assert.Equal([1, 2, 3], steps.Select(step => step.GetProperty("progress").GetInt32()));
        Assert.Equal("step 3", steps[2].GetProperty("message").GetString());
        Assert.Equal("p", steps[0].GetProperty("progressToken").GetString());
        Assert.Equal(3, reply.Result.GetProperty("structuredContent").GetProperty("cores").GetInt32());
    }

    [Fact]
    public async Task Call_LegacyCancelledNotification_CancelsTheOperation()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync();

        var call = host.PostAsync(session, """{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"wait_forever","arguments":{}}}""");
        await host.Operations.Waiting.Task.WaitAsync(Guard);
        var notified = await host.PostAsync(session, """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}""");

        Assert.Equal(202, notified.Status);
        await host.Operations.Cancelled.Task.WaitAsync(Guard);
        await EndAsync(host, session, call);
    }

    [Fact]
    public async Task Call_ModernClientHangsUp_CancelsTheOperation()
    {
        await using var host = await McpTestHost.StartAsync();
        using var hangUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Url)
        {
            Content = new StringContent(
                """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait_forever","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""",
                System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "wait_forever");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "ann:read");

        var call = host.Http.SendAsync(request, hangUp.Token);
        await host.Operations.Waiting.Task.WaitAsync(Guard);
        await hangUp.CancelAsync();

        await host.Operations.Cancelled.Task.WaitAsync(Guard);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    // A cancelled legacy call gets no answer; closing its session ends the request.
    private static async Task EndAsync(McpTestHost host, string session, Task call)
    {
        using var delete = new HttpRequestMessage(HttpMethod.Delete, host.Url);
        delete.Headers.Add("Mcp-Session-Id", session);
        delete.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "ann:read");
        using var deleted = await host.Http.SendAsync(delete);
        Assert.Equal(204, (int)deleted.StatusCode);
        await call.WaitAsync(Guard);
    }

    private static IEnumerable<string?> Names(McpReply reply) => reply.Result.GetProperty("tools").EnumerateArray().Select(Name);

    private static string? Name(JsonElement tool) => tool.GetProperty("name").GetString();
}
