using Fleetwright.Features.Systems.History;
using Fleetwright.Features.Systems.Parsing;
using Fleetwright.Features.Systems.Processes;
using Fleetwright.Platform;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Health;
using Fleetwright.Platform.Probes;
using Microsoft.Extensions.DependencyInjection;

// The folder is System; a namespace of that name would hide .NET's own from every other feature.
namespace Fleetwright.Features.Systems;

/// <summary>CPU, memory, load, pressure, file systems, disks, network and temperatures of a device, and its processes.</summary>
public static class SystemFeature
{
    public static IServiceCollection AddSystem(this IServiceCollection services)
    {
        Json.AddContext(SystemJson.Default);
        services.AddProbe<SystemProbe>();
        services.AddProbe<ProcessesProbe>();
        services.AddOperations<SystemOperations>();
        services.AddOperations<HistoryOperations>();
        services.AddLiveChannel<MetricsChannel>();
        services.AddSingleton<IHealthSource, SystemHealthSource>();
        services.AddRawParser(new RawParser("proc-meminfo", "/proc/meminfo", static raw =>
            MemInfoParser.Memory(MemInfoParser.Parse(Lines(raw)), arc: null)
            ?? throw new UnreadableOutputException("There is no MemTotal and MemFree in it.")));
        services.AddRawParser(new RawParser("system", "the script of the system probe", static raw =>
            SystemMetricsParser.Parse(ScriptOutput.Read(raw.Span), SystemHistory.Empty, virtualization: null)?.Metrics
            ?? throw new UnreadableOutputException("There is neither /proc/meminfo nor /proc/uptime in it.")));
        return services;
    }

    private static string[] Lines(ReadOnlyMemory<byte> raw) => global::System.Text.Encoding.UTF8.GetString(raw.Span).Split('\n');
}
