using System.Runtime.CompilerServices;
using System.Text;

namespace Fleetwright.Tests.Features.Systems;

/// <summary>
/// Outputs of the metrics script. vm-* were recorded by running it twice, a second apart, on a Debian 12 virtual machine with
/// two processors: with bash, with dash, and with busybox 1.35 alone (its ash, grep and stat). The others are written by hand
/// to the documentation of what they stand for.
/// </summary>
internal static class Recorded
{
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder(), name + ".txt"));

    public static string Text(string name) => Encoding.UTF8.GetString(Bytes(name));

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "recorded");
}
