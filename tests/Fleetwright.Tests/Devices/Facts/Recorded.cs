using System.Runtime.CompilerServices;
using System.Text;

namespace Fleetwright.Tests.Devices.Facts;

/// <summary>
/// Outputs of the facts script. debian-* were recorded by running it (root with bash, nobody with dash, root with Debian's
/// busybox 1.35 ash); the others are written by hand to the documentation of what they stand for.
/// </summary>
internal static class Recorded
{
    public static readonly string[] All = [.. Directory.GetFiles(Folder()).Select(file => Path.GetFileNameWithoutExtension(file))];

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder(), name + ".txt"));

    public static byte[] Changed(string name, string from, string to)
    {
        var text = Encoding.UTF8.GetString(Bytes(name));
        Assert.Contains(from, text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "recorded");
}
