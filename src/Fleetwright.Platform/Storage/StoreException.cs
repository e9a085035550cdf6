namespace Fleetwright.Platform.Storage;

/// <summary>
/// The store cannot be opened, or did not take a write. The message and the next step are for the operator; files are
/// named relative to the data folder.
/// </summary>
public sealed class StoreException(string message, string nextStep, Exception? cause = null)
    : Exception(message, cause)
{
    /// <summary>What to do about it.</summary>
    public string NextStep { get; } = nextStep;

    /// <summary>Whether the same write may succeed later: the disk is full or the store is busy, for instance.</summary>
    internal bool MayPass { get; init; }
}
