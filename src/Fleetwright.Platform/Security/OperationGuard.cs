using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Security;

/// <summary>Scope, rate and audit of every call, whatever its door.</summary>
internal sealed class OperationGuard(
    OperationRateLimiter limiter, AuditLog audit, IOptions<SecurityOptions> options, TimeProvider time) : IOperationGuard
{
    public void Admit(OperationDescriptor operation, Caller caller)
    {
        if (!caller.May(operation.Scope))
        {
            var held = caller.Scopes.Count == 0 ? "nothing" : string.Join(", ", caller.Scopes);
            throw new OperationException(
                OperationError.Forbidden,
                $"{operation.Name} needs the scope {operation.Scope}; this key holds {held}.",
                $"Use a key with that scope; `fleetwright keys create NAME --scope {operation.Scope}` makes one.");
        }

        if (!limiter.TryAcquire(caller, operation.Name, operation.Scope, out var retryAfter))
        {
            throw new OperationException(
                OperationError.RateLimited,
                $"{operation.Name} was called too often.",
                $"Wait {Math.Ceiling(retryAfter.TotalSeconds)} s, then call less often.")
            {
                RetryAfter = retryAfter,
            };
        }
    }

    public ValueTask RecordAsync(
        OperationDescriptor operation, OperationContext context, JsonObject arguments, string outcome, TimeSpan duration)
    {
        var refused = outcome is "forbidden" or "rateLimited";
        if (operation.ReadsOnly && !refused && !options.Value.AuditReads)
        {
            return ValueTask.CompletedTask;
        }

        var entry = new AuditEntry
        {
            At = time.GetUtcNow(),
            Caller = context.Caller.Name,
            Door = context.Door,
            Operation = operation.Name,
            Device = DeviceOf(arguments),
            Arguments = arguments.Count == 0 ? null : SecretRedaction.ArgumentsJson(arguments),
            Outcome = outcome,
            Duration = duration,
        };

        // A caller that is refused over and over must not make the server wait for the disk over and over.
        return audit.AppendAsync(entry, wait: !operation.ReadsOnly && !refused);
    }

    private static string? DeviceOf(JsonObject arguments) =>
        arguments["device"] is JsonValue value && value.TryGetValue<string>(out var device)
            ? device.Length > 100 ? device[..100] : device
            : null;
}
