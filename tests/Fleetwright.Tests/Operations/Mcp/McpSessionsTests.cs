using System.Net.Http.Headers;
using Fleetwright.Platform.Operations.Mcp;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Tests.Operations.Mcp;

public sealed class McpSessionsTests
{
    private const string Ping = """{"jsonrpc":"2.0","id":2,"method":"ping"}""";

    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Post_OtherPrincipalsSession_IsForbidden()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync("ann:read");

        var other = await host.PostAsync(session, Ping, "bob:read");
        var own = await host.PostAsync(session, Ping, "ann:read");
        using var deleted = await SendAsync(host, HttpMethod.Delete, session, "bob:read");

        Assert.Equal(403, other.Status);
        Assert.Equal(2, other.Last.GetProperty("id").GetInt32());
        Assert.Equal(200, own.Status);
        Assert.Equal(403, (int)deleted.StatusCode);
        Assert.Equal(1, host.Sessions.Count);
    }

    [Fact]
    public async Task Post_UnknownSession_IsNotFound()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync("no-such-session", Ping);

        Assert.Equal(404, reply.Status);
        Assert.Equal(-32001, reply.ErrorCode);
    }

    [Fact]
    public async Task Post_NoSessionAndNoInitialize_IsRefused()
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync(Ping);

        Assert.Equal(400, reply.Status);
        Assert.Equal(-32000, reply.ErrorCode);
        Assert.Equal(0, host.Sessions.Count);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":7,"capabilities":[],"clientInfo":"x"}}""")]
    public async Task Initialize_Malformed_LeavesNoSession(string body)
    {
        await using var host = await McpTestHost.StartAsync();

        var reply = await host.PostAsync(body);

        Assert.True(reply.Last.TryGetProperty("error", out _));
        Assert.Null(reply.SessionId);
        Assert.Equal(0, host.Sessions.Count);
    }

    [Fact]
    public async Task Delete_Session_IsGone()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync();

        using var deleted = await SendAsync(host, HttpMethod.Delete, session);
        var after = await host.PostAsync(session, Ping);

        Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Equal(404, after.Status);
    }

    [Fact]
    public async Task Delete_WhileACallRuns_CancelsIt()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync();
        var call = host.PostAsync(session, """{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"wait_forever","arguments":{}}}""");
        await host.Operations.Waiting.Task.WaitAsync(Guard);

        using var deleted = await SendAsync(host, HttpMethod.Delete, session);

        await host.Operations.Cancelled.Task.WaitAsync(Guard);
        await call.WaitAsync(Guard);
        Assert.Equal(0, host.Sessions.Count);
    }

    [Fact]
    public async Task Get_SecondStream_IsRefusedAndTheFirstLives()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(host, HttpMethod.Get, session)));

        Assert.Equal(1, answers.Count(answer => (int)answer.StatusCode == 200));
        Assert.Equal(7, answers.Count(answer => (int)answer.StatusCode == 400));
        Assert.Equal(200, (await host.PostAsync(session, Ping)).Status);
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task Delete_WithOpenStream_EndsTheStream()
    {
        await using var host = await McpTestHost.StartAsync();
        var session = await host.OpenAsync();
        using var stream = await SendAsync(host, HttpMethod.Get, session);

        using var deleted = await SendAsync(host, HttpMethod.Delete, session);

        Assert.Equal("", await stream.Content.ReadAsStringAsync().WaitAsync(Guard));
    }

    [Fact]
    public async Task Reap_IdleTooLong_ClosesButNotWhatIsInUse()
    {
        var clock = new ManualClock();
        await using var host = await McpTestHost.StartAsync(services => services.AddSingleton<TimeProvider>(clock));
        var idle = await host.OpenAsync();
        var streaming = await host.OpenAsync();
        using var stream = await SendAsync(host, HttpMethod.Get, streaming);
        clock.Advance(TimeSpan.FromMinutes(20));
        var fresh = await host.OpenAsync();
        clock.Advance(TimeSpan.FromMinutes(11));

        await host.Sessions.ReapAsync();

        Assert.Equal(404, (await host.PostAsync(idle, Ping)).Status);
        Assert.Equal(200, (await host.PostAsync(streaming, Ping)).Status);
        Assert.Equal(200, (await host.PostAsync(fresh, Ping)).Status);
    }

    [Fact]
    public async Task Open_MoreIdleThanAllowed_ClosesTheLongestIdle()
    {
        await using var host = await McpTestHost.StartAsync(services => services.Configure<McpOptions>(options => options.MaxIdleSessions = 3));
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await host.OpenAsync());
        }

        Assert.Equal(3, host.Sessions.Count);
        Assert.Equal(404, (await host.PostAsync(ids[0], Ping)).Status);
        Assert.Equal(404, (await host.PostAsync(ids[1], Ping)).Status);
        Assert.Equal(200, (await host.PostAsync(ids[4], Ping)).Status);
    }

    [Fact]
    public async Task Open_AllInUse_IsRefused()
    {
        await using var host = await McpTestHost.StartAsync(services => services.Configure<McpOptions>(options =>
        {
            options.MaxIdleSessions = 1;
            options.MaxSessions = 2;
        }));
        var first = await host.OpenAsync();
        using var firstStream = await SendAsync(host, HttpMethod.Get, first);
        var second = await host.OpenAsync();
        using var secondStream = await SendAsync(host, HttpMethod.Get, second);

        var third = await host.PostAsync(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");

        Assert.Equal(503, third.Status);
        Assert.Equal(2, host.Sessions.Count);
    }

    [Fact]
    public async Task Stop_WithOpenStream_EndsTheStreamAndTheSession()
    {
        await using var host = await McpTestHost.StartAsync();
        using var stream = await SendAsync(host, HttpMethod.Get, await host.OpenAsync());

        // Without an end to the stream the host would wait for it as long as for any request: 30 seconds.
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("", await stream.Content.ReadAsStringAsync().WaitAsync(Guard));
        Assert.Equal(0, host.Sessions.Count);
    }

    [Fact]
    public async Task Churn_TwoThousandSessions_LeavesNone()
    {
        await using var host = await McpTestHost.StartAsync();

        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var session = await host.OpenAsync();
            if (i % 10 == 0)
            {
                Assert.Equal(200, (await host.PostAsync(session, Ping)).Status);
            }

            using var deleted = await SendAsync(host, HttpMethod.Delete, session);
            Assert.Equal(204, (int)deleted.StatusCode);
        });

        Assert.Equal(0, host.Sessions.Count);
    }

    private static async Task<HttpResponseMessage> SendAsync(McpTestHost host, HttpMethod method, string session, string caller = "ann:read")
    {
        using var request = new HttpRequestMessage(method, host.Url);
        request.Headers.Add("Mcp-Session-Id", session);
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", caller);
        return await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
