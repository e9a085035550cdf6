using System.CommandLine;
using System.Text.Json;
using Fleetwright.Platform;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Commands;

/// <summary>fleetwright parse PROBE [FILE]: the reading that a parser makes of a tool's raw output.</summary>
internal sealed class ParseCommand : Command
{
    private const long MaxInputBytes = 256L * 1024 * 1024;

    public ParseCommand(FeatureList features)
        : base("parse", "Read a tool's raw output (a file, or standard input) and print as JSON what Fleetwright makes of it.")
    {
        var parsers = Parsers(features);
        var probe = new Argument<string>("probe") { Description = string.Join(", ", parsers.Keys.Order(StringComparer.Ordinal)) };
        var file = new Argument<string?>("file") { Description = "The file; standard input when left out, or -.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "JSON is what it prints anyway." };
        Arguments.Add(probe);
        Arguments.Add(file);
        Options.Add(json);
        SetAction((parsed, cancellationToken) => RunAsync(parsers, parsed.GetValue(probe)!, parsed.GetValue(file), cancellationToken));
    }

    private static Dictionary<string, RawParser> Parsers(FeatureList features) => features.AddTo(new ServiceCollection())
        .Where(service => service.ServiceType == typeof(RawParser))
        .Select(service => (RawParser)service.ImplementationInstance!)
        .ToDictionary(parser => parser.Name, StringComparer.Ordinal);

    private static async Task<int> RunAsync(Dictionary<string, RawParser> parsers, string probe, string? file, CancellationToken cancellationToken)
    {
        if (!parsers.TryGetValue(probe, out var parser))
        {
            return Unreadable($"there is no parser '{probe}'; there are {string.Join(", ", parsers.Keys.Order(StringComparer.Ordinal))}");
        }

        try
        {
            var raw = await ReadAsync(file, cancellationToken);
            var reading = parser.Parse(raw);
            Console.Out.WriteLine(JsonSerializer.Serialize(reading, reading.GetType(), Json.Options));
            return ExitCodes.Done;
        }
        catch (UnreadableOutputException exception)
        {
            return Unreadable(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Unreadable($"cannot read {file}: {exception.Message}");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(string? file, CancellationToken cancellationToken)
    {
        await using var input = file is null or "-" ? Console.OpenStandardInput() : File.OpenRead(file);
        using var buffer = new MemoryStream();
        var chunk = new byte[81920];
        int read;
        while ((read = await input.ReadAsync(chunk, cancellationToken)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > MaxInputBytes)
            {
                throw new UnreadableOutputException($"the input is longer than {MaxInputBytes / 1024 / 1024} MB");
            }
        }

        return buffer.ToArray();
    }

    private static int Unreadable(string why)
    {
        Console.Error.WriteLine("error: " + why.ReplaceLineEndings(" "));
        Console.Error.WriteLine("next: give the raw output of the tool, as a file or on standard input; fleetwright parse --help names the parsers.");
        return ExitCodes.WrongUse;
    }
}
