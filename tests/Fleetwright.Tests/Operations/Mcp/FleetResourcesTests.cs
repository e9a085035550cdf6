using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Tests.Operations.Mcp;

public sealed class FleetResourcesTests
{
    [Fact]
    public async Task List_NamesDevicesAndConfig()
    {
        await using var host = await McpTestHost.StartAsync();

        var direct = await host.PostModernAsync("resources/list", []);
        var templates = await host.PostModernAsync("resources/templates/list", []);

        Assert.Equal(
            ["fleetwright://config", "fleetwright://devices"],
            direct.Result.GetProperty("resources").EnumerateArray().Select(item => item.GetProperty("uri").GetString()).Order());
        Assert.Equal(
            ["fleetwright://devices/{device}"],
            templates.Result.GetProperty("resourceTemplates").EnumerateArray().Select(item => item.GetProperty("uriTemplate").GetString()));
    }

    [Fact]
    public async Task Read_Devices_IsTheOperationsAnswer()
    {
        await using var host = await McpTestHost.StartAsync();

        var all = await ReadAsync(host, "fleetwright://devices");
        var one = await ReadAsync(host, "fleetwright://devices/pve-1");

        Assert.Equal(3, all.GetProperty("total").GetInt32());
        Assert.Equal("pve-1", one.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Read_NoSuchDevice_IsAnErrorThatSaysWhatToDo()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync();

        var modern = await host.PostModernAsync("resources/read", new JsonObject { ["uri"] = "fleetwright://devices/nowhere" });
        var legacy = await host.PostAsync(session, """{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"fleetwright://devices/nowhere"}}""");

        Assert.Equal(-32602, modern.ErrorCode);
        Assert.Equal(-32002, legacy.ErrorCode);
        Assert.Contains("Call list_devices.", modern.Last.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WithoutACaller_IsRefused()
    {
        await using var host = await McpTestHost.StartAsync();

        foreach (var uri in (string[])["fleetwright://devices", "fleetwright://config"])
        {
            var reply = await host.PostModernAsync(
                "resources/read", new JsonObject { ["uri"] = uri }, change: request => request.Headers.Authorization = null);

            Assert.Equal(-32600, reply.ErrorCode);
        }
    }

    [Fact]
    public async Task Read_Config_ShowsSettingsAndNoSecret()
    {
        await using var host = await McpTestHost.StartAsync(services => services.Configure<SampleOptions>(options =>
            {
                options.ApiToken = "tok-123";
                options.DataDirectory = "/var/lib/x";
                options.Nested = new SampleOptions { ApiToken = "tok-456" };
            }));

        var config = await ReadAsync(host, "fleetwright://config");

        Assert.Equal("00:30:00", config.GetProperty("mcp").GetProperty("sessionIdleTimeout").GetString());
        Assert.Equal(5, config.GetProperty("sample").GetProperty("maxKeys").GetInt32());
        Assert.Equal("a", config.GetProperty("sample").GetProperty("names")[0].GetString());
        Assert.DoesNotContain("tok-", config.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("/var/lib", config.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complete_Device_GivesMatchingIds()
    {
        await using var host = await McpTestHost.StartAsync();

        var device = await CompleteAsync(host, """{"type":"ref/prompt","name":"troubleshoot_device"}""", "device", "ne");
        var template = await CompleteAsync(host, """{"type":"ref/resource","uri":"fleetwright://devices/{device}"}""", "device", "");
        var container = await CompleteAsync(host, """{"type":"ref/prompt","name":"troubleshoot_container"}""", "container", "web", """{"device":"nas"}""");
        var other = await CompleteAsync(host, """{"type":"ref/prompt","name":"troubleshoot_device"}""", "symptom", "a");

        Assert.Equal(["nebula"], device);
        Assert.Equal(["nas", "nebula", "pve-1"], template);
        Assert.Equal(["web-on-nas"], container);
        Assert.Empty(other);
    }

    private static async Task<IEnumerable<string?>> CompleteAsync(McpTestHost host, string reference, string name, string value, string? chosen = null)
    {
        var parameters = new JsonObject
        {
            ["ref"] = JsonNode.Parse(reference),
            ["argument"] = new JsonObject { ["name"] = name, ["value"] = value },
        };
        if (chosen is not null)
        {
            parameters["context"] = new JsonObject { ["arguments"] = JsonNode.Parse(chosen) };
        }

        var reply = await host.PostModernAsync(
            "completion/complete", parameters, change: request => request.Headers.Remove("Mcp-Name"));
        return reply.Result.GetProperty("completion").GetProperty("values").EnumerateArray().Select(item => item.GetString());
    }

    private static async Task<JsonElement> ReadAsync(McpTestHost host, string uri)
    {
        var reply = await host.PostModernAsync("resources/read", new JsonObject { ["uri"] = uri });
        return JsonElement.Parse(reply.Result.GetProperty("contents")[0].GetProperty("text").GetString()!); // These resources are text.
    }

    internal sealed class SampleOptions
    {
        public const string Section = "Sample";

        public string? ApiToken { get; set; }

        public string? DataDirectory { get; set; }

        public int MaxKeys { get; set; } = 5;

        public IList<string> Names { get; } = ["a"];

        public SampleOptions? Nested { get; set; }
    }
}
