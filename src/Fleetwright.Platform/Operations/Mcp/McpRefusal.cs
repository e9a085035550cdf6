using System.Text.Json.Nodes;
using ModelContextProtocol;

namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>A request that the door turns away itself: the HTTP status and the JSON-RPC error that go back.</summary>
internal sealed record McpRefusal(int Status, int Code, string Message, JsonObject? Data = null)
{
    public McpRefusal(int status, McpErrorCode code, string message, JsonObject? data = null)
        : this(status, (int)code, message, data)
    {
    }

    /// <summary>The session is not there (any more); the client opens a new one.</summary>
    public const int SessionNotFound = -32001;

    /// <summary>The request is out of place: the door's own reasons, in JSON-RPC's range for servers.</summary>
    public const int NotAcceptable = -32000;

    public static McpRefusal NoSuchSession { get; } =
        new(404, SessionNotFound, "No such session; it may have ended. Open one with initialize.");
}
