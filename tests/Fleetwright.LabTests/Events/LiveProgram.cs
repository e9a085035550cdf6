using System.Net.Http.Json;
using System.Text.Json;
using Fleetwright.LabTests.Lab;

namespace Fleetwright.LabTests.Events;

/// <summary>The built program with devices of the lab, which have answered once.</summary>
internal sealed class LiveProgram : IAsyncDisposable
{
    private readonly BuiltProgram _program;
    private readonly HttpClient _http;

    private LiveProgram(BuiltProgram program)
    {
        _program = program;
        Key = program.AdminKey;
        Url = new UriBuilder(program.Url) { Scheme = "ws", Path = "/ws" }.Uri;
        _http = new HttpClient { BaseAddress = program.Url };
        _http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + Key);
    }

    public Uri Url { get; }

    public string Key { get; }

    public static async Task<LiveProgram> StartAsync(FleetLab lab, params string[] devices)
    {
        var live = new LiveProgram(await BuiltProgram.ServeAsync());
        foreach (var name in devices)
        {
            using var answer = await live._http.PostAsJsonAsync(
                "/api/devices", new { name, address = lab[name].Destination, keyFile = lab[name].KeyFile, allowSameMachine = true });
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        foreach (var name in devices)
        {
            using var metrics = await live._http.GetAsync($"/api/devices/{name}/metrics");
            Assert.True(metrics.IsSuccessStatusCode, await metrics.Content.ReadAsStringAsync());
        }

        return live;
    }

    public Task<NodeWebSocket> ConnectAsync(bool keyAsProtocol = false) => NodeWebSocket.ConnectAsync(Url, Key, keyAsProtocol);

    public async Task<JsonElement> GetAsync(string path) => await _http.GetFromJsonAsync<JsonElement>(path);

    public async Task PauseAsync(string device)
    {
        using var answer = await _http.PatchAsJsonAsync($"/api/devices/{device}", new { paused = true });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _program.DisposeAsync();
    }
}
