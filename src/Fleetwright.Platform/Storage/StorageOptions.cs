using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Storage;

/// <summary>How the history is kept (configuration section <c>Storage</c>).</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>How long every single point is kept; at least 2 hours. Default 2 days.</summary>
    public TimeSpan RawRetention { get; set; } = TimeSpan.FromHours(48);

    /// <summary>How long the roll-ups of 5 minutes are kept; at least as long as single points. Default 30 days.</summary>
    public TimeSpan FiveMinuteRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the roll-ups of an hour are kept; at least as long as those of 5 minutes. Default 400 days.</summary>
    public TimeSpan HourRetention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long the audit log is kept; at least 1 day. Default 400 days.</summary>
    public TimeSpan AuditRetention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>
    /// How long readings and points gather in memory before they are written together; 0 to 60 seconds. A server that is
    /// killed loses at most these. Default 2 seconds.
    /// </summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many points may wait for a disk that does not keep up before new ones are dropped and counted; 1,000 to 10,000,000.</summary>
    public int MaxPendingPoints { get; set; } = 100_000;

    /// <summary>How long a write waits for another process that writes to the same store; 100 ms to 60 seconds.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the store is checked for damage each time it is opened. Takes about a second per gigabyte.</summary>
    public bool CheckIntegrity { get; set; } = true;

    /// <summary>Which SQLite is used. Auto takes the system's, which the distribution patches, and else the bundled one.</summary>
    public SqliteLibraryChoice Library { get; set; }
}

/// <summary>Where the SQLite library comes from.</summary>
public enum SqliteLibraryChoice
{
    Auto,
    System,
    Bundled,
}

internal sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        var mistakes = new List<string>();
        Check(options.RawRetention >= TimeSpan.FromHours(2), "Storage:RawRetention must be at least 2 hours (02:00:00).");
        Check(options.FiveMinuteRetention >= options.RawRetention, "Storage:FiveMinuteRetention must not be shorter than Storage:RawRetention.");
        Check(options.HourRetention >= options.FiveMinuteRetention, "Storage:HourRetention must not be shorter than Storage:FiveMinuteRetention.");
        Check(options.HourRetention <= TimeSpan.FromDays(36_500), "Storage:HourRetention must be at most 36500 days.");
        Check(
            options.AuditRetention >= TimeSpan.FromDays(1) && options.AuditRetention <= TimeSpan.FromDays(36_500),
            "Storage:AuditRetention must be between 1 and 36500 days.");
        Check(
            options.FlushInterval >= TimeSpan.Zero && options.FlushInterval <= TimeSpan.FromSeconds(60),
            "Storage:FlushInterval must be between 0 and 60 seconds (00:01:00).");
        Check(options.MaxPendingPoints is >= 1000 and <= 10_000_000, "Storage:MaxPendingPoints must be between 1000 and 10000000.");
        Check(
            options.BusyTimeout >= TimeSpan.FromMilliseconds(100) && options.BusyTimeout <= TimeSpan.FromSeconds(60),
            "Storage:BusyTimeout must be between 0.1 and 60 seconds.");
        Check(Enum.IsDefined(options.Library), "Storage:Library must be Auto, System or Bundled.");
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);

        void Check(bool holds, string mistake)
        {
            if (!holds)
            {
                mistakes.Add(mistake);
            }
        }
    }
}
