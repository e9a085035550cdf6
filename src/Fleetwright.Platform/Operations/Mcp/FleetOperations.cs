using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>Operations that the door itself calls, by name, as the caller that it serves.</summary>
internal sealed class FleetOperations(OperationCatalogue catalogue, IOperationInvoker invoker)
{
    public const string ListDevices = "list_devices";
    public const string GetDeviceInfo = "get_device_info";
    public const string ListContainers = "list_containers";

    /// <exception cref="OperationException">There is no such operation, or it did not do what was asked.</exception>
    public async Task<JsonElement> CallAsync(string name, JsonObject arguments, Caller caller, CancellationToken cancellationToken)
    {
        var context = new OperationContext { Caller = caller, Door = McpCaller.Door };
        var result = await invoker.InvokeAsync(catalogue.Get(name), arguments, context, cancellationToken);
        return result.Json;
    }

    public bool Has(string name) => catalogue.Find(name) is not null;
}
