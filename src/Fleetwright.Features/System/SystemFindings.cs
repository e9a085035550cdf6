using System.Globalization;
using Fleetwright.Platform.Health;

namespace Fleetwright.Features.Systems;

/// <summary>Which numbers of a machine are wrong, and how much they matter.</summary>
internal static class SystemFindings
{
    private const double FullWarning = 90;
    private const double FullCritical = 95;
    private const double MemoryWarning = 90;
    private const double MemoryCritical = 97;

    /// <summary>Stalls of memory in the last minute: above it work waits noticeably, whatever the caches hold.</summary>
    private const double PressureWarning = 10;
    private const double PressureCritical = 40;

    private const double CriticalMarginCelsius = 5;
    private const double WarningMarginCelsius = 15;
    private const double ClockWarningSeconds = 5;
    private const double ClockCriticalSeconds = 300; // Kerberos and many tokens stop here

    public static IEnumerable<Finding> Of(string device, SystemMetrics metrics, DateTimeOffset? observedAt) =>
        metrics.FileSystems.SelectMany(OfFileSystem)
            .Concat(OfMemory(metrics))
            .Concat(metrics.Temperatures.Select(OfTemperature).OfType<Finding>())
            .Select(finding => finding with
            {
                Device = device,
                ObservedAt = observedAt,
                Operation = finding.Operation ?? "get_system_metrics",
                Arguments = new Dictionary<string, string>(StringComparer.Ordinal) { ["device"] = device },
            });

    public static Finding? OfClock(string device, double skewSeconds) => Math.Abs(skewSeconds) <= ClockWarningSeconds ? null : new Finding
    {
        Severity = Math.Abs(skewSeconds) >= ClockCriticalSeconds ? FindingSeverity.Critical : FindingSeverity.Warning,
        Kind = "clock_skew",
        Device = device,
        What = $"Its clock is {Text(Math.Abs(skewSeconds))} s {(skewSeconds > 0 ? "ahead" : "behind")}.",
        Evidence = Numbers(("timeSkewSeconds", Math.Round(skewSeconds, 1))),
        Remedy = "Look at its time synchronization: timedatectl, chronyc tracking.",
        Operation = "get_device_info",
        Arguments = new Dictionary<string, string>(StringComparer.Ordinal) { ["device"] = device },
    };

    private static IEnumerable<Finding> OfFileSystem(FileSystemMetrics fileSystem)
    {
        if (fileSystem is { UsedPercent: >= FullWarning and { } used, AvailableBytes: { } available })
        {
            yield return new Finding
            {
                Severity = used >= FullCritical ? FindingSeverity.Critical : FindingSeverity.Warning,
                Kind = "file_system_full",
                Subject = fileSystem.MountPoint,
                What = $"The file system is {Text(used)} % full; {Bytes(available)} are left.",
                Evidence = Numbers(("usedPercent", used), ("availableBytes", available), ("sizeBytes", fileSystem.SizeBytes ?? 0)),
            };
        }

        if (fileSystem is { InodesUsedPercent: >= FullWarning and { } inodes, Inodes: { } total, InodesUsed: { } usedInodes })
        {
            yield return new Finding
            {
                Severity = inodes >= FullCritical ? FindingSeverity.Critical : FindingSeverity.Warning,
                Kind = "file_system_inodes",
                Subject = fileSystem.MountPoint,
                What = $"{Text(inodes)} % of the inodes are used: soon no file can be made there, however much space is left.",
                Evidence = Numbers(("inodesUsedPercent", inodes), ("inodesFree", total - usedInodes)),
            };
        }

        // A disk that fails makes the kernel mount it read-only, where the options say so.
        if (fileSystem.ReadOnly && fileSystem.Options?.Split(',').Contains("errors=remount-ro", StringComparer.Ordinal) == true)
        {
            yield return new Finding
            {
                Severity = FindingSeverity.Critical,
                Kind = "file_system_read_only",
                Subject = fileSystem.MountPoint,
                What = "The file system is read-only, as the kernel makes it after an error.",
            };
        }
    }

    private static IEnumerable<Finding> OfMemory(SystemMetrics metrics)
    {
        var stalled = metrics.Pressure?.Memory?.SomePercent60s;
        if (metrics.Memory is { UsedPercent: >= MemoryWarning } memory)
        {
            yield return new Finding
            {
                Severity = memory.UsedPercent >= MemoryCritical || stalled >= PressureWarning ? FindingSeverity.Critical : FindingSeverity.Warning,
                Kind = "memory_low",
                What = $"{Text(memory.UsedPercent)} % of the memory are in use, caches not counted; {Bytes(memory.AvailableBytes)} are available.",
                Evidence = Numbers(("usedPercent", memory.UsedPercent), ("availableBytes", memory.AvailableBytes), ("memoryPressurePercent60s", stalled)),
                Operation = "list_processes",
            };
        }
        else if (stalled >= PressureWarning)
        {
            yield return new Finding
            {
                Severity = stalled >= PressureCritical ? FindingSeverity.Critical : FindingSeverity.Warning,
                Kind = "memory_pressure",
                What = $"Work waited for memory {Text(stalled.Value)} % of the last minute.",
                Evidence = Numbers(("memoryPressurePercent60s", stalled)),
                Operation = "list_processes",
            };
        }
    }

    private static Finding? OfTemperature(TemperatureMetrics sensor)
    {
        if (sensor.CriticalCelsius is not { } critical || sensor.TemperatureCelsius < critical - WarningMarginCelsius)
        {
            return null;
        }

        return new Finding
        {
            Severity = sensor.TemperatureCelsius >= critical - CriticalMarginCelsius ? FindingSeverity.Critical : FindingSeverity.Warning,
            Kind = "temperature_high",
            Subject = $"{sensor.Chip} {sensor.Label}",
            What = $"{Text(sensor.TemperatureCelsius)} °C, and {Text(critical)} °C is critical.",
            Evidence = Numbers(("temperatureCelsius", sensor.TemperatureCelsius), ("criticalCelsius", critical)),
        };
    }

    private static Dictionary<string, double> Numbers(params (string Name, double? Value)[] numbers) =>
        numbers.Where(static number => number.Value is not null).ToDictionary(static number => number.Name, static number => number.Value!.Value, StringComparer.Ordinal);

    private static string Text(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 40 => $"{Text(bytes / (double)(1L << 40))} TiB",
        >= 1L << 30 => $"{Text(bytes / (double)(1L << 30))} GiB",
        >= 1L << 20 => $"{Text(bytes / (double)(1L << 20))} MiB",
        _ => $"{Text(bytes / 1024.0)} KiB",
    };
}
