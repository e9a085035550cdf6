using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Hosting;
using Fleetwright.Platform;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Commands;

/// <summary>A command that works on a data folder, with a server running there or not.</summary>
internal abstract class DataCommand : Command
{
    private static readonly JsonSerializerOptions Indented = new(Json.Options) { WriteIndented = true };

    private readonly FeatureList _features;

    protected DataCommand(FeatureList features, string name, string description)
        : base(name, description) => _features = features;

    /// <summary>--data DIR</summary>
    protected Option<string?> Data { get; } = new("--data") { Description = "The data folder. Default: FLEETWRIGHT_DATA, else ~/.local/share/fleetwright.", Recursive = true };

    /// <summary>--json</summary>
    protected Option<bool> AsJson { get; } = new("--json") { Description = "Print JSON, for programs.", Recursive = true };

    /// <summary>Runs one operation and prints its result; turns every failure into two lines and an exit code.</summary>
    protected Task<int> CallAsync(ParseResult parsed, string operation, JsonObject arguments, CancellationToken cancellationToken) =>
        WithToolsAsync(parsed, async tools => Print(parsed, (await tools.CallAsync(operation, arguments, cancellationToken)).Json), cancellationToken);

    protected async Task<int> WithToolsAsync(ParseResult parsed, Func<Toolbox, Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var tools = await Toolbox.OpenAsync(_features, parsed.GetValue(Data), cancellationToken);
            return await work(tools);
        }
        catch (Exception exception) when (exception is OperationException or StartException or OperationCanceledException)
        {
            return Failures.Print(exception);
        }
    }

    protected int Print(ParseResult parsed, JsonElement json)
    {
        Console.Out.WriteLine(parsed.GetValue(AsJson) ? JsonSerializer.Serialize(json, Indented) : CompactText.Of(json, aligned: true));
        return ExitCodes.Done;
    }
}
