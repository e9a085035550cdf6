using System.Collections.Concurrent;
using Fleetwright.Platform.Connections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Tests.Connections.Docker;

/// <summary>
/// Stands in for engines that cannot be had here: old ones, new ones, Podman, and broken ones. Answers on a real Unix
/// socket, reached by a real local connection. Paths are matched without their version.
/// </summary>
internal sealed class EngineDouble : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fw-en-").FullName;
    private readonly WebApplication _server;
    private readonly ConnectionFactory _factory;

    private EngineDouble()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.ListenUnixSocket(SocketPath));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        _factory = new ConnectionFactory(
            Options.Create(new ConnectionOptions { RunDirectory = Path.Combine(_folder, "run"), KnownHostsFile = Path.Combine(_folder, "known_hosts") }),
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        Connection = _factory.Create("double", DeviceAddress.Local);
    }

    public string SocketPath => Path.Combine(_folder, "engine.sock");

    public IConnection Connection { get; }

    /// <summary>Path without version and query → answer.</summary>
    public ConcurrentDictionary<string, Func<HttpContext, Task>> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Every path that was asked, with its version.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<EngineDouble> StartAsync(string? apiVersion = "1.41")
    {
        var engine = new EngineDouble();
        engine.Answers["/_ping"] = context =>
        {
            if (apiVersion is not null)
            {
                context.Response.Headers["Api-Version"] = apiVersion;
            }

            return context.Response.WriteAsync("OK");
        };
        await engine._server.StartAsync();
        return engine;
    }

    public void Answer(string path, string body, int status = 200) => Answers[path] = context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    };

    public int CountOf(string end) => Asked.Count(path => path.EndsWith(end, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _factory.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Asked.Enqueue(path);
        var plain = path.StartsWith("/v1.", StringComparison.Ordinal) ? path[path.IndexOf('/', 1)..] : path;
        if (Answers.TryGetValue(plain, out var answer))
        {
            return answer(context);
        }

        context.Response.StatusCode = 404;
        return context.Response.WriteAsync("""{"message":"page not found"}""");
    }
}
