using Fleetwright.LabTests.Lab;

namespace Fleetwright.LabTests.Mcp;

/// <summary>The official inspector without its window.</summary>
internal static class Inspector
{
    private const string Launcher = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js";

    public static Task<LabResult> RunAsync(Uri url, string token, params string[] arguments)
    {
        string[] authorization = token.Length == 0 ? [] : ["--header", $"Authorization: Bearer {token}"];
        return NodeClients.RunAsync(
            TimeSpan.FromSeconds(60), Launcher, ["--cli", url.ToString(), "--transport", "http", .. authorization, .. arguments]);
    }
}
