using System.Text.Json.Nodes;

namespace Fleetwright.Platform.Operations;

/// <summary>One operation as the doors see it.</summary>
public sealed class OperationDescriptor
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required string Scope { get; init; }

    public required OperationEffect Effect { get; init; }

    public required OperationRepeat Repeat { get; init; }

    public required string Toolset { get; init; }

    /// <summary>GET, POST, PUT, PATCH or DELETE.</summary>
    public required string HttpMethod { get; init; }

    /// <summary>/api/devices/{device}/zfs</summary>
    public required string Route { get; init; }

    public required IReadOnlyList<OperationParameter> Parameters { get; init; }

    /// <summary>JSON Schema (2020-12) of the arguments as one object.</summary>
    public required JsonObject InputSchema { get; init; }

    /// <summary>JSON Schema of the result; always an object.</summary>
    public required JsonObject OutputSchema { get; init; }

    /// <summary>The result's type, the task taken off.</summary>
    public required Type ResultType { get; init; }

    public bool ReadsOnly => Effect == OperationEffect.Reads;

    // Always set: only OperationReader makes descriptors, and a required member cannot be internal.
    internal OperationMethod Method { get; init; } = null!;
}

/// <summary>Where an argument travels in an HTTP request.</summary>
public enum ParameterPlace
{
    Route,
    Query,
    Body,
}

/// <summary>One argument of an operation.</summary>
public sealed class OperationParameter
{
    /// <summary>camelCase.</summary>
    public required string Name { get; init; }

    public required Type Type { get; init; }

    public required string Description { get; init; }

    public required bool Required { get; init; }

    public required ParameterPlace Place { get; init; }

    /// <summary>JSON Schema of the value.</summary>
    public required JsonObject Schema { get; init; }

    public bool IsList => Type != typeof(string) && Type.IsAssignableTo(typeof(System.Collections.IEnumerable));
}
