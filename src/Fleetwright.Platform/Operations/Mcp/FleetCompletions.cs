using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Security;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>Completes the arguments <c>device</c> and <c>container</c> of prompts and resource templates.</summary>
internal sealed class FleetCompletions(FleetOperations operations)
{
    // The protocol's own bound on one answer.
    private const int MaxValues = 100;
    private const int PageSize = 1000;

    public async ValueTask<CompleteResult> CompleteAsync(RequestContext<CompleteRequestParams> request, CancellationToken cancellationToken)
    {
        var argument = request.Params.Argument;
        var device = request.Params.Context?.Arguments?.TryGetValue("device", out var chosen) is true ? chosen : null;
        var names = argument.Name switch
        {
            "device" => await NamesAsync(request, FleetOperations.ListDevices, [], ["id"], cancellationToken),
            "container" => await NamesAsync(
                request, FleetOperations.ListContainers, device is null ? [] : new JsonObject { ["device"] = device }, ["name"], cancellationToken),
            _ => [],
        };

        // What starts as typed comes first, then what holds it anywhere.
        var typed = argument.Value;
        var matching = names
            .Where(name => name.Contains(typed, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal)
            .OrderBy(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase) ? 0 : 1)
            .ThenBy(name => name, StringComparer.Ordinal)
            .ToList();
        return new CompleteResult
        {
            Completion = new Completion
            {
                Values = [.. matching.Take(MaxValues)],
                Total = matching.Count,
                HasMore = matching.Count > MaxValues,
            },
        };
    }

    private async Task<IReadOnlyList<string>> NamesAsync(
        RequestContext<CompleteRequestParams> request, string operation, JsonObject arguments, string[] properties, CancellationToken cancellationToken)
    {
        if (!operations.Has(operation) || request.User?.FindCaller() is not { } caller)
        {
            return [];
        }

        arguments["limit"] = PageSize;
        try
        {
            var page = await operations.CallAsync(operation, arguments, caller, cancellationToken);
            return page.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
                ? [.. items.EnumerateArray().Select(item => Name(item, properties)).OfType<string>()]
                : [];
        }
        catch (OperationException)
        {
            // Completing is a help while typing; what is wrong is told by the call that follows.
            return [];
        }
    }

    private static string? Name(JsonElement item, string[] properties)
    {
        foreach (var property in properties)
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String)
            {
                return value.GetString();
            }
        }

        return null;
    }
}
