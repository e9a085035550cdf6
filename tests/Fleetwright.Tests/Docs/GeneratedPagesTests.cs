namespace Fleetwright.Tests.Docs;

/// <summary>
/// The pages of docs/ that repeat what the code says are equal to what it says. After a change on purpose:
/// <c>UPDATE_SNAPSHOTS=1 dotnet test tests/Fleetwright.Tests --filter GeneratedPagesTests</c>.
/// </summary>
public sealed class GeneratedPagesTests
{
    [Fact]
    public Task OperationsPage_Catalogue_IsTheCommittedPage() => HoldAsync("operations.md", OperationsPage.Write());

    [Fact]
    public Task ConfigurationPage_Options_IsTheCommittedPage() => HoldAsync("configuration.md", ConfigurationPage.Write());

    private static async Task HoldAsync(string page, string now)
    {
        var file = Path.Combine(Folder(), page);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(file, now);
        }

        var committed = File.Exists(file) ? await File.ReadAllTextAsync(file) : "";

        Assert.Equal(committed, now);
    }

    // From tests/Fleetwright.Tests/Docs to docs.
    private static string Folder([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs")); // A source file has a folder.
}
