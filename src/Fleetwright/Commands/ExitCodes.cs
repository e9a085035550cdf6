using Fleetwright.Platform.Operations;

namespace Fleetwright.Commands;

/// <summary>What the program's exit code means to a script.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>It was tried and failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong use, a wrong argument, or input that cannot be read.</summary>
    public const int WrongUse = 2;

    /// <summary>No such device, container, key, …</summary>
    public const int NotFound = 3;

    /// <summary>The device does not answer, or took too long.</summary>
    public const int DeviceAway = 4;

    /// <summary>The caller, or the user on the device, may not do this.</summary>
    public const int NotPermitted = 5;

    /// <summary>Ended by Ctrl+C or SIGTERM.</summary>
    public const int Interrupted = 130;

    public static int Of(OperationError error) => error switch
    {
        OperationError.Invalid or OperationError.Conflict => WrongUse,
        OperationError.NotFound => NotFound,
        OperationError.DeviceAway or OperationError.TimedOut => DeviceAway,
        OperationError.Unauthenticated or OperationError.Forbidden or OperationError.NotPermittedOnDevice => NotPermitted,
        _ => Failed,
    };
}
