using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fleetwright.Platform.Operations.Cli;

/// <summary>Carries out operations in the running server of the same data folder, over its control socket.</summary>
public sealed class ServerInvoker : IOperationInvoker, IDisposable
{
    private readonly HttpClient _http;

    private ServerInvoker(string socket)
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) => new NetworkStream(await ConnectAsync(socket, cancellationToken), ownsSocket: true),
        })
        {
            BaseAddress = new Uri("http://localhost"),
            Timeout = TimeSpan.FromMinutes(10),
        };
    }

    /// <summary>Null when no server runs on the data folder.</summary>
    public static async Task<ServerInvoker?> FindAsync(FleetwrightPaths paths, CancellationToken cancellationToken)
    {
        if (!File.Exists(paths.ControlSocket))
        {
            return null;
        }

        try
        {
            (await ConnectAsync(paths.ControlSocket, cancellationToken)).Dispose();
            return new ServerInvoker(paths.ControlSocket);
        }
        catch (SocketException)
        {
            // Left behind by a server that was killed.
            return null;
        }
    }

    public async Task<OperationResult> InvokeAsync(
        OperationDescriptor operation, JsonObject arguments, OperationContext context, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.HttpMethod), Address(operation, arguments));
        // The name of the door that the caller came through; the server audits it.
        request.Headers.Add("Fleetwright-Door", context.Door);
        if (operation.Parameters.Any(parameter => parameter.Place == ParameterPlace.Body))
        {
            var body = new JsonObject();
            foreach (var (name, value) in arguments)
            {
                if (operation.Parameters.FirstOrDefault(parameter => parameter.Name == name)?.Place is null or ParameterPlace.Body)
                {
                    body[name] = value?.DeepClone();
                }
            }

            request.Content = JsonContent.Create(body, options: Json.Options);
        }

        using var response = await SendAsync(request, cancellationToken);
        var json = await ReadAsync(response, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return new OperationResult(json);
        }

        throw new OperationException(
            Enum.TryParse<OperationError>(Text(json, "code"), ignoreCase: true, out var error) ? error : OperationError.Internal,
            Text(json, "detail") ?? $"the server answered {(int)response.StatusCode}.",
            Text(json, "nextStep") ?? "Look into the server's log.");
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new OperationException(OperationError.Internal, $"the running server went away: {exception.Message}", "Run the command again; without a server it does the work itself.");
        }
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<JsonElement>(Json.Options, cancellationToken);
        }
        catch (JsonException)
        {
            throw new OperationException(OperationError.Internal, $"the running server answered {(int)response.StatusCode} without JSON.", "Check that the server and this command are of one version.");
        }
    }

    internal static string Address(OperationDescriptor operation, JsonObject arguments)
    {
        if (operation.Parameters.FirstOrDefault(known => known.Place == ParameterPlace.Route && string.IsNullOrEmpty(arguments[known.Name]?.ToString())) is { } missing)
        {
            throw OperationException.Invalid(missing.Name, "this argument is required.", missing.Description);
        }

        var route = operation.Route;
        var query = new StringBuilder();
        foreach (var (name, value) in arguments)
        {
            var parameter = operation.Parameters.FirstOrDefault(known => known.Name == name);
            if (parameter?.Place == ParameterPlace.Route)
            {
                // Every client of HTTP resolves these away, and another operation would answer.
                if (value?.ToString() is "." or "..")
                {
                    throw OperationException.NotFound($"There is no {name} '{value}'.", parameter.Description);
                }

                route = route.Replace($"{{{name}}}", WebUtility.UrlEncode(value?.ToString() ?? "").Replace("+", "%20", StringComparison.Ordinal), StringComparison.Ordinal);
            }
            else if (parameter?.Place == ParameterPlace.Query)
            {
                foreach (var item in value is JsonArray list ? list : [value?.DeepClone()])
                {
                    query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(item?.ToString() ?? ""));
                }
            }
            else if (parameter is null)
            {
                throw OperationException.Invalid(name, $"{operation.Name} has no such argument.", $"It takes {string.Join(", ", operation.Parameters.Select(known => known.Name))}.");
            }
        }

        return route + query;
    }

    private static string? Text(JsonElement json, string property) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static async Task<Socket> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
