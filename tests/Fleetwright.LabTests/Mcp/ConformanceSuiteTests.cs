using System.Globalization;
using System.Text.RegularExpressions;
using Fleetwright.LabTests.Mcp.ConformanceHost;

namespace Fleetwright.LabTests.Mcp;

/// <summary>The official conformance suite against the product's own endpoint, for each era's frozen set of required scenarios.</summary>
public sealed partial class ConformanceSuiteTests(ITestOutputHelper output)
{
    private const string Suite = "node_modules/@modelcontextprotocol/conformance/dist/index.js";

    [Theory]
    [InlineData("2025-11-25", 30)]
    [InlineData("2026-07-28", 37)]
    public async Task Suite_RequiredServerScenarios_AllPass(string revision, int required)
    {
        await using var app = await ConformanceApp.StartAsync();

        var result = await NodeClients.RunAsync(
            TimeSpan.FromMinutes(5), Suite, "server", "--url", app.Url.ToString(), "--requirements", revision);

        // Beside the required scenarios the suite runs some that it does not score; it lists those at the end, each with
        // the reason. Extensions (tasks) are not served here; whatever else it runs must pass as well.
        var unscored = UnscoredLine().Matches(result.Output).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["reason"].Value);
        var scenarios = ScenarioLine().Matches(result.Output).Select(match => new
        {
            Name = match.Groups["name"].Value,
            Passed = int.Parse(match.Groups["passed"].Value, CultureInfo.InvariantCulture),
            Failed = int.Parse(match.Groups["failed"].Value, CultureInfo.InvariantCulture),
        }).ToList();
        var scored = scenarios.Where(scenario => !unscored.ContainsKey(scenario.Name)).ToList();
        output.WriteLine($"{revision}: {scored.Count(s => s.Failed == 0)} of {scored.Count} required scenarios pass "
            + $"({scored.Sum(s => s.Passed)} checks), {scenarios.Count - scored.Count} not scored.");

        var failing = scenarios.Where(s => s.Failed > 0 && unscored.GetValueOrDefault(s.Name) != "extension").Select(s => s.Name);
        Assert.True(result.ExitCode == 0 && !failing.Any(), $"Failing: {string.Join(", ", failing)}\n{result}");
        Assert.Equal(required, scored.Count);
    }

    [GeneratedRegex(@"^\s*[✓✗] (?<name>\S+): (?<passed>\d+) passed, (?<failed>\d+) failed", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScenarioLine();

    [GeneratedRegex(@"^\s*[✓✗] (?<name>\S+) \((?<reason>\S+)\)\s*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnscoredLine();
}
