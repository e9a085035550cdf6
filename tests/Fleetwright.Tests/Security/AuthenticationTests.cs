using System.Net;
using System.Text;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Operations.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Fleetwright.Tests.Security;

public sealed class AuthenticationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NoKey_IsRefusedWithAChallenge()
    {
        await using var host = await SecurityHost.StartAsync();
        using var response = await host.Client().GetAsync("/who", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer realm=\"fleetwright\", scope=\"read\"", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("fleetwright keys create", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task McpWithoutKey_NamesTheResourceMetadata()
    {
        await using var host = await SecurityHost.StartAsync();
        using var response = await host.Client().GetAsync("/mcp", Cancel);
        Assert.Contains(
            $"resource_metadata=\"{host.Url}/.well-known/oauth-protected-resource/mcp\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdminKey_OfTheFirstStart_IsTheCaller()
    {
        await using var host = await SecurityHost.StartAsync();
        Assert.Equal("admin: admin", await host.Client(host.AdminKey).GetStringAsync("/who", Cancel));
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer ")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    [InlineData("Bearer fw_aaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("Bearer fw_aaaaaaaaaa_\u0001aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task WrongKey_IsAnInvalidToken(string authorization)
    {
        await using var host = await SecurityHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await host.Client().SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RightPrefixWrongSecret_IsRefused()
    {
        await using var host = await SecurityHost.StartAsync();
        var forged = host.AdminKey[..^1] + (host.AdminKey[^1] == 'a' ? 'b' : 'a');
        Assert.Equal("admin: admin", await host.Client(host.AdminKey).GetStringAsync("/who", Cancel));
        using var response = await host.Client(forged).GetAsync("/who", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task KeyInQueryString_IsNotLookedAt()
    {
        await using var host = await SecurityHost.StartAsync();
        foreach (var name in new[] { "key", "token", "access_token", "api_key" })
        {
            using var response = await host.Client().GetAsync($"/who?{name}={host.AdminKey}", Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task KeyAsWebSocketSubProtocol_IsTheCaller()
    {
        await using var host = await SecurityHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", $"fleetwright.v1, bearer.{host.AdminKey}");
        using var response = await host.Client().SendAsync(request, Cancel);
        Assert.Equal("admin: admin", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Revoked_IsRefusedAtOnce()
    {
        await using var host = await SecurityHost.StartAsync();
        var created = await host.Keys.CreateAsync("laptop", ["operate"], null, Cancel);
        var client = host.Client(created.Secret);
        Assert.Equal("laptop: operate", await client.GetStringAsync("/who", Cancel));
        await host.Keys.RevokeAsync("laptop", Cancel);
        using var response = await client.GetAsync("/who", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task OpenEndpoint_NeedsNoKey_NotEvenARightOne()
    {
        await using var host = await SecurityHost.StartAsync();
        Assert.Equal("open", await host.Client().GetStringAsync("/open", Cancel));
        Assert.Equal("open", await host.Client("wrong").GetStringAsync("/open", Cancel));
    }

    [Fact]
    public async Task ManyWrongKeys_HaveToWait_AndKeysInUseGoOn()
    {
        await using var host = await SecurityHost.StartAsync(new() { ["Security:FailedAttempts"] = "5" });
        var good = host.Client(host.AdminKey);
        Assert.Equal("admin: admin", await good.GetStringAsync("/who", Cancel));
        var bad = host.Client("wrong");
        var statuses = new List<HttpStatusCode>();
        TimeSpan? wait = null;
        for (var i = 0; i < 8; i++)
        {
            using var response = await bad.GetAsync("/who", Cancel);
            statuses.Add(response.StatusCode);
            wait = response.Headers.RetryAfter?.Delta ?? wait;
        }

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.Unauthorized, 5), statuses.Take(5));
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        Assert.InRange(wait!.Value.TotalSeconds, 1, 6);
        Assert.Equal("admin: admin", await good.GetStringAsync("/who", Cancel));
    }

    [Fact]
    public async Task ManyWrongKeys_DoNotKeepOutAGoodKeyThatWasNeverUsed()
    {
        await using var host = await SecurityHost.StartAsync(new() { ["Security:FailedAttempts"] = "5" });
        var bad = host.Client("wrong");
        for (var i = 0; i < 8; i++)
        {
            using var response = await bad.GetAsync("/who", Cancel);
        }

        Assert.Equal("admin: admin", await host.Client(host.AdminKey).GetStringAsync("/who", Cancel));
    }

    [Fact]
    public async Task ControlSocket_NeedsNoKey()
    {
        await using var host = await SecurityHost.StartAsync();
        Assert.Equal("local: read operate admin", await host.ControlClient().GetStringAsync("/who", Cancel));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "unix:")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Host", "unix")]
    [InlineData("Host", "localhost")]
    [InlineData("Forwarded", "for=unix;host=localhost")]
    [InlineData("X-Control-Socket", "true")]
    public async Task TcpThatPretends_IsNotTheControlSocket(string header, string value)
    {
        await using var host = await SecurityHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await host.Client().SendAsync(request, Cancel);
        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.MisdirectedRequest });
    }

    [Theory]
    [InlineData("evil.example", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("evil.example:80", "http://evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData(null, "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData(null, "null", HttpStatusCode.Forbidden)]
    public async Task ForeignHostOrOrigin_IsRefusedBeforeTheKey(string? hostName, string? origin, HttpStatusCode expected)
    {
        await using var host = await SecurityHost.StartAsync();
        foreach (var path in new[] { "/who", "/open", "/mcp" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = hostName;
            if (origin is not null)
            {
                request.Headers.TryAddWithoutValidation("Origin", origin);
            }

            using var response = await host.Client(host.AdminKey).SendAsync(request, Cancel);
            Assert.Equal(expected, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task AllowedHostAndOrigin_OfTheSettings_ComeIn()
    {
        await using var host = await SecurityHost.StartAsync(new()
        {
            ["Access:AllowedHosts:0"] = "fleet.example.org", ["Access:AllowedOrigins:0"] = "https://dash.example.org",
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/open");
        request.Headers.Host = "fleet.example.org";
        request.Headers.TryAddWithoutValidation("Origin", "https://dash.example.org");
        using var response = await host.Client().SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task BodyOverTheLimit_IsRefused()
    {
        await using var host = await SecurityHost.StartAsync();
        var client = host.Client(host.AdminKey);
        using var small = await client.PostAsync("/body", new ByteArrayContent(new byte[1024 * 1024]), Cancel);
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        using var big = await client.PostAsync("/body", new ByteArrayContent(new byte[1024 * 1024 + 1]), Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, big.StatusCode);
    }

    [Fact]
    public async Task CallOverItsTime_IsCancelledAndAnswered()
    {
        await using var host = await SecurityHost.StartAsync(
            new() { ["Security:RequestTimeout"] = "00:00:01" },
            map: app => app.MapGet("/slow", (HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted)).WithMetadata(Operation("read")));
        using var response = await host.Client(host.AdminKey).GetAsync("/slow", Cancel);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("try_it took longer", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingScope_IsToldInTheChallenge()
    {
        await using var host = await SecurityHost.StartAsync(map: app =>
            app.MapGet("/change", (HttpContext context) => ProblemResponse.WriteAsync(context, new OperationException(OperationError.Forbidden, "no", "ask")))
                .WithMetadata(Operation("operate")));
        using var response = await host.Client(host.AdminKey).GetAsync("/change", Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("Bearer realm=\"fleetwright\", error=\"insufficient_scope\", scope=\"operate\"", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task EveryAnswer_HasTheSecurityHeaders()
    {
        await using var host = await SecurityHost.StartAsync();
        foreach (var path in new[] { "/open", "/who", "/nothing" })
        {
            using var response = await host.Client().GetAsync(path, Cancel);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task AdminKeyFile_IsForItsOwnerAlone()
    {
        await using var host = await SecurityHost.StartAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(host.Paths.AdminKeyFile));
        foreach (var file in Directory.GetFiles(host.Paths.DataDirectory, "fleetwright.db*"))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.DoesNotContain(host.AdminKey[14..], Encoding.Latin1.GetString(ReadShared(file)), StringComparison.Ordinal);
        }
    }

    private static OperationDescriptor Operation(string scope) => new()
    {
        Name = "try_it",
        Title = "Try it",
        Description = "Tries it.",
        Scope = scope,
        Effect = OperationEffect.Reads,
        Repeat = OperationRepeat.Safe,
        Toolset = "core",
        HttpMethod = "GET",
        Route = "/slow",
        Parameters = [],
        InputSchema = [],
        OutputSchema = [],
        ResultType = typeof(object),
    };

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
