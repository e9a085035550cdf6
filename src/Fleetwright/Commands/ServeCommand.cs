using System.CommandLine;
using Fleetwright.Hosting;

namespace Fleetwright.Commands;

/// <summary>fleetwright serve: polls the devices and answers at every door until it is stopped.</summary>
internal sealed class ServeCommand : Command
{
    public const string DefaultUrls = "http://127.0.0.1:8470";

    public ServeCommand(FeatureList features)
        : base("serve", "Poll the devices and answer at every door (dashboard, REST, WebSocket, MCP) until stopped.")
    {
        var data = new Option<string?>("--data") { Description = "The data folder. Default: FLEETWRIGHT_DATA, else ~/.local/share/fleetwright." };
        var urls = new Option<string?>("--urls") { Description = $"Where to listen, separated by semicolons. Default: FLEETWRIGHT_URLS, else {DefaultUrls}." };
        Options.Add(data);
        Options.Add(urls);
        SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                await using var server = await Server.StartAsync(
                    features,
                    parsed.GetValue(data),
                    parsed.GetValue(urls) ?? Environment.GetEnvironmentVariable("FLEETWRIGHT_URLS") ?? DefaultUrls,
                    cancellationToken);
                await server.WaitAsync(cancellationToken);
                return ExitCodes.Done;
            }
            catch (StartException exception)
            {
                return Failures.Print(exception);
            }
        });
    }
}
