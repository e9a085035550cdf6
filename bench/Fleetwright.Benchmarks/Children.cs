using System.Diagnostics;
using System.Globalization;

namespace Fleetwright.Benchmarks;

/// <summary>A folder of the run, removed at its end.</summary>
internal sealed class Folder : IAsyncDisposable
{
    private int _count;

    public string Path { get; } = Directory.CreateTempSubdirectory("fwb-").FullName;

    public string New() => Directory.CreateDirectory(System.IO.Path.Combine(Path, (++_count).ToString(CultureInfo.InvariantCulture))).FullName;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Other programs.</summary>
internal static class Children
{
    public static Process Start(string program, IEnumerable<string> arguments, bool quiet = false, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = quiet, RedirectStandardError = quiet };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

#pragma warning disable RS0030 // Benchmarks stand outside of the program.
        return Process.Start(start)!; // not null: it was given a file name
#pragma warning restore RS0030
    }

    /// <summary>Runs it to its end and gives its output; fails when it does.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var child = Start(program, arguments, quiet: true, environment);
        var error = child.StandardError.ReadToEndAsync();
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return child.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {child.ExitCode}: {await error}");
    }

    /// <summary>These processes with their children and children's children.</summary>
    public static IReadOnlyCollection<int> DescendantsOf(IEnumerable<int> roots)
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder[^1])))
        {
            try
            {
                var fields = File.ReadAllText(Path.Combine(folder, "stat")).Split(") ")[^1].Split(' ');
                parents[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] = int.Parse(fields[1], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // Ended in between.
            }
        }

        var found = roots.ToHashSet();
        for (var before = 0; before < found.Count;)
        {
            before = found.Count;
            found.UnionWith([.. parents.Where(each => found.Contains(each.Value)).Select(each => each.Key)]);
        }

        return found;
    }

    public static async Task EndAsync(Process? child)
    {
        if (child is { HasExited: false })
        {
            using var end = Start("kill", ["-TERM", child.Id.ToString(CultureInfo.InvariantCulture)]);
            await child.WaitForExitAsync();
        }

        child?.Dispose();
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan limit)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"not within {limit.TotalSeconds} s: {what}");
            }

            await Task.Delay(200);
        }
    }
}
