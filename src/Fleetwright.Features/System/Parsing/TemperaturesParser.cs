namespace Fleetwright.Features.Systems.Parsing;

/// <summary>
/// /sys/class/hwmon/*/temp*_{input,label,crit} and /sys/class/thermal/thermal_zone*/{type,temp}, thousandths of a degree;
/// https://docs.kernel.org/hwmon/sysfs-interface.html.
/// </summary>
internal static class TemperaturesParser
{
    private const int MaxSensors = 64;
    private const string Hwmon = "/sys/class/hwmon/";
    private const string Thermal = "/sys/class/thermal/";

    // A sensor that is not connected reads as the end of its range; nothing that runs is that cold or that hot.
    private const double Coldest = -50;
    private const double Hottest = 150;
    private static readonly double[] Unconnected = [-128, -127, 127, 127.5, 127.75, 128];

    public static IReadOnlyList<TemperatureMetrics> Parse(ScriptOutput output)
    {
        var sensors = new List<TemperatureMetrics>();
        var chips = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in output.Files.Where(static path => path.StartsWith(Hwmon, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            if (!path.EndsWith("_input", StringComparison.Ordinal) || Celsius(output, path) is not { } celsius)
            {
                continue;
            }

            var folder = path[..path.LastIndexOf('/')];
            var sensor = path[(folder.Length + 1)..^"_input".Length];
            var chip = Text(output, folder + "/name") ?? folder[Hwmon.Length..];
            chips.Add(Normalized(chip));
            sensors.Add(new TemperatureMetrics
            {
                Chip = chip,
                Label = Text(output, $"{folder}/{sensor}_label") ?? sensor,
                TemperatureCelsius = celsius,
                CriticalCelsius = Celsius(output, $"{folder}/{sensor}_crit") is { } critical and > 0 ? critical : null,
            });
        }

        foreach (var path in output.Files.Where(static path => path.StartsWith(Thermal, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            // A zone is often the same sensor as a chip: acpitz is both, x86_pkg_temp is coretemp's package.
            if (!path.EndsWith("/temp", StringComparison.Ordinal) || Celsius(output, path) is not { } celsius
                || Text(output, path[..^"temp".Length] + "type") is not { } type || chips.Contains(Normalized(type))
                || (type == "x86_pkg_temp" && chips.Contains("coretemp")))
            {
                continue;
            }

            sensors.Add(new TemperatureMetrics { Chip = type, Label = path.Split('/')[^2], TemperatureCelsius = celsius });
        }

        return Distinct(sensors);
    }

    // Two chips of one name (two NVMe disks, two processors) are told apart by a number.
    private static List<TemperatureMetrics> Distinct(List<TemperatureMetrics> sensors)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var result = new List<TemperatureMetrics>();
        foreach (var sensor in sensors.Take(MaxSensors))
        {
            var key = $"{sensor.Chip}/{sensor.Label}";
            seen[key] = seen.TryGetValue(key, out var count) ? count + 1 : 1;
            result.Add(seen[key] == 1 ? sensor : sensor with { Label = $"{sensor.Label} #{seen[key]}" });
        }

        return result;
    }

    private static double? Celsius(ScriptOutput output, string path)
    {
        if (output.FirstOf(path) is not { } text || Number.SignedLong(text) is not { } thousandths)
        {
            return null;
        }

        var celsius = Math.Round(thousandths / 1000.0, 1);
        return celsius is >= Coldest and <= Hottest && !Unconnected.Contains(celsius) ? celsius : null;
    }

    private static string? Text(ScriptOutput output, string path) =>
        output.FirstOf(path)?.Trim() is { Length: > 0 and <= 64 } text ? text : null;

    private static string Normalized(string name) => name.Replace('-', '_').ToLowerInvariant();
}
