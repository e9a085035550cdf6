namespace Fleetwright.Platform.Devices.Import;

/// <summary>What an import source holds, before anything is done with it.</summary>
internal sealed record ImportList(IReadOnlyList<ImportEntry> Entries, IReadOnlyList<string> Notes);

/// <summary>One entry of a source: a device to add, or the reason why it is none.</summary>
/// <param name="Name">As the source calls it.</param>
/// <param name="Device">Null when it is skipped or refused.</param>
/// <param name="Outcome">What is known already; Added while the device is still to be added.</param>
/// <param name="Why">Why it is not added.</param>
internal sealed record ImportEntry(string Name, NewDevice? Device, ImportOutcome Outcome, string? Why = null)
{
    public static ImportEntry Of(NewDevice device) => new(device.Name, device, ImportOutcome.Added);

    public static ImportEntry Skipped(string name, string why) => new(name, null, ImportOutcome.Skipped, why);

    public static ImportEntry Refused(string name, string why) => new(name, null, ImportOutcome.Refused, why);
}

/// <summary>What became of an entry.</summary>
public enum ImportOutcome
{
    /// <summary>Added, or would be in a dry run.</summary>
    Added,

    /// <summary>Not for Fleetwright, or there already.</summary>
    Skipped,

    /// <summary>Meant to be added, and something about it is wrong.</summary>
    Refused,
}

/// <summary>What an import did, entry by entry.</summary>
public sealed record ImportReport
{
    /// <summary>True when nothing was changed.</summary>
    public required bool DryRun { get; init; }

    public required int Added { get; init; }

    public required int Skipped { get; init; }

    public required int Refused { get; init; }

    /// <summary>Every entry of the source, in its order.</summary>
    public required IReadOnlyList<ImportedEntry> Entries { get; init; }

    /// <summary>What in the source was passed over as a whole.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What became of one entry.</summary>
/// <param name="Name">As the source calls it.</param>
/// <param name="Outcome">Added, skipped or refused.</param>
/// <param name="Address">Where it is reached.</param>
/// <param name="Reached">Whether it answered; null when it was not asked.</param>
/// <param name="Why">Why it was not added, or why it does not answer.</param>
public sealed record ImportedEntry(string Name, ImportOutcome Outcome, string? Address = null, bool? Reached = null, string? Why = null);
