using System.Net;
using System.Text;
using System.Text.Json;
using Fleetwright.LabTests.Lab;

namespace Fleetwright.LabTests.Mcp;

/// <summary>MCP clients that others wrote, against the built program: over HTTP with a key, and over standard input and output.</summary>
public sealed class ProgramTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Http_BothGenerations_SeeTheSame()
    {
        await using var program = await BuiltProgram.ServeAsync();
        var url = new Uri(program.Url, "/mcp").ToString();

        var legacy = await ReportAsync("legacy-client.mjs", url, program.AdminKey, "list_devices");
        var modern = await ReportAsync("modern-client.mjs", url, program.AdminKey, "list_devices");

        Assert.Equal("2025-11-25", legacy.GetProperty("revision").GetString());
        Assert.Equal("2026-07-28", modern.GetProperty("revision").GetString());
        AssertServes(legacy);
        foreach (var what in (string[])["server", "instructions", "tools", "prompts", "resources", "templates"])
        {
            Assert.True(JsonElement.DeepEquals(legacy.GetProperty(what), modern.GetProperty(what)), what);
        }

        Assert.True(JsonElement.DeepEquals(Structured(legacy), Structured(modern)));
    }

    [Fact]
    public async Task Http_WithoutOrWithAWrongKey_IsTold401AndWhereToLook()
    {
        await using var program = await BuiltProgram.ServeAsync();
        using var http = new HttpClient();
        foreach (var key in (string?[])[null, "fw_wrong"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(program.Url, "/mcp"))
            {
                Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Accept.ParseAdd("application/json, text/event-stream");
            if (key is not null)
            {
                request.Headers.Authorization = new("Bearer", key);
            }

            using var answer = await http.SendAsync(request);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            var challenge = answer.Headers.WwwAuthenticate.ToString();
            Assert.Contains("Bearer", challenge, StringComparison.Ordinal);
            Assert.Contains("/.well-known/oauth-protected-resource/mcp", challenge, StringComparison.Ordinal);
        }

        var metadata = JsonElement.Parse(await http.GetStringAsync(new Uri(program.Url, "/.well-known/oauth-protected-resource/mcp")));
        Assert.Equal(new Uri(program.Url, "/mcp").ToString(), metadata.GetProperty("resource").GetString());
    }

    [Fact]
    public async Task Http_Inspector_FindsNoFaultInTheSchemas()
    {
        await using var program = await BuiltProgram.ServeAsync();
        var url = new Uri(program.Url, "/mcp");

        var list = await Inspector.RunAsync(url, program.AdminKey, "--method", "tools/list", "--strict");
        var call = await Inspector.RunAsync(url, program.AdminKey, "--method", "tools/call", "--tool-name", "list_devices");

        output.WriteLine(list.Error);
        Assert.True(list.ExitCode == 0, list.ToString());
        Assert.True(call.ExitCode == 0, call.ToString());
        Assert.Contains("structuredContent", call.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("legacy", "2025-11-25")]
    [InlineData("auto", "2026-07-28")]
    public async Task Stdio_WithNoServer_ServesBothEras(string mode, string revision)
    {
        var folder = Directory.CreateTempSubdirectory("fleetwright-stdio-");
        try
        {
            var seen = await ReportAsync("modern-client.mjs", Stdio(Path.Combine(folder.FullName, "data")), "", "list_devices", "{}", mode);

            Assert.Equal(revision, seen.GetProperty("revision").GetString());
            AssertServes(seen);
            Assert.Equal(JsonValueKind.Number, Structured(seen).GetProperty("total").ValueKind);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Stdio_BesideAServer_AnswersAsTheServerDoes()
    {
        await using var program = await BuiltProgram.ServeAsync();

        var legacy = await ReportAsync("legacy-client.mjs", Stdio(program.DataFolder), "", "list_devices");
        var http = await ReportAsync("modern-client.mjs", new Uri(program.Url, "/mcp").ToString(), program.AdminKey, "list_devices");

        AssertServes(legacy);
        Assert.True(JsonElement.DeepEquals(Structured(legacy), Structured(http)));
        Assert.True(JsonElement.DeepEquals(legacy.GetProperty("tools"), http.GetProperty("tools")));
    }

    private static void AssertServes(JsonElement seen)
    {
        Assert.Equal("fleetwright", seen.GetProperty("server").GetProperty("name").GetString());
        Assert.Contains("get_fleet_overview", seen.GetProperty("instructions").GetString(), StringComparison.Ordinal);
        Assert.Contains("list_devices", seen.GetProperty("tools").EnumerateArray().Select(tool => tool.GetString()));
        Assert.Equal(
            ["capacity_review", "troubleshoot_container", "troubleshoot_device", "update_plan"],
            seen.GetProperty("prompts").EnumerateArray().Select(prompt => prompt.GetString()).Order());
        Assert.False(seen.GetProperty("result").TryGetProperty("isError", out var isError) && isError.GetBoolean(), seen.GetRawText());
    }

    private static JsonElement Structured(JsonElement seen) => seen.GetProperty("result").GetProperty("structuredContent");

    private static string Stdio(string data) => "stdio:" + JsonSerializer.Serialize((string[])[BuiltProgram.File, "mcp", "--data", data]);

    private async Task<JsonElement> ReportAsync(string script, params string[] arguments)
    {
        var result = await NodeClients.RunAsync(Limit, script, arguments);
        output.WriteLine(result.ToString());
        Assert.True(result.ExitCode == 0, result.ToString());
        return JsonElement.Parse(result.Output);
    }
}
