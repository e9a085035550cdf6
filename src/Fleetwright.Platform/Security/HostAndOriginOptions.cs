namespace Fleetwright.Platform.Security;

/// <summary>Which names this server answers to, and which web pages may call it (configuration section <c>Access</c>).</summary>
public sealed class HostAndOriginOptions
{
    public const string Section = "Access";

    /// <summary>
    /// Host names (no port) under which the server may be addressed, besides loopback names and the very IP address
    /// that a connection came in on. Empty by default.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>
    /// Origins (<c>https://dash.example.org</c>, with a port if it is not the scheme's own) of web pages that may call
    /// the server, besides its own pages. Empty by default.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];
}
