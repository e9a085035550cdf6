using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Settings;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>What a client can attach to a conversation: the devices, one device, and how this server is set up.</summary>
internal sealed class FleetResources(FleetOperations operations, SettingsDescription settings)
{
    public const string DevicesUri = "fleetwright://devices";
    public const string DeviceTemplate = "fleetwright://devices/{device}";
    public const string ConfigUri = "fleetwright://config";

    private const string MimeType = "application/json";

    public IEnumerable<McpServerResource> All() =>
    [
        McpServerResource.Create(ReadDevicesAsync, Describe(DevicesUri, "devices", "Devices", "Every device with its status.")),
        McpServerResource.Create(ReadDeviceAsync, Describe(DeviceTemplate, "device", "Device", "One device: what it is, what it has, and its status.")),
        McpServerResource.Create(ReadConfig, Describe(ConfigUri, "config", "Configuration", "The settings in force, without secrets.")),
    ];

    private Task<ResourceContents> ReadDevicesAsync(RequestContext<ReadResourceRequestParams> request, CancellationToken cancellationToken) =>
        ReadAsync(request, FleetOperations.ListDevices, [], cancellationToken);

    private Task<ResourceContents> ReadDeviceAsync(
        RequestContext<ReadResourceRequestParams> request, [Description("The device's id.")] string device, CancellationToken cancellationToken) =>
        ReadAsync(request, FleetOperations.GetDeviceInfo, new JsonObject { ["device"] = Uri.UnescapeDataString(device) }, cancellationToken);

    private TextResourceContents ReadConfig(RequestContext<ReadResourceRequestParams> request)
    {
        try
        {
            var caller = McpCaller.Of(request);
            return caller.May(Scopes.Read)
                ? Contents(request, settings.Describe().ToJsonString(Json.Options))
                : throw new OperationException(OperationError.Forbidden, "this key may not read.", "Use a key with the scope read.");
        }
        catch (OperationException failure)
        {
            throw Shown(request, failure);
        }
    }

    private async Task<ResourceContents> ReadAsync(
        RequestContext<ReadResourceRequestParams> request, string operation, JsonObject arguments, CancellationToken cancellationToken)
    {
        try
        {
            var json = await operations.CallAsync(operation, arguments, McpCaller.Of(request), cancellationToken);
            return Contents(request, JsonSerializer.Serialize(json, Json.Options));
        }
        catch (OperationException failure)
        {
            throw Shown(request, failure);
        }
    }

    private static TextResourceContents Contents(RequestContext<ReadResourceRequestParams> request, string json) =>
        new() { Uri = request.Params.Uri, MimeType = MimeType, Text = json };

    private static McpProtocolException Shown(RequestContext<ReadResourceRequestParams> request, OperationException failure)
    {
        // The modern revision has no error code of its own for a resource that is not there.
        var notFound = McpRevisions.IsModern(request.Server.NegotiatedProtocolVersion) ? McpErrorCode.InvalidParams : McpErrorCode.ResourceNotFound;
        var code = failure.Error switch
        {
            OperationError.NotFound => notFound,
            OperationError.Invalid => McpErrorCode.InvalidParams,
            OperationError.Unauthenticated or OperationError.Forbidden => McpErrorCode.InvalidRequest,
            _ => McpErrorCode.InternalError,
        };
        return new McpProtocolException($"{failure.Message} {failure.NextStep}", code);
    }

    private static McpServerResourceCreateOptions Describe(string uri, string name, string title, string description) => new()
    {
        UriTemplate = uri,
        Name = name,
        Title = title,
        Description = description,
        MimeType = MimeType,
    };
}
