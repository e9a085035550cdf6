using System.Text.RegularExpressions;

namespace Fleetwright.Tests.Docs;

/// <summary>What the pages link to in this repository is there.</summary>
public sealed partial class LinksTests
{
    [Fact]
    public void Pages_LinksToFiles_AreThere()
    {
        var root = Root();
        string[] pages =
        [
            .. Directory.GetFiles(root, "*.md"), .. Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories),
            .. Directory.GetFiles(Path.Combine(root, "lab"), "*.md"),
        ];

        var links = pages.SelectMany(page => Link().Matches(File.ReadAllText(page)).Select(match => (Page: page, Target: match.Groups["target"].Value)))
            .Where(link => !link.Target.Contains("://", StringComparison.Ordinal)).ToList();

        Assert.Contains(links, link => link.Target.EndsWith("operations.md", StringComparison.Ordinal));
        Assert.DoesNotContain(links, link => !Path.Exists(Path.Combine(Path.GetDirectoryName(link.Page)!, link.Target))); // A page lies in a folder.
    }

    private static string Root([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..")); // A source file has a folder.

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(?:#[^)\s]*)?\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
