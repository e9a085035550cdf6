using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fleetwright.LabTests.Lab;
using Fleetwright.LabTests.Mcp;

namespace Fleetwright.LabTests.Doors;

/// <summary>The REST door of the built program: its errors, its description, and a client made from that description.</summary>
public sealed class RestDoorTests(ServedProgram served) : IClassFixture<ServedProgram>
{
    private readonly BuiltProgram _program = served.Program;
    private readonly ProgramDoors _doors = served.Doors;

    [Theory]
    [InlineData("GET", "/api/devices?typo=1", null, HttpStatusCode.BadRequest, "invalid")]
    [InlineData("GET", "/api/devices?limit=many", null, HttpStatusCode.BadRequest, "invalid")]
    [InlineData("GET", "/api/devices?limit=0", null, HttpStatusCode.BadRequest, "invalid")]
    [InlineData("GET", "/api/devices?cursor=%C2%A7", null, HttpStatusCode.BadRequest, "invalid")]
    [InlineData("GET", "/api/devices/nobody", null, HttpStatusCode.NotFound, "notFound")]
    [InlineData("GET", "/api/devices/nobody/metrics", null, HttpStatusCode.NotFound, "notFound")]
    [InlineData("GET", "/api/nothing", null, HttpStatusCode.NotFound, "notFound")]
    [InlineData("POST", "/api/devices", "{", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("POST", "/api/devices", "[]", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("POST", "/api/devices", "{\"name\":\"x\"}", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("POST", "/api/devices", "{\"name\":\"x\",\"name\":\"y\",\"address\":\"a\"}", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("POST", "/api/devices", "{\"name\":\"x\",\"address\":\"-oProxyCommand=id\"}", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("POST", "/api/devices", "{\"name\":\"x\",\"address\":\"h\",\"shell\":\"rm\"}", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("POST", "/api/devices", "{\"name\":\"\\ud800\",\"address\":\"h\"}", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("POST", "/api/devices", "{\"\\ud800\":\"x\",\"address\":\"h\"}", HttpStatusCode.BadRequest, "invalid")]
    public async Task Request_ThatIsWrong_IsProblemDetailsThatSayWhatToDo(string method, string path, string? body, HttpStatusCode status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await _doors.Http.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal(code, problem["code"]!.GetValue<string>());
        Assert.NotEmpty(problem["detail"]!.GetValue<string>());
        Assert.NotEmpty(problem["nextStep"]!.GetValue<string>());
        Assert.DoesNotContain("   at ", problem.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_BodyOverTheLimit_IsProblemDetailsToo()
    {
        using var content = new StringContent("{\"name\":\"" + new string('x', 2 * 1024 * 1024) + "\"}", Encoding.UTF8, "application/json");

        using var answer = await _doors.Http.PostAsync(new Uri("/api/devices", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("tooLarge", (await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/api/devices")]
    [InlineData("/api/overview")]
    [InlineData("/api/nothing")]
    [InlineData("/mcp")]
    public async Task Request_WithoutAKey_IsRefused(string path)
    {
        using var http = new HttpClient { BaseAddress = _program.Url };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains(answer.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Bearer");
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Health_WithoutAKey_SaysOkAndNothingElse(string path)
    {
        using var http = new HttpClient { BaseAddress = _program.Url };

        Assert.Equal("ok\n", await http.GetStringAsync(new Uri(path, UriKind.Relative)));
    }

    /// <summary>To accept a change: UPDATE_SNAPSHOTS=1, and read the diff.</summary>
    [Fact]
    public async Task OpenApi_OfTheProgram_IsTheCommittedSnapshot()
    {
        var file = Path.Combine(BuiltProgram.RepositoryRoot, "tests", "Fleetwright.LabTests", "Doors", "openapi.v1.json");
        var now = await DescriptionAsync();
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(file, now);
        }

        Assert.Equal(File.Exists(file) ? await File.ReadAllTextAsync(file) : "", now);
    }

    [Fact]
    public async Task OpenApi_EveryOperation_HasWordsForItselfAndItsParameters()
    {
        var description = JsonNode.Parse(await DescriptionAsync())!;

        Assert.StartsWith("3.1", description["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        foreach (var (path, methods) in description["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                Assert.False(string.IsNullOrEmpty(operation!["description"]?.GetValue<string>()), $"{method} {path}");
                Assert.NotNull(operation["responses"]!["200"]!["content"]!["application/json"]!["schema"]);
                foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
                {
                    Assert.False(string.IsNullOrEmpty(parameter!["description"]?.GetValue<string>()), $"{method} {path} {parameter["name"]}");
                }
            }
        }
    }

    /// <summary>openapi-typescript makes types of the description, openapi-fetch calls by them, the compiler checks both.</summary>
    [Fact]
    public async Task GeneratedClient_OfTheDescription_ListsDevicesAndReadsMetrics()
    {
        var folder = Directory.CreateTempSubdirectory("fleetwright-openapi-");
        try
        {
            var file = Path.Combine(folder.FullName, "openapi.json");
            await File.WriteAllTextAsync(file, await DescriptionAsync());

            var result = await NodeClients.RunAsync(TimeSpan.FromMinutes(2), "openapi-client.mjs", file, _program.Url.ToString(), _program.AdminKey);

            Assert.True(result.ExitCode == 0, result.Output + result.Error);
            Assert.Contains("devices 1", result.Output, StringComparison.Ordinal);
            Assert.Contains("metrics live", result.Output, StringComparison.Ordinal);
            Assert.Contains("problem notFound", result.Output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private async Task<string> DescriptionAsync() =>
        JsonNode.Parse(await _doors.Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!.ToJsonString(Indented) + "\n";
}
