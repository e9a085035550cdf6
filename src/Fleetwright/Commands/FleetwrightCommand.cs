using System.CommandLine;

namespace Fleetwright.Commands;

/// <summary>The root of the command line.</summary>
internal sealed class FleetwrightCommand
{
    private readonly RootCommand _root;

    public FleetwrightCommand(IEnumerable<Command> commands)
    {
        _root = new RootCommand("Fleetwright watches and mends a fleet of self-hosted Linux machines.");
        foreach (var command in commands)
        {
            _root.Subcommands.Add(command);
        }
    }

    /// <summary>0 done, 1 failed, 2 wrong use or unreadable input; see <see cref="ExitCodes"/>.</summary>
    public async Task<int> RunAsync(string[] args)
    {
        var parsed = _root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // To a mistyped command the parser also says that there is none.
            var misspelt = parsed.UnmatchedTokens.Count > 0;
            foreach (var error in parsed.Errors.Skip(misspelt && parsed.Errors.Count > 1 ? 1 : 0))
            {
                await Console.Error.WriteLineAsync($"error: {error.Message}");
            }

            await Console.Error.WriteLineAsync($"next: fleetwright {string.Join(' ', Path(parsed.CommandResult))}--help tells the usage.");
            return ExitCodes.WrongUse;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static IEnumerable<string> Path(System.CommandLine.Parsing.CommandResult result)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = result; at is System.CommandLine.Parsing.CommandResult command; at = at.Parent)
        {
            if (command.Command is not RootCommand)
            {
                names.Push(command.Command.Name);
            }
        }

        return [.. names, ""];
    }
}
