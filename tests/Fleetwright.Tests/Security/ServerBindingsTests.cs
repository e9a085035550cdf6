using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleetwright.Platform.Security;
using Microsoft.Extensions.Options;

namespace Fleetwright.Tests.Security;

public sealed class ServerBindingsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:8080")]
    [InlineData("http://[::1]:8080")]
    [InlineData("http://127.0.0.1:0;http://[::1]:0")]
    [InlineData("https://0.0.0.0:8443")]
    [InlineData("https://*:8443")]
    public void Parse_Allowed_HasNoMistakes(string urls)
    {
        var mistakes = new List<string>();
        Assert.Equal(urls.Split(';').Length, ServerBindings.Parse(urls, new SecurityOptions(), mistakes).Count);
        Assert.Empty(mistakes);
    }

    [Theory]
    [InlineData("", "names no address")]
    [InlineData("8080", "not an address")]
    [InlineData("ftp://127.0.0.1", "not an address")]
    [InlineData("http://127.0.0.1:99999", "not an address")]
    [InlineData("http://127.0.0.1:8080/path", "not an address")]
    [InlineData("http://nas:8080", "is a name")]
    [InlineData("http://user:pw@127.0.0.1:8080", "no user or password")]
    [InlineData("http://127.0.0.1:8080;http://127.0.0.1:8080", "twice")]
    [InlineData("http://0.0.0.0:8080", "ALLOWPLAINHTTP")]
    [InlineData("http://*:8080", "ALLOWPLAINHTTP")]
    [InlineData("http://+:8080", "ALLOWPLAINHTTP")]
    [InlineData("http://[::]:8080", "ALLOWPLAINHTTP")]
    [InlineData("http://192.168.1.5:8080", "ALLOWPLAINHTTP")]
    public void Parse_Refused_SaysWhy(string urls, string why)
    {
        var mistakes = new List<string>();
        ServerBindings.Parse(urls, new SecurityOptions(), mistakes);
        Assert.Contains(why, Assert.Single(mistakes), StringComparison.Ordinal);
        Assert.DoesNotContain("pw", mistakes[0].Replace("--urls", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_PlainHttpWithConsent_IsAllowed()
    {
        var mistakes = new List<string>();
        Assert.Single(ServerBindings.Parse("http://0.0.0.0:8080", new SecurityOptions { AllowPlainHttp = true }, mistakes));
        Assert.Empty(mistakes);
    }

    [Fact]
    public async Task Configure_PlainHttpOnAllAddresses_DoesNotStart()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => SecurityHost.StartAsync(urls: "http://0.0.0.0:0"));
        Assert.Contains("ALLOWPLAINHTTP", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configure_HttpsWithoutCertificate_DoesNotStart()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => SecurityHost.StartAsync(urls: "https://127.0.0.1:0"));
        Assert.Contains("CertificateFile", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configure_CertificateThatIsNone_DoesNotStartAndShowsNoPath()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "cert.pem");
        await File.WriteAllTextAsync(file, "not a certificate", Cancel);
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => SecurityHost.StartAsync(
            new() { ["Security:CertificateFile"] = file, ["Security:CertificateKeyFile"] = file }, "https://127.0.0.1:0"));
        Assert.Contains("PEM", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configure_HttpsWithCertificate_Answers()
    {
        using var folder = new TemporaryFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var (file, keyFile) = (Path.Combine(folder.Path, "cert.pem"), Path.Combine(folder.Path, "key.pem"));
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), Cancel);
        await using var host = await SecurityHost.StartAsync(
            new() { ["Security:CertificateFile"] = file, ["Security:CertificateKeyFile"] = keyFile }, "https://127.0.0.1:0");
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { certificate }, RevocationMode = X509RevocationMode.NoCheck,
        };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(host.Url) };
        using var response = await client.GetAsync("/open", Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("https://", host.Url, StringComparison.Ordinal);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("fleetwright-bindings-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
