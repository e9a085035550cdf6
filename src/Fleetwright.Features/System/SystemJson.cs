using System.Text.Json.Serialization;
using Fleetwright.Features.Systems.Processes;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Systems;

/// <summary>Metrics are written at each poll and each call, so without reflection.</summary>
[JsonSerializable(typeof(SystemMetrics))]
[JsonSerializable(typeof(Observation<SystemMetrics>))]
[JsonSerializable(typeof(ProcessList))]
[JsonSerializable(typeof(Observation<ProcessList>))]
internal sealed partial class SystemJson : JsonSerializerContext;
