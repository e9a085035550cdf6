namespace Fleetwright.Platform.Devices;

/// <summary>What came of connecting to a device at this moment.</summary>
public sealed record DeviceTest
{
    /// <summary>The device's name.</summary>
    public required string Device { get; init; }

    /// <summary>Where it was looked for: USER@HOST:PORT, or local.</summary>
    public required string Address { get; init; }

    /// <summary>Whether it answered and let us in.</summary>
    public required bool Reached { get; init; }

    /// <summary>How long it took from nothing to the first answer.</summary>
    public double? ConnectMilliseconds { get; init; }

    /// <summary>Why it was not reached, or not understood.</summary>
    public string? Problem { get; init; }

    /// <summary>What to do about the problem.</summary>
    public string? NextStep { get; init; }

    /// <summary>What works there, what is missing, and the command that would permit it; run it on the device.</summary>
    public IReadOnlyList<DeviceCheck> Checks { get; init; } = [];

    /// <summary>What it was found to be.</summary>
    public DeviceFacts? Facts { get; init; }
}

/// <summary>How one thing that Fleetwright could do on a device stands.</summary>
public enum CheckOutcome
{
    Ok,

    /// <summary>Not there, and not needed unless it is wanted.</summary>
    Absent,

    /// <summary>Not there, although this kind of machine should have it.</summary>
    Missing,

    /// <summary>There, and this user may not use it.</summary>
    NotPermitted,

    /// <summary>Works, with something to be looked at.</summary>
    Warning,
    Unknown,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">containers, drives, logs, virtualMachines, root, clock.</param>
/// <param name="Outcome">How it stands.</param>
/// <param name="Detail">One sentence.</param>
/// <param name="Remedy">The command to run on the device; null when there is nothing to do or no command does it.</param>
public sealed record DeviceCheck(string Name, CheckOutcome Outcome, string Detail, string? Remedy = null);
