using System.IO.Pipelines;
using System.Text.Json;
using Fleetwright.Platform.Operations.Mcp;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Tests.Operations.Mcp;

public sealed class McpStdioTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Run_BothEras_ServeTheLocalPersonAndEndWithTheInput()
    {
        await using var services = Services();
        var input = new Pipe();
        var output = new Pipe();
        var running = McpStdio.RunAsync(services, input.Reader.AsStream(), output.Writer.AsStream(), CancellationToken.None);
        await using var write = new StreamWriter(input.Writer.AsStream()) { AutoFlush = true };
        using var read = new StreamReader(output.Reader.AsStream());

        await write.WriteLineAsync(
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"remove_device","arguments":{"device":"nas"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""");
        var modern = JsonElement.Parse((await read.ReadLineAsync().WaitAsync(Guard))!); // The stream is open.

        Assert.Equal("nas", modern.GetProperty("result").GetProperty("structuredContent").GetProperty("id").GetString());
        await write.DisposeAsync();
        await running.WaitAsync(Guard);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("")]
    public async Task Run_InputEndsBehindTheLastRequest_IsAnsweredBeforeTheEnd(string end)
    {
        await using var services = Services();
        using var input = new MemoryStream(
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"remove_device","arguments":{"device":"nas"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"""u8.ToArray().Concat(System.Text.Encoding.UTF8.GetBytes(end)).ToArray());
        using var output = new MemoryStream();

        await McpStdio.RunAsync(services, input, output, CancellationToken.None).WaitAsync(Guard);

        Assert.Equal(1, JsonElement.Parse(output.ToArray()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task Run_LegacyHandshake_ListsEveryTool()
    {
        await using var services = Services();
        var input = new Pipe();
        var output = new Pipe();
        var running = McpStdio.RunAsync(services, input.Reader.AsStream(), output.Writer.AsStream(), CancellationToken.None);
        await using var write = new StreamWriter(input.Writer.AsStream()) { AutoFlush = true };
        using var read = new StreamReader(output.Reader.AsStream());

        await write.WriteLineAsync(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        var welcome = JsonElement.Parse((await read.ReadLineAsync().WaitAsync(Guard))!).GetProperty("result"); // The stream is open.
        await write.WriteLineAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        await write.WriteLineAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/list"}""");
        var tools = JsonElement.Parse((await read.ReadLineAsync().WaitAsync(Guard))!).GetProperty("result").GetProperty("tools"); // The stream is open.

        Assert.Equal("2025-11-25", welcome.GetProperty("protocolVersion").GetString());
        Assert.Contains("get_fleet_overview", welcome.GetProperty("instructions").GetString(), StringComparison.Ordinal);
        Assert.Contains("remove_device", tools.EnumerateArray().Select(tool => tool.GetProperty("name").GetString()));
        await write.DisposeAsync();
        await running.WaitAsync(Guard);
    }

    [Fact]
    public void Start_TwoToolsOfOneName_IsRefused()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        McpTestHost.AddOperations(services);
        services.AddSingleton(ModelContextProtocol.Server.McpServerTool.Create(() => 1, new() { Name = "list_devices" }));
        using var provider = services.BuildServiceProvider();

        var failure = Assert.ThrowsAny<Exception>(provider.GetRequiredService<McpServerOptionsByEra>);

        Assert.Contains("list_devices", failure.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        McpTestHost.AddOperations(services);
        return services.BuildServiceProvider();
    }
}
