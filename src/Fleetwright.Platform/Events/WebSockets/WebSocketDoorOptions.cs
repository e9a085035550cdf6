using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Events.WebSockets;

/// <summary>How much one client of the WebSocket door may cost (configuration section <c>WebSocket</c>).</summary>
public sealed class WebSocketDoorOptions
{
    public const string Section = "WebSocket";

    /// <summary>Clients at once; beyond it a new one is refused with 429. 1 to 100,000; default 2,000.</summary>
    public int MaxClients { get; set; } = 2000;

    /// <summary>Subscriptions that one client may hold; 1 to 1,000. Default 64.</summary>
    public int MaxSubscriptions { get; set; } = 64;

    /// <summary>Bytes of one message from a client; a larger one closes the connection with 1009. 1 KiB to 16 MiB; default 64 KiB.</summary>
    public int MaxMessageBytes { get; set; } = 64 * 1024;

    /// <summary>Events that wait for one client; beyond it the oldest are dropped and counted. 16 to 100,000; default 1,024.</summary>
    public int QueueMessages { get; set; } = 1024;

    /// <summary>Bytes that wait for one client; beyond it the oldest are dropped and counted. 64 KiB to 1 GiB; default 4 MiB.</summary>
    public long QueueBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How often the server sends a WebSocket ping; 1 second to 1 hour. Default 30 seconds.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A client that does not answer a ping for this long is cut off; 1 second to 1 hour. Default 20 seconds.</summary>
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>A client that takes nothing of one message for this long is cut off; 1 second to 1 hour. Default 15 seconds.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often it is looked whether the clients' keys still hold; 1 second to 1 minute. Default 20 seconds.</summary>
    public TimeSpan KeyCheckInterval { get; set; } = TimeSpan.FromSeconds(20);
}

internal sealed class WebSocketDoorOptionsValidator : IValidateOptions<WebSocketDoorOptions>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, WebSocketDoorOptions options)
    {
        var mistakes = new List<string>();
        Check(options.MaxClients is >= 1 and <= 100_000, "WebSocket:MaxClients must be between 1 and 100000.");
        Check(options.MaxSubscriptions is >= 1 and <= 1000, "WebSocket:MaxSubscriptions must be between 1 and 1000.");
        Check(options.MaxMessageBytes is >= 1024 and <= 16 * 1024 * 1024, "WebSocket:MaxMessageBytes must be between 1024 and 16777216.");
        Check(options.QueueMessages is >= 16 and <= 100_000, "WebSocket:QueueMessages must be between 16 and 100000.");
        Check(options.QueueBytes is >= 64 * 1024 and <= 1024 * 1024 * 1024, "WebSocket:QueueBytes must be between 65536 and 1073741824.");
        Check(options.HeartbeatInterval >= Second && options.HeartbeatInterval <= Hour, "WebSocket:HeartbeatInterval must be between 1 second and 1 hour.");
        Check(options.HeartbeatTimeout >= Second && options.HeartbeatTimeout <= Hour, "WebSocket:HeartbeatTimeout must be between 1 second and 1 hour.");
        Check(options.SendTimeout >= Second && options.SendTimeout <= Hour, "WebSocket:SendTimeout must be between 1 second and 1 hour.");
        Check(
            options.KeyCheckInterval >= Second && options.KeyCheckInterval <= TimeSpan.FromMinutes(1), "WebSocket:KeyCheckInterval must be between 1 second and 1 minute.");
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);

        void Check(bool holds, string mistake)
        {
            if (!holds)
            {
                mistakes.Add(mistake);
            }
        }
    }
}
