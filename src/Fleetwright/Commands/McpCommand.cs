using Fleetwright.Platform.Operations.Mcp;

namespace Fleetwright.Commands;

/// <summary>fleetwright mcp: the MCP door over standard input and output, with a server running or not.</summary>
internal sealed class McpCommand : DataCommand
{
    public McpCommand(FeatureList features)
        : base(features, "mcp", "Serve MCP over standard input and output, for an AI agent that starts programs.")
    {
        Options.Add(Data);
        SetAction((parsed, cancellationToken) => WithToolsAsync(
            parsed,
            async tools =>
            {
                await McpStdio.RunAsync(await tools.ServicesAsync(cancellationToken), cancellationToken);
                return ExitCodes.Done;
            },
            cancellationToken));
    }
}
