using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Fleetwright.LabTests.Lab;

/// <summary>Asks the lab's engine directly, past everything that is under test.</summary>
internal static class LabDocker
{
    /// <summary><c>docker inspect</c> of one container.</summary>
    public static async Task<JsonElement> InspectAsync(string socketPath, string container)
    {
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        using HttpClient client = new(handler) { BaseAddress = new Uri("http://engine"), Timeout = TimeSpan.FromSeconds(20) };
        return await client.GetFromJsonAsync<JsonElement>(new Uri($"/containers/{container}/json", UriKind.Relative));
    }
}
