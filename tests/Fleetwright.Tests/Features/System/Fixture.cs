using System.Runtime.CompilerServices;
using System.Text;

namespace Fleetwright.Tests.Features.Systems;

/// <summary>Outputs that were recorded with the script itself, and what others recorded where that is at hand.</summary>
internal static class Fixture
{
    /// <summary>Recorded on a Debian 12 virtual machine with 2 processors.</summary>
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder(), "Fixtures", name));

    public static string Text(string name) => Encoding.UTF8.GetString(Bytes(name));

    /// <summary>A recorded output of a real machine; skips the test where the recordings are not at hand.</summary>
    public static string Recorded(string path)
    {
        var root = Environment.GetEnvironmentVariable("FLEETWRIGHT_CORPUS") ?? "/work/shared/corpus";
        var file = Path.Combine(root, "host", path);
        Assert.SkipUnless(File.Exists(file), $"The recorded outputs are not at hand: {file} is missing.");
        return File.ReadAllText(file);
    }

    public static string[] RecordedLines(string path) => Recorded(path).Split('\n');

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
