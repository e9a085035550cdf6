using System.Runtime.InteropServices;
using SQLitePCL;

namespace Fleetwright.Platform.Storage.Sqlite;

/// <summary>
/// Chooses the native SQLite of this process. The system's library is preferred because the distribution patches it; the
/// bundled one (3.35) stands in where there is none, or where it is older than the SQL here needs.
/// </summary>
internal static class SqliteLibrary
{
    // RETURNING came with 3.35.
    private const int OldestVersion = 3_035_000;
    private static readonly Lock Gate = new();
    private static SqliteLibraryChoice? _chosen;

    /// <summary>Whether the system's library is in use; meaningful after <see cref="Use"/>.</summary>
    public static bool IsSystem { get; private set; }

    /// <summary>Loads SQLite. The first call of a process decides; later ones change nothing.</summary>
    public static void Use(SqliteLibraryChoice choice)
    {
        lock (Gate)
        {
            if (_chosen is not null)
            {
                return;
            }

            NativeLibrary.SetDllImportResolver(
                typeof(SQLite3Provider_e_sqlite3).Assembly,
                (name, _, _) => name == "e_sqlite3" && choice != SqliteLibraryChoice.Bundled ? LoadSystem(choice) : IntPtr.Zero);
            Batteries_V2.Init();
            _chosen = choice;
        }
    }

    private static IntPtr LoadSystem(SqliteLibraryChoice choice)
    {
        // libsqlite3.so.0 is the name on Debian, Fedora, Arch and Alpine alike.
        if (NativeLibrary.TryLoad("libsqlite3.so.0", out var library))
        {
            if (VersionOf(library) >= OldestVersion)
            {
                IsSystem = true;
                return library;
            }

            NativeLibrary.Free(library);
        }

        if (choice == SqliteLibraryChoice.System)
        {
            throw new StoreException(
                "Storage:Library is System, and the system has no libsqlite3.so.0 of version 3.35 or newer.",
                "Install it (Debian, Ubuntu: apt install libsqlite3-0), or set Storage:Library to Auto.");
        }

        return IntPtr.Zero;
    }

    private static int VersionOf(IntPtr library) =>
        NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var function)
            ? Marshal.GetDelegateForFunctionPointer<VersionNumber>(function)()
            : 0;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}
