using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// What the door serves, built once per era and shared by all its servers: a factory call for each request would build
/// every tool collection anew.
/// </summary>
internal sealed class McpServerOptionsByEra
{
    public McpServerOptionsByEra(IOptionsFactory<McpServerOptions> factory)
    {
        Legacy = factory.Create(Options.DefaultName);
        Modern = factory.Create(Options.DefaultName);
        // A modern server lives as long as one HTTP request and resolves from that request's own scope.
        Modern.ScopeRequests = false;
    }

    public McpServerOptions Legacy { get; }

    public McpServerOptions Modern { get; }
}
