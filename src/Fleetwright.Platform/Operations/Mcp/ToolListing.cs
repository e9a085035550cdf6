using Fleetwright.Platform.Security;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>
/// Which tools a client is shown: those of its toolsets that its caller may call, by name, so that the list is the same
/// each time. Showing less costs the model less; what may be called is decided by the invoker, not here.
/// </summary>
internal sealed class ToolListing(OperationCatalogue catalogue, IOptions<McpOptions> options)
{
    /// <summary>Where a request's own choice of toolsets travels with its message.</summary>
    public const string ChoiceKey = "fleetwright.toolsets";

    /// <summary>The query parameter of the MCP address by which a client chooses: <c>/mcp?toolsets=core,storage</c>.</summary>
    public const string ChoiceParameter = "toolsets";

    public McpRequestHandler<ListToolsRequestParams, ListToolsResult> Filter(
        McpRequestHandler<ListToolsRequestParams, ListToolsResult> next) => async (request, cancellationToken) =>
    {
        var result = await next(request, cancellationToken);
        var caller = request.User?.FindCaller();
        var choice = request.Items.TryGetValue(ChoiceKey, out var chosen) ? chosen as string : null;
        var toolsets = (choice ?? options.Value.Toolsets).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        result.Tools = [.. result.Tools
            .Where(tool => catalogue.Find(tool.Name) is not { } operation
                || ((caller?.May(operation.Scope) ?? false) && IsIn(operation, toolsets)))
            .OrderBy(tool => tool.Name, StringComparer.Ordinal)];
        return result;
    };

    private static bool IsIn(OperationDescriptor operation, string[] toolsets) =>
        toolsets.Contains("all", StringComparer.OrdinalIgnoreCase) || toolsets.Contains(operation.Toolset, StringComparer.OrdinalIgnoreCase);
}
