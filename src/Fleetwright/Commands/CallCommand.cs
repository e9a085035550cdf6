using System.CommandLine;
using System.CommandLine.Help;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Commands;

/// <summary>fleetwright call OPERATION [--ARG VALUE …]: any operation of the catalogue.</summary>
internal sealed class CallCommand : DataCommand
{
    public CallCommand(FeatureList features)
        : base(features, "call", "Call an operation: fleetwright call get_system_metrics --device nas. Without a name: list them.")
    {
        var name = new Argument<string?>("operation") { Description = "The operation's name.", Arity = ArgumentArity.ZeroOrOne };
        // In place of the root's own, which knows nothing of operations.
        var help = new Option<bool>("--help", "-h", "-?") { Description = "Show what an operation takes." };
        Arguments.Add(name);
        Options.Add(help);
        Options.Add(Data);
        Options.Add(AsJson);
        TreatUnmatchedTokensAsErrors = false;
        SetAction((parsed, cancellationToken) => parsed.GetValue(help) && parsed.GetValue(name) is null ? Task.FromResult(new HelpAction().Invoke(parsed)) : WithToolsAsync(
            parsed,
            async tools =>
            {
                if (parsed.GetValue(name) is not { } wanted)
                {
                    return Print(parsed, List(tools.Catalogue));
                }

                var operation = tools.Catalogue.Get(wanted);
                if (parsed.GetValue(help))
                {
                    Console.Out.WriteLine(CommandLineArguments.Usage(operation));
                    return ExitCodes.Done;
                }

                var arguments = CommandLineArguments.Read(operation, parsed.UnmatchedTokens);
                return Print(parsed, (await tools.CallAsync(operation.Name, arguments, cancellationToken)).Json);
            },
            cancellationToken));
    }

    private static JsonElement List(OperationCatalogue catalogue) => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["operations"] = new JsonArray([.. catalogue.Operations.Select(operation => new JsonObject
        {
            ["name"] = operation.Name,
            ["scope"] = operation.Scope,
            ["arguments"] = string.Join(' ', operation.Parameters.Select(parameter => parameter.Required ? parameter.Name : $"[{parameter.Name}]")),
            ["description"] = operation.Description,
        })]),
    });
}
