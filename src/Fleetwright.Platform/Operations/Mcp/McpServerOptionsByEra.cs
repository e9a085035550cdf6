using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// What the door serves, built once per era and shared by all its servers: a factory call for each request would build
/// every tool collection anew.
/// </summary>
internal sealed class McpServerOptionsByEra
{
    private readonly IOptionsFactory<McpServerOptions> _factory;

    /// <exception cref="InvalidOperationException">Two tools share a name.</exception>
    public McpServerOptionsByEra(IOptionsFactory<McpServerOptions> factory, IEnumerable<McpServerTool> tools)
    {
        // Core drops the second of two in silence, and the model would call the wrong one.
        var twice = tools.GroupBy(tool => tool.ProtocolTool.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key).ToList();
        if (twice.Count > 0)
        {
            throw new InvalidOperationException($"There are two MCP tools of the name {string.Join(", ", twice)}.");
        }

        _factory = factory;
        Legacy = factory.Create(Options.DefaultName);
        Modern = factory.Create(Options.DefaultName);
        // A modern server lives as long as one HTTP request and resolves from that request's own scope.
        Modern.ScopeRequests = false;
    }

    public McpServerOptions Legacy { get; }

    public McpServerOptions Modern { get; }

    /// <summary>For one client on this process's own streams, who is the person that started it.</summary>
    public McpServerOptions CreateLocal()
    {
        var options = _factory.Create(Options.DefaultName);
        options.Filters.Message.IncomingFilters.Add(next => (message, cancellationToken) =>
        {
            message.User = McpCaller.LocalPrincipal;
            return next(message, cancellationToken);
        });
        return options;
    }
}
