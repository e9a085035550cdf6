namespace Fleetwright.Platform.Operations;

/// <summary>Why an operation did not do what was asked; each has an HTTP status and an exit code.</summary>
public enum OperationError
{
    /// <summary>An argument is wrong; 400.</summary>
    Invalid,

    /// <summary>401.</summary>
    Unauthenticated,

    /// <summary>The caller's key lacks the scope; 403.</summary>
    Forbidden,

    /// <summary>No such device, container, …; 404.</summary>
    NotFound,

    /// <summary>It is there already, or changed meanwhile; 409.</summary>
    Conflict,

    /// <summary>429.</summary>
    RateLimited,

    /// <summary>The device does not answer, and no stored reading can stand in; 503.</summary>
    DeviceAway,

    /// <summary>The user on the device may not do this; the next step is the command that permits it; 502.</summary>
    NotPermittedOnDevice,

    /// <summary>The device answered with an error or with nonsense; 502.</summary>
    DeviceFailed,

    /// <summary>It took longer than its limit; 504.</summary>
    TimedOut,

    /// <summary>A defect of Fleetwright; 500.</summary>
    Internal,
}

/// <summary>
/// An expected failure of an operation, shown to the caller through every door in the same words: what is wrong, and what
/// to do next. Neither text may hold a secret or a path of the server.
/// </summary>
public sealed class OperationException(OperationError error, string message, string nextStep) : Exception(message)
{
    public OperationError Error { get; } = error;

    public string NextStep { get; } = nextStep;

    /// <summary>For <see cref="OperationError.RateLimited"/>: how long to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static OperationException Invalid(string argument, string message, string nextStep) =>
        new(OperationError.Invalid, $"{argument}: {message}", nextStep);

    public static OperationException NotFound(string message, string nextStep) =>
        new(OperationError.NotFound, message, nextStep);
}
