namespace Fleetwright.Platform.Security;

/// <summary>The file that holds the first administrator's key; readable by its owner alone at every moment.</summary>
internal static class AdminKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Keeps two processes from making a first key each. Dispose it to let go.</summary>
    public static async Task<IDisposable> LockAsync(FleetwrightPaths paths, CancellationToken cancellationToken)
    {
        var file = paths.AdminKeyFile + ".lock";
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            try
            {
                return new FileStream(file, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly,
                });
            }
            catch (IOException)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    public static string? Read(FleetwrightPaths paths) =>
        File.Exists(paths.AdminKeyFile) ? File.ReadAllText(paths.AdminKeyFile).Trim() : null;

    /// <summary>Whole or not at all: a temporary file of mode 0600, on the disk, then renamed.</summary>
    public static void Write(FleetwrightPaths paths, string key)
    {
        var temporary = $"{paths.AdminKeyFile}.{Guid.NewGuid():N}";
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly,
            }))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes(key + "\n"));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, paths.AdminKeyFile, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
