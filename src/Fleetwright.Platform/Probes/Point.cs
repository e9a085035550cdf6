namespace Fleetwright.Platform.Probes;

/// <summary>
/// One number at one time, under an OpenTelemetry semantic-convention name (system.cpu.utilization) with labels
/// (cpu.mode=user). The device and the time are added by the runner. NaN and infinities are dropped: unknown is not a number.
/// </summary>
public readonly record struct Point(string Name, double Value, params IReadOnlyList<KeyValuePair<string, string>> Labels);
