namespace Fleetwright.Platform.Operations;

/// <summary>A class that holds operations; registered by features, read by the catalogue.</summary>
public sealed record OperationSource(Type Type);
