using Fleetwright.Platform;

namespace Fleetwright.Hosting;

/// <summary>Finds the data folder and the settings.</summary>
internal static class DataFolder
{
    /// <summary>--data, else FLEETWRIGHT_DATA, else ~/.local/share/fleetwright (XDG_DATA_HOME honoured).</summary>
    /// <exception cref="StartException">The folder cannot be made or used.</exception>
    public static FleetwrightPaths Open(string? given)
    {
        var folder = given ?? Environment.GetEnvironmentVariable("FLEETWRIGHT_DATA") ?? Default();
        if (folder.Length == 0)
        {
            throw new StartException("--data names no folder.", "Write --data DIR, or leave it out.", wrongUse: true);
        }

        try
        {
            return new FleetwrightPaths(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartException($"the data folder cannot be used: {exception.Message}", "Choose a folder that you may write: --data DIR.", wrongUse: true);
        }
    }

    /// <summary>DIR/fleetwright.json, and over it the environment: FLEETWRIGHT_SECTION__KEY.</summary>
    /// <exception cref="StartException">The file is not JSON.</exception>
    public static IConfigurationRoot Settings(FleetwrightPaths paths)
    {
        try
        {
            return new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(paths.DataDirectory, "fleetwright.json"), optional: true, reloadOnChange: false)
                .AddEnvironmentVariables("FLEETWRIGHT_")
                .Build();
        }
        catch (InvalidDataException exception)
        {
            throw new StartException(
                $"fleetwright.json in the data folder is not JSON: {exception.GetBaseException().Message}", "Mend the file, or move it away.");
        }
    }

    private static string Default()
    {
        var share = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        if (string.IsNullOrEmpty(share))
        {
            share = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
        }

        return Path.Combine(share, "fleetwright");
    }
}
