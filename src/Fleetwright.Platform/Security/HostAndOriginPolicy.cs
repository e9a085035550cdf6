using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Security;

/// <summary>
/// Keeps web pages from reaching this server behind a browser's back: DNS rebinding makes a browser send a foreign
/// Host, cross-site calls make it send a foreign Origin. Every door asks this before anything else.
/// </summary>
public sealed class HostAndOriginPolicy(IOptionsMonitor<HostAndOriginOptions> options)
{
    /// <summary>True when the request's Host is a name of this server and its Origin, if it has one, may call it.</summary>
    public bool Allows(HttpContext context) => Judge(context) == HostAndOriginVerdict.Allowed;

    /// <summary>The same, telling which of the two is foreign.</summary>
    public HostAndOriginVerdict Judge(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var host = context.Request.Host;
        if (!host.HasValue || !IsOwnName(host.Host, context.Connection.LocalIpAddress))
        {
            return HostAndOriginVerdict.ForeignHost;
        }

        var origins = context.Request.Headers.Origin;
        var allowed = origins.Count switch
        {
            // Programs send no Origin; browsers always do on the requests that matter.
            0 => true,
            1 => IsAllowedOrigin(origins[0], context.Request.Scheme, host),
            _ => false,
        };
        return allowed ? HostAndOriginVerdict.Allowed : HostAndOriginVerdict.ForeignOrigin;
    }

    private bool IsOwnName(string host, IPAddress? localAddress)
    {
        if (IsLoopback(host) || options.CurrentValue.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        // An IP literal cannot be rebound; it is a name of ours when the connection came in on that address.
        return localAddress is not null
            && IPAddress.TryParse(host, out var address)
            && address.Equals(localAddress.IsIPv4MappedToIPv6 ? localAddress.MapToIPv4() : localAddress);
    }

    private bool IsAllowedOrigin(string? origin, string scheme, HostString host)
    {
        if (options.CurrentValue.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        if (!Uri.TryCreate(origin, UriKind.Absolute, out var page) || page.Host.Length == 0)
        {
            return false;
        }

        // Same origin. Behind a proxy that ends TLS the page is https while the request here is http.
        var port = host.Port ?? (page.Scheme == Uri.UriSchemeHttps ? 443 : 80);
        var sameScheme = page.Scheme == scheme || page.Scheme == Uri.UriSchemeHttps;
        if (sameScheme && page.Port == port && string.Equals(page.Host, host.Host, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // A page served by another local program (a development server, an inspector) may call a local address.
        return page.Scheme is "http" or "https" && IsLoopback(page.Host) && IsLoopback(host.Host);
    }

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

/// <summary>What <see cref="HostAndOriginPolicy"/> says of a request.</summary>
public enum HostAndOriginVerdict
{
    Allowed,

    /// <summary>The Host header is no name of this server; 421.</summary>
    ForeignHost,

    /// <summary>The web page that asks may not; 403.</summary>
    ForeignOrigin,
}
