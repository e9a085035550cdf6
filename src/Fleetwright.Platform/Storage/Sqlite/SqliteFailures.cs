using Microsoft.Data.Sqlite;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>What SQLite's errors mean to an operator.</summary>
internal static class SqliteFailures
{
    // https://www.sqlite.org/rescode.html
    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>Nothing is deleted or repaired by itself: what is still readable must not be lost to a guess.</summary>
    public static StoreException Damaged(string file, string finding, Exception? cause = null) => new(
        $"The store {file} is damaged: {finding}",
        $"Stop every Fleetwright on this data folder. Move {file}, {file}-wal and {file}-shm (where they exist) to a safe place. "
        + $"Then put back a copy of {file} from a backup; or save what can be read with `sqlite3 SAVED/{file} .recover | sqlite3 {file}`; "
        + "or start with an empty store and import the devices again.",
        cause);

    public static bool IsBusy(SqliteException exception) => exception.SqliteErrorCode == Busy;

    public static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is Corrupt or NotADatabase;

    public static StoreException Explain(SqliteException exception, string file) => exception.SqliteErrorCode switch
    {
        Corrupt or NotADatabase => Damaged(file, exception.Message, exception),
        Busy => new StoreException(
            $"The store {file} was held by another process for too long.",
            "Try again. If it persists, see which process has the file open (fuser), or raise Storage:BusyTimeout.",
            exception)
        { MayPass = true },
        Full => new StoreException(
            $"The store {file} cannot grow: the disk, or the user's quota on it, is full.",
            "Free some space on the file system of the data folder; Fleetwright goes on by itself.",
            exception)
        { MayPass = true },
        ReadOnly or CannotOpen => new StoreException(
            $"The store {file} cannot be opened for writing: {exception.Message}",
            "Make the data folder and the files in it belong to the user that runs Fleetwright, on a file system that is not read-only.",
            exception)
        { MayPass = true },
        InputOutput => new StoreException(
            $"The disk under the store {file} reported an error: {exception.Message}",
            "Look at the kernel's log (dmesg) and the disk's health.",
            exception)
        { MayPass = true },
        _ => new StoreException($"The store {file} refused a statement: {exception.Message}", "This is a defect of Fleetwright; please report it.", exception),
    };
}
