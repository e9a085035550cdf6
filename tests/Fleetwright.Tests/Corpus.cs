namespace Fleetwright.Tests;

/// <summary>
/// Captured output of real tools, kept outside the repository: the folder named by FLEETWRIGHT_CORPUS, or shared/corpus in
/// a folder above. Tests over it skip when it is not there.
/// </summary>
internal static class Corpus
{
    private static readonly string? Root = Find();

    /// <summary>The files of one folder (docker/containers); skips the test when there is no corpus.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern = "*.json")
    {
        Assert.SkipWhen(Root is null, "There is no corpus of captured output: set FLEETWRIGHT_CORPUS to its folder.");
        var files = Directory.GetFiles(Path.Combine(Root!, folder), pattern);
        Assert.NotEmpty(files);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("FLEETWRIGHT_CORPUS") is { Length: > 0 } folder)
        {
            return folder;
        }

        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "shared", "corpus");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
