using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fleetwright.LabTests.Lab;

/// <summary>The built program as a person runs it: <c>fleetwright serve</c> on a data folder of its own and a free loopback port.</summary>
public sealed class BuiltProgram : IAsyncDisposable
{
    private Process _process;
    private readonly DirectoryInfo _folder;
    private readonly StringBuilder _log;

    private BuiltProgram(Process process, DirectoryInfo folder, Uri url, StringBuilder log) =>
        (_process, _folder, Url, _log) = (process, folder, url, log);

    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>The program beside these tests, of the same configuration.</summary>
    public static string File { get; } = Path.Combine(
        RepositoryRoot, "artifacts", "bin", "Fleetwright", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "fleetwright");

    public Uri Url { get; }

    public string DataFolder => Path.Combine(_folder.FullName, "data");

    /// <summary>The first key, which may do everything.</summary>
    public string AdminKey => System.IO.File.ReadAllText(Path.Combine(DataFolder, "admin.key")).Trim();

    /// <summary>What it has written so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<BuiltProgram> ServeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("fleetwright-program-");
        var url = new Uri($"http://127.0.0.1:{FreePort()}");
        var log = new StringBuilder();
        var program = new BuiltProgram(Start(folder, url, log), folder, url, log);
        try
        {
            await program.WaitAsync();
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the program as kill -9 does, and starts it again on the same folder and address.</summary>
    public async Task RestartAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = Start(_folder, Url, _log);
        await WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Process Start(DirectoryInfo folder, Uri url, StringBuilder log)
    {
        ProcessStartInfo start = new(File, ["serve", "--data", Path.Combine(folder.FullName, "data"), "--urls", url.GetLeftPart(UriPartial.Authority)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
#pragma warning disable RS0030 // The program under test, started from outside as a person does.
        var process = Process.Start(start) ?? throw new InvalidOperationException("fleetwright did not start");
#pragma warning restore RS0030
        process.OutputDataReceived += (_, line) => Append(log, line.Data);
        process.ErrorDataReceived += (_, line) => Append(log, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task WaitAsync()
    {
        using var http = new HttpClient();
        await Eventually.GetAsync(
            async () => _process.HasExited ? throw new InvalidOperationException("fleetwright ended: " + Log) : await AnswersAsync(http, Url),
            answers => answers,
            TimeSpan.FromSeconds(60));
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri url)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(url, "/healthz"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static void Append(StringBuilder log, string? line)
    {
        lock (log)
        {
            log.AppendLine(line);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindRepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder.FullName, "Fleetwright.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run inside the repository.");
        }

        return folder.FullName;
    }
}
