using System.Diagnostics;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Operations;

/// <summary>
/// The one place that every call of every door passes: may the caller, not too often, bind, call, time, audit, and one
/// shape for whatever goes wrong.
/// </summary>
internal sealed partial class OperationInvoker(
    IServiceProvider services, IOperationGuard guard, TimeProvider timeProvider, ILogger<OperationInvoker> logger) : IOperationInvoker
{
    public async Task<OperationResult> InvokeAsync(
        OperationDescriptor operation, JsonObject arguments, OperationContext context, CancellationToken cancellationToken)
    {
        ArgumentText.RequireUnicode(arguments);
        var started = timeProvider.GetTimestamp();
        var outcome = "ok";
        try
        {
            guard.Admit(operation, context.Caller);
            var bound = operation.Method.Bind(operation, arguments);
            OperationContext.Current = context;
            var target = services.GetRequiredService(operation.Method.Info.DeclaringType!);
            var value = await operation.Method.InvokeAsync(target, bound, cancellationToken);
            return new OperationResult(value!, operation.ResultType);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = "cancelled";
            throw;
        }
        catch (Exception exception)
        {
            var failure = Shape(operation, exception);
            outcome = Code(failure.Error);
            if (failure != exception)
            {
                throw failure;
            }

            throw;
        }
        finally
        {
            var duration = timeProvider.GetElapsedTime(started);
            OperationMetrics.Duration.Record(
                duration.TotalSeconds,
                new TagList { { "operation", operation.Name }, { "door", context.Door }, { "outcome", outcome } });
            await guard.RecordAsync(operation, context, arguments, outcome, duration);
        }
    }

    /// <summary>camelCase name of an error, as callers see it.</summary>
    internal static string Code(OperationError error) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(error.ToString());

    private OperationException Shape(OperationDescriptor operation, Exception exception)
    {
        switch (exception)
        {
            case OperationException expected:
                return expected;
            case ConnectionException { Failure: ConnectionFailure.SocketNotPermitted } connection:
                return new OperationException(OperationError.NotPermittedOnDevice, connection.Message, connection.Advice);
            case ConnectionException connection:
                return new OperationException(OperationError.DeviceAway, connection.Message, connection.Advice);
            case TimeoutException or OperationCanceledException:
                return new OperationException(OperationError.TimedOut, $"{operation.Name} took longer than its limit.", "Try again, or ask for less.");
            default:
                var reference = Guid.NewGuid().ToString("N")[..12];
                LogDefect(exception, operation.Name, reference);
                return new OperationException(
                    OperationError.Internal, $"{operation.Name} failed inside Fleetwright (reference {reference}).", "The server's log holds the cause under this reference.");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Operation {Operation} failed unexpectedly; reference {Reference}")]
    private partial void LogDefect(Exception exception, string operation, string reference);
}

/// <summary>Who may call, how often, and what is written down about it.</summary>
public interface IOperationGuard
{
    /// <exception cref="OperationException">The caller lacks the scope, or calls too often.</exception>
    void Admit(OperationDescriptor operation, Caller caller);

    /// <summary>Audits the call; waits for the record only when the operation changed something.</summary>
    ValueTask RecordAsync(OperationDescriptor operation, OperationContext context, JsonObject arguments, string outcome, TimeSpan duration);
}
