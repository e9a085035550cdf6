using System.Diagnostics;
using System.Runtime.CompilerServices;
using Fleetwright.Platform;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Storage;
using Fleetwright.Platform.Storage.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Tests.Storage;

/// <summary>
/// Another process on the same store: this very assembly, started once more with a task in its environment. It prints each
/// write after it was acknowledged, and a full stop at the end of each line.
/// </summary>
internal sealed class StoreChild : IAsyncDisposable
{
    private const string TaskVariable = "FLEETWRIGHT_TESTS_STORE_CHILD";
    private readonly ChildProcess _process;
    private readonly StreamReader _output;

    private StoreChild(ChildProcess process)
    {
        _process = process;
        _output = new StreamReader(process.Output);
    }

    /// <summary>Starts a child that writes <paramref name="count"/> devices and keys and more.</summary>
    public static StoreChild StartWriter(string folder, string name, int count) => Start("write", folder, name, count.ToString());

    /// <summary>Starts a child that prints which SQLite it uses: "system 3.40.1" or "bundled 3.35.5".</summary>
    public static StoreChild StartLibrary(string folder, SqliteLibraryChoice choice) => Start("library", folder, choice.ToString(), "0");

    /// <summary>The next whole line without its full stop; null at the end.</summary>
    public async Task<string?> ReadLineAsync() => await _output.ReadLineAsync() is [.. var line, '.'] ? line : null;

    public async Task<List<string>> ReadToEndAsync()
    {
        var lines = new List<string>();
        while (await ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        using var process = Process.GetProcessById(_process.Id);
        process.Kill();
    }

    public ValueTask DisposeAsync()
    {
        _output.Dispose();
        return _process.DisposeAsync();
    }

    // The runtime runs this before Main, on one thread: nothing in here may need another thread to enter this assembly.
    [ModuleInitializer]
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(TaskVariable)?.Split('|') is not [var task, var folder, var name, var count])
        {
            return;
        }

        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton(new FleetwrightPaths(folder));
        services.AddStorage();
        if (task == "library")
        {
            services.Configure<StorageOptions>(options => options.Library = Enum.Parse<SqliteLibraryChoice>(name));
        }

        using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<IStore>();
        store.OpenAsync(CancellationToken.None).GetAwaiter().GetResult();
        if (task == "library")
        {
            var engine = store.HealthAsync(CancellationToken.None).GetAwaiter().GetResult().Engine;
            output.Write($"{(SqliteLibrary.IsSystem ? "system" : "bundled")} {engine}.\n");
        }
        else
        {
            Write(provider, output, name, int.Parse(count));
        }

        provider.Dispose();
        Environment.Exit(0);
    }

    private static void Write(ServiceProvider provider, StreamWriter output, string name, int count)
    {
        var devices = provider.GetRequiredService<IDeviceStore>();
        var keys = provider.GetRequiredService<IKeyStore>();
        var points = provider.GetRequiredService<IPointStore>();
        var readings = provider.GetRequiredService<IReadingStore>();
        for (var i = 0; i < count; i++)
        {
            var id = $"{name}-{i:00000}";
            devices.SaveAsync(StoreSamples.Device(id), CancellationToken.None).GetAwaiter().GetResult();
            output.Write($"device {id}.\n");
            points.AppendAsync([StoreSamples.Point(id, StoreSamples.Noon.AddSeconds(i), i)], CancellationToken.None).GetAwaiter().GetResult();
            readings.SaveAsync([StoreSamples.Reading(id, "system", StoreSamples.Noon, new string('x', 3000))], CancellationToken.None).GetAwaiter().GetResult();
            if (i % 3 == 0)
            {
                keys.AddAsync(StoreSamples.Key(id), CancellationToken.None).GetAwaiter().GetResult();
                output.Write($"key {id}.\n");
            }

            if (i % 10 == 9)
            {
                points.MaintainAsync(StoreSamples.Noon.AddHours(i), CancellationToken.None).GetAwaiter().GetResult();
            }
        }
    }

    private static StoreChild Start(params string[] task)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { [TaskVariable] = string.Join('|', task) };
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment.TryAdd((string)variable.Key, (string?)variable.Value ?? "");
        }

        var program = Path.ChangeExtension(typeof(StoreChild).Assembly.Location, null);
        return new StoreChild(ChildProcess.Start(program, [], environment));
    }
}
