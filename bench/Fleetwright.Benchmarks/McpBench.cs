using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Fleetwright.Benchmarks;

/// <summary>MCP tool calls a second, against a tool that does nothing on the same door; and memory over many sessions.</summary>
internal static partial class McpBench
{
    private const int Sessions = 10_000;

    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}""";

    private const string PostScript = """
        wrk.method = "POST"
        wrk.body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"TOOL","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"}}}}'
        wrk.headers["Content-Type"] = "application/json"
        wrk.headers["Accept"] = "application/json, text/event-stream"
        wrk.headers["MCP-Protocol-Version"] = "2026-07-28"
        wrk.headers["Mcp-Method"] = "tools/call"
        wrk.headers["Mcp-Name"] = "TOOL"
        AUTHORIZATION
        """;

    public static async Task RunAsync(Settings settings, Folder folder, Figures figures)
    {
        await using var server = await BenchServer.StartAsync(settings, folder.New());
        var trivialUrl = $"http://127.0.0.1:{BenchServer.FreePort()}";
        var trivial = Children.Start("dotnet", [typeof(McpBench).Assembly.Location, "trivial-host", trivialUrl]);
        try
        {
            await CallsAsync(server, new Uri(trivialUrl), folder, figures);
        }
        finally
        {
            await Children.EndAsync(trivial);
        }

        await MemoryAsync(server, figures);
    }

    private static async Task CallsAsync(BenchServer server, Uri trivialUrl, Folder folder, Figures figures)
    {
        // By turns, so that a machine that is busy for a while is so for both.
        var tool = new List<double>();
        var nothing = new List<double>();
        await Children.UntilAsync(async () => await CallsPerSecondAsync(trivialUrl, null, "nothing", folder, 1) is > 0, "the trivial host answers", TimeSpan.FromSeconds(30));
        await CheckAsync(server);
        await CallsPerSecondAsync(server.Url, server.Key, "list_devices", folder, 3);
        for (var turn = 0; turn < 3; turn++)
        {
            nothing.Add(await CallsPerSecondAsync(trivialUrl, null, "nothing", folder, 5) ?? 0);
            tool.Add(await CallsPerSecondAsync(server.Url, server.Key, "list_devices", folder, 5) ?? throw new InvalidOperationException("list_devices failed"));
        }

        var (calls, floor) = (tool.Order().ElementAt(1), nothing.Order().ElementAt(1));
        figures.Add("MCP tool calls answered from memory (list_devices)", calls, "a second", 5000, lowerIsBetter: false, note: "one device; wrk beside it, 16 connections");
        figures.Add("the same for a tool that does nothing, without keys", floor, "a second", $"list_devices reaches {calls / floor * 100:0} % of it");
    }

    // A fast refusal would look like a fast answer.
    private static async Task CheckAsync(BenchServer server)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, "/mcp");
        var lines = PostScript.Replace("TOOL", "list_devices", StringComparison.Ordinal).Split('\n');
        call.Content = new StringContent(lines.Single(line => line.StartsWith("wrk.body", StringComparison.Ordinal)).Split('\'')[1], Encoding.UTF8, "application/json");
        call.Headers.Accept.ParseAdd("application/json, text/event-stream");
        call.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        call.Headers.Add("Mcp-Method", "tools/call");
        call.Headers.Add("Mcp-Name", "list_devices");
        using var answer = await server.Http.SendAsync(call);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode || !text.Contains("\"structuredContent\"", StringComparison.Ordinal) || text.Contains("\"isError\":true", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"list_devices: {(int)answer.StatusCode} {text}");
        }
    }

    private static async Task<double?> CallsPerSecondAsync(Uri url, string? key, string tool, Folder folder, int seconds)
    {
        var script = Path.Combine(folder.New(), "post.lua");
        var authorization = key is null ? "" : $"wrk.headers[\"Authorization\"] = \"Bearer {key}\"";
        await File.WriteAllTextAsync(script, PostScript.Replace("TOOL", tool, StringComparison.Ordinal).Replace("AUTHORIZATION", authorization, StringComparison.Ordinal));
        try
        {
            var printed = await Children.RunAsync("wrk", ["-t1", "-c16", $"-d{seconds}s", "-s", script, new Uri(url, "/mcp").ToString()]);
            return printed.Contains("Non-2xx", StringComparison.Ordinal) ? null : double.Parse(RequestsPerSecond().Match(printed).Groups["number"].Value, CultureInfo.InvariantCulture);
        }
        catch (InvalidOperationException)
        {
            return null; // nobody listens there yet
        }
    }

    private static async Task MemoryAsync(BenchServer server, Figures figures)
    {
        await ChurnAsync(server, Sessions / 5);
        await Task.Delay(TimeSpan.FromSeconds(5));
        var before = server.ResidentMegabytes();
        await ChurnAsync(server, Sessions);
        await Task.Delay(TimeSpan.FromSeconds(5));
        var after = server.ResidentMegabytes();
        figures.Add("memory after 10,000 opened and closed MCP sessions", after, "MB resident", $"{before:0.0} MB before");
        figures.Add("drift of memory over them", Math.Max(0, (after - before) / before * 100), "%", 2);
    }

    private static async Task ChurnAsync(BenchServer server, int sessions) =>
        await Parallel.ForEachAsync(Enumerable.Range(0, sessions), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellationToken) =>
        {
            using var open = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(Initialize, Encoding.UTF8, "application/json") };
            open.Headers.Accept.ParseAdd("application/json, text/event-stream");
            using var opened = await server.Http.SendAsync(open, cancellationToken);
            await opened.Content.ReadAsStringAsync(cancellationToken);
            using var close = new HttpRequestMessage(HttpMethod.Delete, "/mcp");
            close.Headers.Add("Mcp-Session-Id", opened.Headers.GetValues("Mcp-Session-Id").Single());
            using var closed = await server.Http.SendAsync(close, cancellationToken);
            closed.EnsureSuccessStatusCode();
        });

    [GeneratedRegex(@"Requests/sec:\s+(?<number>[\d.]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RequestsPerSecond();
}
