using System.Globalization;
using System.Text.RegularExpressions;

namespace Fleetwright.Platform.Devices.Facts;

/// <summary>
/// Reads the output of <see cref="FactsScript"/>. Formats: os-release(5), proc(5), cgroup v1 and v2 control files,
/// sudo -l as sudo 1.8 to 1.9 prints it, and what each tool prints for its version.
/// </summary>
internal static partial class FactsParser
{
    /// <param name="output">What the script printed.</param>
    /// <param name="askedAt">When the device was asked; null leaves the time skew unknown.</param>
    /// <param name="duration">How long it took, as seen from here.</param>
    /// <returns>The facts; null when the output ends before it is known which tools are there.</returns>
    public static DeviceFacts? Parse(ReadOnlySpan<byte> output, DateTimeOffset? askedAt = null, TimeSpan duration = default)
    {
        var found = FactsText.Read(output);
        var user = found.Lines("user");
        if (!found.FoundTools || user.Count < 2)
        {
            return null;
        }

        var virtualization = VirtualizationReader.Read(found);
        var inContainer = VirtualizationReader.IsContainer(virtualization);
        var adapter = DeviceAdapters.Recognise(found, virtualization);
        var os = adapter.Os(found);
        var uname = found.Lines("uname");
        var (socket, writable) = DockerSocket(found);
        return new DeviceFacts
        {
            Type = adapter.Type,
            Hostname = uname.Count == 3 ? uname[0] : null,
            OsId = os.Id,
            OsName = os.Name,
            OsVersion = os.Version,
            KernelVersion = uname.Count == 3 ? uname[1] : null,
            Architecture = uname.Count == 3 ? uname[2] : null,
            CpuModel = found.Lines("cpu").Select(AfterColon).FirstOrDefault(model => model is not null and not "-"),
            CpuCount = LimitsReader.CpuCount(found),
            MemoryBytes = LimitsReader.MemoryBytes(found),
            Virtualization = virtualization,
            BootTime = BootTime(found, inContainer),
            TimeSkewSeconds = Skew(found, askedAt, duration),
            MachineId = adapter.Identity(found, inContainer),
            Privileges = PrivilegesReader.Read(found, user),
            Tools = Tools(found),
            DockerSocketPath = socket,
            DockerSocketWritable = writable,
        };
    }

    private static string? AfterColon(string line)
    {
        var value = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        return value.Length == 0 ? null : Spaces().Replace(value, " ");
    }

    // In a container /proc/stat may tell the host's boot, and lxcfs makes /proc/uptime the container's own.
    private static DateTimeOffset? BootTime(FactsText found, bool inContainer)
    {
        var clock = Clock(found.First("clock"))?.Seconds;
        var uptime = FactsText.Number(found.First("uptime")?.Split(' ')[0]);
        var computed = clock - uptime;
        var told = FactsText.Number(found.First("btime"));
        var seconds = inContainer ? computed ?? told : told ?? computed;
        return seconds is > 0 and < 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds((long)seconds.Value) : null;
    }

    /// <summary>Both clocks at the middle of the run: the device's between its two readings, ours between question and answer.</summary>
    private static double? Skew(FactsText found, DateTimeOffset? askedAt, TimeSpan duration)
    {
        if (askedAt is not { } asked || Clock(found.First("clock")) is not { } start)
        {
            return null;
        }

        var end = Clock(found.First("clockend")) ?? start;
        var ours = (asked - DateTimeOffset.UnixEpoch).TotalSeconds;
        if (start.Whole)
        {
            // A clock of whole seconds is up to one second behind itself; no skew is the simplest account of a small one.
            var low = start.Seconds - (ours + duration.TotalSeconds);
            var high = start.Seconds + 1 - ours;
            return low <= 0 && high >= 0 ? 0 : Math.Round((low + high) / 2, 0);
        }

        return Math.Round(((start.Seconds + end.Seconds) / 2) - (ours + (duration.TotalSeconds / 2)), 3);
    }

    // GNU: 1700000000.123456789. busybox: 1700000000.%N or 1700000000. with nothing after it.
    private static (double Seconds, bool Whole)? Clock(string? text)
    {
        var parts = text?.Split('.');
        if (FactsText.Number(parts?[0]) is not ({ } seconds and > 0 and < 253_402_300_799))
        {
            return null;
        }

        return parts!.Length == 2 && parts[1].Length is > 0 and <= 9 && parts[1].All(char.IsAsciiDigit)
            ? (seconds + double.Parse("0." + parts[1], CultureInfo.InvariantCulture), false)
            : (seconds, true);
    }

    private static (string? Path, bool Writable) DockerSocket(FactsText found)
    {
        var sockets = found.Lines("sockets")
            .Select(line => line.Split(' ', 2))
            .Where(parts => parts.Length == 2 && parts[1].StartsWith('/') && parts[1].Length <= 107)
            .Select(parts => (Path: parts[1], Writable: parts[0] == "open"))
            .ToList();
        return sockets.FirstOrDefault(socket => socket.Writable) is { Path: not null } open ? open : sockets.FirstOrDefault();
    }

    private static Dictionary<string, DeviceTool> Tools(FactsText found)
    {
        var tools = new Dictionary<string, DeviceTool>(StringComparer.Ordinal);
        foreach (var line in found.Lines("tools"))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var name = space > 0 ? line[..space] : "";
            var path = line[(space + 1)..];
            if (ToolName().IsMatch(name) && (path == name || ToolPath().IsMatch(path)))
            {
                tools.TryAdd(name, new DeviceTool { Path = path, Version = Version(name, found.Lines("version " + name)) });
            }
        }

        return tools;
    }

    // The line that names the tool goes before one with any version in it, since tools also warn.
    private static string? Version(string tool, IReadOnlyList<string> lines)
    {
        if (tool is "systemctl" or "journalctl")
        {
            return lines.Select(line => SystemdVersion().Match(line)).FirstOrDefault(match => match.Success)?.Groups["v"].Value;
        }

        var ordered = lines.Where(line => line.Contains(tool, StringComparison.OrdinalIgnoreCase)).Concat(lines);
        return ordered.Select(line => VersionNumber().Match(line)).FirstOrDefault(match => match.Success)?.Groups["v"].Value;
    }

    [GeneratedRegex(@"(?<![\w./:])v?(?<v>\d{1,6}(\.\d{1,6}){1,3}([-+~][0-9A-Za-z.+~-]{1,40})?)(?![\w:/])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionNumber();

    [GeneratedRegex(@"^systemd (?<v>\d{2,4})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SystemdVersion();

    [GeneratedRegex(@"^/[A-Za-z0-9._+/@-]{1,200}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ToolPath();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{0,40}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ToolName();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();
}
