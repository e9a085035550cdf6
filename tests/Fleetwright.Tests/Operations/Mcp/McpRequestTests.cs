using System.Text;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations.Mcp;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Tests.Operations.Mcp;

/// <summary>Requests that are wrong in every way that clients, gateways and attackers get them wrong: refused, and the door stays open.</summary>
public sealed class McpRequestTests
{
    private const string Ping = """{"jsonrpc":"2.0","id":"abc","method":"ping"}""";

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}")]
    public async Task Post_NoMessage_Is400WithNullId(string body)
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync(body);

        Assert.Equal(400, reply.Status);
        Assert.Equal("2.0", reply.Last.GetProperty("jsonrpc").GetString());
    }

    [Fact]
    public async Task Post_DeepNesting_Is400()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync("""{"jsonrpc":"2.0","id":1,"method":"ping","params":""" + new string('[', 5000) + new string(']', 5000) + "}");

        Assert.Equal(400, reply.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_BodyOverTheLimit_Is413(bool chunked)
    {
        await using var host = await McpTestHost.StartAsync(services => services.Configure<McpOptions>(options => options.MaxRequestBytes = 2048));

        var reply = await host.PostAsync(
            """{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":""" + "\"" + new string('x', 4096) + "\"}}",
            request => request.Headers.TransferEncodingChunked = chunked);

        Assert.Equal(413, reply.Status);
        Assert.Equal(200, (await host.PostAsync(await host.OpenAsync(), Ping)).Status);
    }

    [Fact]
    public async Task Post_NotJsonContentType_Is415()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync(Ping, request => request.Content = new StringContent(Ping, Encoding.UTF8, "text/plain"));

        Assert.Equal(415, reply.Status);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    [InlineData("text/html")]
    public async Task Post_AcceptLacksOneForm_Is406(string accept)
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync(Ping, request =>
        {
            request.Headers.Accept.Clear();
            request.Headers.Accept.ParseAdd(accept);
        });

        Assert.Equal(406, reply.Status);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    public async Task AnyVerb_ForeignHostOrOrigin_Is403(string header, string value)
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync(Ping, request => request.Headers.TryAddWithoutValidation(header, value));

        Assert.Equal(403, reply.Status);
        foreach (var path in (string[])["/mcp", "/.well-known/oauth-protected-resource"])
        {
            using var get = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, path));
            get.Headers.TryAddWithoutValidation(header, value);
            using var answer = await host.Http.SendAsync(get);
            Assert.Equal(403, (int)answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("2099-01-01")]
    [InlineData("1.0")]
    [InlineData("banana")]
    public async Task Post_UnknownRevision_SaysWhatIsSupported(string revision)
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync(Ping, request => request.Headers.Add("MCP-Protocol-Version", revision));

        Assert.Equal(400, reply.Status);
        Assert.Equal(-32022, reply.ErrorCode);
        Assert.Equal("abc", reply.Last.GetProperty("id").GetString());
        var data = reply.Last.GetProperty("error").GetProperty("data");
        Assert.Equal(revision, data.GetProperty("requested").GetString());
        Assert.Equal(["2026-07-28"], data.GetProperty("supported").EnumerateArray().Select(item => item.GetString()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}""")]
    [InlineData("""{"io.modelcontextprotocol/clientCapabilities":{}}""")]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":20260728,"io.modelcontextprotocol/clientCapabilities":{}}""")]
    public async Task PostModern_IncompleteMeta_IsInvalidParams(string meta)
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostModernAsync("tools/list", new JsonObject { ["_meta"] = JsonNode.Parse(meta) });

        Assert.Equal(400, reply.Status);
        Assert.Equal(-32602, reply.ErrorCode);
        Assert.Equal(7, reply.Last.GetProperty("id").GetInt32());
    }

    [Theory]
    [InlineData("Mcp-Method", "tools/List")]
    [InlineData("Mcp-Method", null)]
    [InlineData("Mcp-Name", "list_containers")]
    [InlineData("Mcp-Name", null)]
    [InlineData("Mcp-Name", "=?base64?!!!?=")]
    public async Task PostModern_HeaderUnlikeBody_IsHeaderMismatch(string header, string? value)
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostModernAsync("tools/call", new JsonObject { ["name"] = "list_devices" }, change: request =>
        {
            request.Headers.Remove(header);
            if (value is not null)
            {
                request.Headers.Add(header, value);
            }
        });

        Assert.Equal(400, reply.Status);
        Assert.Equal(-32020, reply.ErrorCode);
    }

    [Fact]
    public async Task PostModern_EncodedName_IsDecoded()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostModernAsync("tools/call", new JsonObject { ["name"] = "list_devices" }, change: request =>
        {
            request.Headers.Remove("Mcp-Name");
            request.Headers.Add("Mcp-Name", $"=?base64?{Convert.ToBase64String("list_devices"u8)}?=");
        });

        Assert.Equal(200, reply.Status);
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("ping")]
    [InlineData("logging/setLevel")]
    [InlineData("resources/subscribe")]
    [InlineData("no/such/method")]
    public async Task PostModern_MethodNotOfThisRevision_Is404(string method)
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostModernAsync(method, new JsonObject { ["uri"] = "fleetwright://devices" });

        Assert.Equal(404, reply.Status);
        Assert.Equal(-32601, reply.ErrorCode);
    }

    [Fact]
    public async Task PostLegacy_ModernMeta_IsHeaderMismatch()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync();

        var reply = await host.PostAsync(
            session, """{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}""");

        Assert.Equal(400, reply.Status);
        Assert.Equal(-32020, reply.ErrorCode);
    }

    [Fact]
    public async Task PostLegacy_InitializeUnlikeItsHeader_IsHeaderMismatch()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""",
            request => request.Headers.Add("MCP-Protocol-Version", "2025-11-25"));

        Assert.Equal(400, reply.Status);
        Assert.Equal(-32020, reply.ErrorCode);
    }

    [Fact]
    public async Task GetAndDelete_ModernRevision_AreNotAllowed()
    {
        await using var host = await McpTestHost.StartAsync();
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
        {
            using var request = new HttpRequestMessage(method, host.Url);
            request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
            request.Headers.Accept.ParseAdd("text/event-stream");
            using var answer = await host.Http.SendAsync(request);

            Assert.Equal(405, (int)answer.StatusCode);
            Assert.Equal(["POST"], answer.Content.Headers.Allow);
        }
    }

    [Fact]
    public async Task ResourceMetadata_BothForms_NameTheResource()
    {
        await using var host = await McpTestHost.StartAsync();
        foreach (var path in (string[])["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"])
        {
            using var answer = await host.Http.GetAsync(new Uri(host.Url, path));
            var metadata = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();

            Assert.Equal(host.Url.ToString(), metadata["resource"]!.GetValue<string>());
            Assert.Equal(["read", "operate", "admin"], metadata["scopes_supported"]!.AsArray().Select(scope => scope!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task Post_RandomBytesAndHeaders_NeverBreakTheDoor()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync();
        // A fixed seed: a run that fails can be run again.
        var random = new Random(20260728);
        string[] fragments =
            ["{", "}", "[", "]", "\"", ":", ",", "\"jsonrpc\":\"2.0\"", "\"id\":1", "\"id\":-9e99", "\"method\":\"tools/call\"", "\"params\":", "\"_meta\":", "null", "\\u0000", "\u00e9", "1e400", "\"name\":\"list_devices\""];
        string[] revisions = ["", "2025-11-25", "2026-07-28", "2024-11-05", "x", "9999-99-99"];

        for (var i = 0; i < 400; i++)
        {
            var body = string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => fragments[random.Next(fragments.Length)]));
            var reply = await host.PostAsync(body, request =>
            {
                if (revisions[random.Next(revisions.Length)] is { Length: > 0 } revision)
                {
                    request.Headers.Add("MCP-Protocol-Version", revision);
                }

                if (random.Next(2) == 0)
                {
                    request.Headers.Add("Mcp-Session-Id", random.Next(2) == 0 ? session : Convert.ToHexString(BitConverter.GetBytes(random.NextInt64())));
                }
            });

            Assert.True(reply.Status is >= 400 and < 500, $"{reply.Status} for {body}");
        }

        Assert.Equal(200, (await host.PostAsync(session, Ping)).Status);
        Assert.Equal(1, host.Sessions.Count);
    }
}
