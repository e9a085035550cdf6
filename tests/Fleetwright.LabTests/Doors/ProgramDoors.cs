using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.LabTests.Lab;

namespace Fleetwright.LabTests.Doors;

/// <summary>One running program, asked through each of its doors.</summary>
internal sealed class ProgramDoors(BuiltProgram program) : IDisposable
{
    private readonly HttpClient _http = new()
    {
        BaseAddress = program.Url,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", program.AdminKey) },
        Timeout = TimeSpan.FromMinutes(2),
    };

    public HttpClient Http => _http;

    public async Task<JsonObject> RestAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>A tool call of the modern era: one request, no session.</summary>
    public async Task<JsonObject> McpAsync(string tool, JsonObject arguments)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/mcp", UriKind.Relative));
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", tool);
        request.Content = JsonContent.Create(new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = "tools/call",
            ["params"] = new JsonObject
            {
                ["name"] = tool,
                ["arguments"] = arguments.DeepClone(),
                ["_meta"] = new JsonObject
                {
                    ["io.modelcontextprotocol/protocolVersion"] = "2026-07-28",
                    ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject(),
                },
            },
        });
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        var message = JsonNode.Parse(text.Split('\n').Last(line => line.StartsWith("data:", StringComparison.Ordinal))[5..])!;
        Assert.False(message["result"]!["isError"]?.GetValue<bool>() ?? false, text);
        return message["result"]!["structuredContent"]!.AsObject();
    }

    public async Task<JsonObject> CliAsync(string operation, JsonObject arguments)
    {
        List<string> words = ["call", operation, "--json", "--data", program.DataFolder];
        foreach (var (name, value) in arguments)
        {
            words.AddRange([$"--{name}", value!.ToString()]);
        }

        var result = await RunAsync(words);
        Assert.True(result.ExitCode == 0, $"{operation}: {result.Error}");
        return JsonNode.Parse(result.Output)!.AsObject();
    }

    /// <summary>The program's command line, on the data folder of the running server.</summary>
    public static Task<LabResult> RunAsync(IEnumerable<string> words, string? input = null) =>
        LabProcess.RunAsync(BuiltProgram.File, words, TimeSpan.FromMinutes(2), input);

    public async Task AddAsync(LabDevice device)
    {
        var added = await RunAsync(["devices", "add", device.Name, "--ssh", device.Destination, "--key", device.KeyFile, "--data", program.DataFolder, "--json"]);
        Assert.True(added.ExitCode == 0, $"{device.Name}: {added.Error}");
    }

    /// <summary>What of an answer must be the same through every door: its shape and its words, not its moments and its measurements.</summary>
    public static string Shape(JsonNode? node) => node switch
    {
        JsonObject o => "{" + string.Join(',', o.Where(property => !Varies(property.Key)).OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => $"{property.Key}:{Shape(property.Value)}")) + "}",
        JsonArray { Count: > 0 } a => "[" + Shape(a[0]) + "]",
        JsonArray => "[]",
        JsonValue value when value.GetValueKind() == JsonValueKind.String && !DateTimeOffset.TryParse(value.GetValue<string>(), out _) => value.GetValue<string>(),
        null => "null",
        _ => node.GetValueKind().ToString(),
    };

    public void Dispose() => _http.Dispose();

    // What comes and goes between two calls on a living machine.
    private static bool Varies(string property) => property is
        "processes" or "cores" or "disks" or "networks" or "pressure" or "temperatures" or "lines" or "evidence" or "findings"
        or "slowest" or "checks" or "connectMilliseconds" or "error" or "summary" or "status" or "state" or "counts" or "health" or "statusText" or "cpu" or "usage" or "interfaces" or "uncertain";
}
