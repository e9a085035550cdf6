using System.Diagnostics;
using System.Text;
using Fleetwright.LabTests.Mcp.ConformanceHost;

namespace Fleetwright.LabTests.Mcp;

/// <summary>A server that is up for months sees many sessions; none may leave anything behind.</summary>
public sealed class SessionMemoryTests(ITestOutputHelper output)
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    [Fact]
    public async Task TenThousandSessions_OpenedAndClosed_LeaveMemoryFlat()
    {
        await using var app = await ConformanceApp.StartAsync();
        using var http = new HttpClient();

        await ChurnAsync(http, app.Url, 2_000);
        var before = Live();
        await ChurnAsync(http, app.Url, 10_000);
        var after = Live();

        var drift = (after - before) * 100.0 / before;
        output.WriteLine($"live heap {before / 1e6:0.00} MB before, {after / 1e6:0.00} MB after 10,000 sessions: {drift:+0.00;-0.00} %; resident {Process.GetCurrentProcess().WorkingSet64 / 1e6:0} MB.");
        Assert.Equal(0, app.Sessions.Count);
        Assert.True(drift <= 2.0, $"The heap grew by {drift:0.00} %.");
    }

    private static async Task ChurnAsync(HttpClient http, Uri url, int sessions) =>
        await Parallel.ForEachAsync(Enumerable.Range(0, sessions), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellationToken) =>
        {
            using var open = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(Initialize, Encoding.UTF8, "application/json") };
            open.Headers.Accept.ParseAdd("application/json, text/event-stream");
            using var opened = await http.SendAsync(open, cancellationToken);
            await opened.Content.ReadAsStringAsync(cancellationToken);
            var session = opened.Headers.GetValues("Mcp-Session-Id").Single();

            // Half of them hold a GET stream when they go.
            using var get = new HttpRequestMessage(HttpMethod.Get, url);
            get.Headers.Accept.ParseAdd("text/event-stream");
            get.Headers.Add("Mcp-Session-Id", session);
            using var stream = i % 2 == 0 ? await http.SendAsync(get, HttpCompletionOption.ResponseHeadersRead, cancellationToken) : null;

            using var close = new HttpRequestMessage(HttpMethod.Delete, url);
            close.Headers.Add("Mcp-Session-Id", session);
            using var closed = await http.SendAsync(close, cancellationToken);
            closed.EnsureSuccessStatusCode();
        });

    private static long Live()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        // What the last full collection found alive, over all generations.
        var info = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return info.HeapSizeBytes - info.FragmentedBytes;
    }
}
