using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>
/// One engine client per device connection and socket, kept while the connection lives, so that its HTTP connections are
/// kept too. When the connection is lost the client goes, and the next call makes a fresh one.
/// </summary>
public sealed class DockerEngines
{
    // Weak keys: a connection that was replaced takes its clients with it.
    private readonly ConditionalWeakTable<IConnection, ConcurrentDictionary<string, DockerEngineClient>> _clients = [];

    /// <summary>The client of an engine.</summary>
    /// <param name="connection">The way to the device.</param>
    /// <param name="socketPath">The engine's socket on the device.</param>
    public DockerEngineClient Of(IConnection connection, string socketPath) =>
        _clients.GetValue(connection, Watch).GetOrAdd(socketPath, path => new DockerEngineClient(connection, path));

    private static ConcurrentDictionary<string, DockerEngineClient> Watch(IConnection connection)
    {
        var clients = new ConcurrentDictionary<string, DockerEngineClient>(StringComparer.Ordinal);
        connection.Lost += _ =>
        {
            foreach (var path in clients.Keys)
            {
                if (clients.TryRemove(path, out var client))
                {
                    client.Dispose();
                }
            }
        };
        return clients;
    }
}
