namespace Fleetwright.Platform.Operations.Mcp;

/// <summary>Settings of the MCP door (configuration section <c>Mcp</c>).</summary>
public sealed class McpOptions
{
    public const string Section = "Mcp";

    /// <summary>
    /// The toolsets whose tools clients see, comma-separated, or all. Default core. A client chooses its own by the address
    /// <c>/mcp?toolsets=core,storage</c>.
    /// </summary>
    public string Toolsets { get; set; } = "core";

    /// <summary>A session that nobody used for this long is closed. Default 30 minutes, at least 1 second.</summary>
    public TimeSpan SessionIdleTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Sessions that may lie idle at once; beyond it the longest idle one is closed. Default 1,000.</summary>
    public int MaxIdleSessions { get; set; } = 1000;

    /// <summary>Sessions that may be open at once; beyond it a new one is refused with 503. Default 2,000.</summary>
    public int MaxSessions { get; set; } = 2000;

    /// <summary>Bytes that one request's body may have. Default 4 MiB.</summary>
    public long MaxRequestBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How long one tool call may take before it is cancelled and answered as failed. Default 5 minutes.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a closing session waits for its running calls to notice. Default 5 seconds.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
