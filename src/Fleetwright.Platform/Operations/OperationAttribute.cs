namespace Fleetwright.Platform.Operations;

/// <summary>
/// Makes a public method an operation, served by every door. Its doc comment is what people and models read; parameters
/// are strings, numbers, booleans, enums, <see cref="DateTimeOffset"/>, <see cref="PointInTime"/> and arrays of strings (route or query, MCP
/// arguments, command-line options), and at most one record (the request body; its properties are arguments of their own
/// for MCP and the command line). The last parameter is a cancellation token.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OperationAttribute(string name, string route) : Attribute
{
    /// <summary>snake_case; the MCP tool's name and the command line's.</summary>
    public string Name { get; } = name;

    /// <summary>HTTP method and route: "GET /api/devices/{device}/zfs".</summary>
    public string Route { get; } = route;

    /// <summary>What a caller's key must hold: one of <see cref="Scopes"/>. GET defaults to read; anything else must say.</summary>
    public string? Scope { get; set; }

    /// <summary>What it does to the world. GET defaults to reads; anything else must say.</summary>
    public OperationEffect Effect { get; set; }

    /// <summary>Whether doing it twice is the same as doing it once. GET defaults to safe; anything else must say.</summary>
    public OperationRepeat Repeat { get; set; }

    /// <summary>The group that an operator or a client can choose: core, storage, logs, network, files, maintenance.</summary>
    public string Toolset { get; set; } = "core";

    /// <summary>A few words for people: "Container logs". Made of the name when absent.</summary>
    public string? Title { get; set; }
}

/// <summary>What an operation does to the world; MCP's readOnlyHint and destructiveHint.</summary>
public enum OperationEffect
{
    Undeclared,
    Reads,

    /// <summary>Adds something and takes nothing away.</summary>
    Adds,

    /// <summary>Changes what is there; can be changed back.</summary>
    Changes,

    /// <summary>Takes something away that does not come back by itself.</summary>
    Destroys,
}

/// <summary>MCP's idempotentHint.</summary>
public enum OperationRepeat
{
    Undeclared,
    Safe,
    Unsafe,
}

/// <summary>What a key may do; each scope includes the ones before it.</summary>
public static class Scopes
{
    public const string Read = "read";
    public const string Operate = "operate";
    public const string Admin = "admin";

    public static readonly IReadOnlyList<string> All = [Read, Operate, Admin];
}
