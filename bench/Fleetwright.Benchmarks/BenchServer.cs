using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fleetwright.Benchmarks;

/// <summary>The built program, serving on a data folder of its own; asked as any client asks it.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private static readonly double TicksPerSecond = 100; // USER_HZ, the same on every Linux there is

    private readonly Process _process;

    private BenchServer(Process process, Uri url, string key)
    {
        (_process, Url, Key) = (process, url, key);
        Http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(5) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Uri Url { get; }

    public string Key { get; }

    public HttpClient Http { get; }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static async Task<BenchServer> StartAsync(Settings settings, string data)
    {
        var url = new Uri($"http://127.0.0.1:{FreePort()}");
        // No limit on calls: they are what is measured.
        var environment = new Dictionary<string, string> { ["FLEETWRIGHT_SECURITY__READSPERSECOND"] = "0", ["FLEETWRIGHT_SECURITY__WRITESPERSECOND"] = "0" };
        var process = Children.Start(settings.Program, ["serve", "--data", data, "--urls", url.ToString().TrimEnd('/')], environment: environment);
        using var http = new HttpClient { BaseAddress = url };
        await Children.UntilAsync(async () =>
        {
            try
            {
                return (await http.GetAsync("/readyz")).IsSuccessStatusCode;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                return false;
            }
        }, "the server is ready", TimeSpan.FromMinutes(1));
        return new BenchServer(process, url, (await File.ReadAllTextAsync(Path.Combine(data, "admin.key"))).Trim());
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"GET {path}: {(int)response.StatusCode} {text}");
    }

    /// <summary>Adds the devices by an inventory and waits until all have answered.</summary>
    public async Task AddAsync(IReadOnlyList<SshdDevice> devices)
    {
        foreach (var some in devices.Chunk(20))
        {
            await ImportAsync(some);
        }

        var names = devices.Select(device => device.Name).ToHashSet(StringComparer.Ordinal);
        await Children.UntilAsync(async () =>
        {
            var online = (await GetAsync("/api/devices?limit=1000&status=online"))["items"]!.AsArray().Select(device => (string?)device!["name"]);
            return online.Count(name => name is not null && names.Contains(name)) == names.Count;
        }, "all devices are online", TimeSpan.FromMinutes(5));
    }

    private async Task ImportAsync(SshdDevice[] devices)
    {
        var yaml = "devices:\n" + string.Concat(devices.Select(d => $"  - name: {d.Name}\n    ssh: {d.User}@{d.Host}:{d.Port}\n    key: {d.KeyFile}\n"));
        using var response = await Http.PostAsJsonAsync("/api/devices/import", new { format = "inventory", content = yaml }, JsonSerializerOptions.Web);
        var report = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode || report.Contains("\"refused\":[{", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"import_devices: {(int)response.StatusCode} {report}");
        }
    }

    /// <summary>Seconds of processor that the server itself, and its ssh clients, have used so far.</summary>
    public (double Server, double Clients) ProcessorSeconds()
    {
        var server = 0.0;
        var clients = 0.0;
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder[^1])))
        {
            try
            {
                // After the name in brackets: state, parent, …; the 12th and 13th are user and system ticks.
                var fields = File.ReadAllText(Path.Combine(folder, "stat")).Split(") ")[^1].Split(' ');
                var seconds = (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
                if (Path.GetFileName(folder) == _process.Id.ToString(CultureInfo.InvariantCulture))
                {
                    server = seconds;
                }
                else if (fields[1] == _process.Id.ToString(CultureInfo.InvariantCulture))
                {
                    clients += seconds;
                }
            }
            catch (IOException)
            {
                // Ended in between.
            }
        }

        return (server, clients);
    }

    public double ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }

    /// <summary>Its share of what is resident: pages of libraries that other programs use, too, are divided among them.</summary>
    public double ProportionalMegabytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Children.EndAsync(_process);
    }
}
