using System.Net;
using System.Text.Json;
using Fleetwright.LabTests.Lab;
using Fleetwright.LabTests.Mcp;

namespace Fleetwright.LabTests.Doors;

/// <summary>The dashboard and the API reference, as the built program serves them, in Debian's Chromium and without a network.</summary>
public sealed class WebPagesTests(ServedProgram served) : IClassFixture<ServedProgram>
{
    private static readonly string Web = Path.Combine(BuiltProgram.RepositoryRoot, "web");

    private readonly BuiltProgram _program = served.Program;

    /// <summary>For the pictures: FLEETWRIGHT_SCREENSHOTS=FOLDER.</summary>
    [Fact]
    public async Task Pages_InABrowserAtBothWidths_ShowThisMachineAndTheOperationsWithoutAComplaint()
    {
        var pictures = Environment.GetEnvironmentVariable("FLEETWRIGHT_SCREENSHOTS") ?? "";

        var result = await NodeClients.RunAsync(
            TimeSpan.FromMinutes(5), "web-pages.mjs", _program.Url.GetLeftPart(UriPartial.Authority), _program.AdminKey, pictures);

        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        using var report = JsonDocument.Parse(result.Output);
        Assert.Equal(2, report.RootElement.EnumerateObject().Count());
        foreach (var seen in report.RootElement.EnumerateObject().Select(static width => width.Value))
        {
            Assert.Empty(Texts(seen, "troubles"));
            Assert.Empty(Texts(seen, "axe"));
            Assert.Empty(Texts(seen, "overflow"));
            Assert.Contains("unknown, expired or revoked", Text(seen, "wrongKey"), StringComparison.Ordinal);
            Assert.Equal(Texts(seen, "devices").Single(), Text(seen, "device"));
            Assert.Contains("1 of 1 device online", Text(seen, "overview"), StringComparison.Ordinal);
            Assert.Contains("Live, answered", Text(seen, "deviceText"), StringComparison.Ordinal);
            Assert.Contains("GiB available of", Text(seen, "deviceText"), StringComparison.Ordinal);
            Assert.Equal("Get fleet overview", Text(seen, "operation"));

            // The key is in the tab's own storage and nowhere that outlives it.
            Assert.Equal([true, false], seen.GetProperty("stored").EnumerateArray().Select(static stored => stored.GetBoolean()));
            Assert.Equal(0, seen.GetProperty("keyAfterSignOut").GetInt32());
        }
    }

    [Theory]
    [InlineData("/", HttpStatusCode.OK, "text/html")]
    [InlineData("/docs", HttpStatusCode.OK, "text/html")]
    [InlineData("/devices/anything", HttpStatusCode.OK, "text/html")]
    [InlineData("/manifest.webmanifest", HttpStatusCode.OK, "application/manifest+json")]
    [InlineData("/assets/none.js", HttpStatusCode.NotFound, null)]
    [InlineData("/api/nothing", HttpStatusCode.Unauthorized, "application/problem+json")]
    public async Task Address_WithoutAKey_IsAPageOnlyWhereThereIsOne(string path, HttpStatusCode status, string? type)
    {
        using var http = new HttpClient { BaseAddress = _program.Url };

        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>The pages' own unit tests, which say more when run by hand: npm test, in web/.</summary>
    [Fact]
    public async Task UnitTests_OfThePages_Pass()
    {
        (await LabProcess.RunAsync("npm", ["test", "--silent", "--prefix", Web], TimeSpan.FromMinutes(3))).OrThrow("npm test");
    }

    /// <summary>The types that the pages ask by are those of this program's description: npm run types, in web/.</summary>
    [Fact]
    public async Task Types_OfThePages_AreThoseOfTheDescription()
    {
        var folder = Directory.CreateTempSubdirectory("fleetwright-types-");
        try
        {
            var description = Path.Combine(folder.FullName, "openapi.json");
            using (var http = new HttpClient { BaseAddress = _program.Url })
            {
                await File.WriteAllTextAsync(description, await http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
            }

            var types = Path.Combine(folder.FullName, "schema.d.ts");
            var made = await LabProcess.RunAsync(
                Path.Combine(Web, "node_modules", ".bin", "openapi-typescript"), [description, "-o", types], TimeSpan.FromMinutes(2));

            made.OrThrow("openapi-typescript");
            Assert.Equal(await File.ReadAllTextAsync(types), await File.ReadAllTextAsync(Path.Combine(Web, "src", "api", "schema.d.ts")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Text(JsonElement seen, string name) => seen.GetProperty(name).GetString() ?? "";

    private static List<string> Texts(JsonElement seen, string name) => [.. seen.GetProperty(name).EnumerateArray().Select(static item => item.GetString() ?? "")];
}
