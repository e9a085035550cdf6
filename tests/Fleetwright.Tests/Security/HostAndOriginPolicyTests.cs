using System.Net;
using Fleetwright.Platform.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Tests.Security;

public sealed class HostAndOriginPolicyTests
{
    [Theory]
    // Names of this machine, and programs (which send no Origin).
    [InlineData("localhost:7300", null, true)]
    [InlineData("127.0.0.1:7300", null, true)]
    [InlineData("[::1]:7300", null, true)]
    [InlineData("LOCALHOST", null, true)]
    // The address that the connection came in on; another one is not ours.
    [InlineData("192.0.2.7:7300", null, true)]
    [InlineData("192.0.2.8:7300", null, false)]
    // Names from the settings, and foreign ones.
    [InlineData("fleet.example.org", null, true)]
    [InlineData("evil.example", null, false)]
    [InlineData("localhost.evil.example", null, false)]
    [InlineData("", null, false)]
    // Pages: our own, listed ones, local ones to a local address.
    [InlineData("fleet.example.org", "https://fleet.example.org", true)]
    [InlineData("fleet.example.org", "https://dash.example.org", true)]
    [InlineData("fleet.example.org", "https://dash.example.org:8443", false)]
    [InlineData("fleet.example.org", "http://localhost:5173", false)]
    [InlineData("localhost:7300", "http://localhost:5173", true)]
    [InlineData("localhost:7300", "http://evil.example", false)]
    [InlineData("localhost:7300", "http://localhost.evil.example", false)]
    [InlineData("localhost:7300", "null", false)]
    [InlineData("localhost:7300", "file:///tmp/x.html", false)]
    [InlineData("localhost:7300", "chrome-extension://abc", false)]
    public void Allows_HostAndOrigin(string host, string? origin, bool allowed)
    {
        Assert.Equal(allowed, Policy().Allows(Request(host, origin is null ? [] : [origin])));
    }

    [Fact]
    public void Allows_TwoOrigins_IsFalse() =>
        Assert.False(Policy().Allows(Request("localhost", ["http://localhost", "http://localhost"])));

    private static HostAndOriginPolicy Policy()
    {
        var services = new ServiceCollection();
        services.AddSingleton<HostAndOriginPolicy>();
        services.Configure<HostAndOriginOptions>(options =>
        {
            options.AllowedHosts.Add("fleet.example.org");
            options.AllowedOrigins.Add("https://dash.example.org");
        });
        return services.BuildServiceProvider().GetRequiredService<HostAndOriginPolicy>();
    }

    private static DefaultHttpContext Request(string host, string[] origins)
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "http";
        context.Request.Host = new HostString(host);
        context.Request.Headers.Origin = origins;
        context.Connection.LocalIpAddress = IPAddress.Parse("192.0.2.7");
        return context;
    }
}
