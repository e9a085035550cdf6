using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fleetwright.Platform.Operations;

/// <summary>Carries out operations: in this process, or in a running server on the same data folder.</summary>
public interface IOperationInvoker
{
    /// <summary>Calls an operation as <paramref name="context"/>'s caller.</summary>
    /// <exception cref="OperationException">It did not do what was asked.</exception>
    Task<OperationResult> InvokeAsync(
        OperationDescriptor operation, JsonObject arguments, OperationContext context, CancellationToken cancellationToken);
}

/// <summary>What an operation returned, as an object of this process or as JSON of another.</summary>
public sealed class OperationResult
{
    private readonly object? _value;
    private readonly Type? _type;
    private JsonElement? _json;

    public OperationResult(object value, Type type) => (_value, _type) = (value, type);

    public OperationResult(JsonElement json) => _json = json;

    public JsonElement Json => _json ??= JsonSerializer.SerializeToElement(_value, _type!, Platform.Json.Options);

    /// <summary>Writes the JSON without building it in memory first.</summary>
    public Task WriteAsync(Stream stream, CancellationToken cancellationToken) => _type is null
        ? JsonSerializer.SerializeAsync(stream, Json, Platform.Json.Options, cancellationToken)
        : JsonSerializer.SerializeAsync(stream, _value, _type, Platform.Json.Options, cancellationToken);
}
