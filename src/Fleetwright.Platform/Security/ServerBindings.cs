using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Security;

/// <summary>
/// Where the server listens: the addresses of <c>--urls</c>, and the control socket. Loopback needs nothing more; an address
/// that other machines reach needs https, or the plain consent of Security:AllowPlainHttp.
/// </summary>
public static partial class ServerBindings
{
    private const string Form = "write http://127.0.0.1:8080, or several divided by a semicolon";

    /// <summary>Makes Kestrel listen, within its limits.</summary>
    /// <exception cref="OptionsValidationException">An address or the certificate cannot be used; tells all mistakes at once.</exception>
    public static void Configure(KestrelServerOptions kestrel, string urls, IConfiguration settings, FleetwrightPaths paths)
    {
        var options = settings.GetSection(SecurityOptions.Section).Get<SecurityOptions>() ?? new SecurityOptions();
        var mistakes = new List<string>();
        var bindings = Parse(urls, options, mistakes);
        var certificate = bindings.Exists(binding => binding.IsHttps) ? LoadCertificate(options, mistakes) : null;
        if (Encoding.UTF8.GetByteCount(paths.ControlSocket) > ControlSocket.MaxPathBytes)
        {
            mistakes.Add($"the path of the data folder is too long for its control socket: together they may have {ControlSocket.MaxPathBytes} bytes.");
        }

        if (mistakes.Count > 0)
        {
            throw new OptionsValidationException("Urls", typeof(SecurityOptions), mistakes);
        }

        KestrelLimits.Apply(kestrel, options);
        foreach (var binding in bindings)
        {
            Listen(kestrel, binding, certificate);
            if (!binding.IsHttps && !binding.IsLoopback)
            {
                var logger = kestrel.ApplicationServices?.GetService<ILoggerFactory>()?.CreateLogger(typeof(ServerBindings).FullName!); // A named type has a full name.
                LogPlainHttp(logger ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, binding.Url);
            }
        }

        ControlSocket.Listen(kestrel, paths.ControlSocket);
    }

    /// <summary>Reads the addresses; what is wrong with them goes into <paramref name="mistakes"/>.</summary>
    internal static List<Binding> Parse(string urls, SecurityOptions options, List<string> mistakes)
    {
        var bindings = new List<Binding>();
        foreach (var url in urls.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (ParseOne(url, out var mistake) is not { } binding)
            {
                mistakes.Add($"--urls: {mistake}");
            }
            else if (!binding.IsHttps && !binding.IsLoopback && !options.AllowPlainHttp)
            {
                mistakes.Add(
                    $"--urls: {url} can be reached from other machines, and http:// would show keys and answers to the network. Use https:// with "
                    + "Security:CertificateFile and Security:CertificateKeyFile, or listen on 127.0.0.1 behind `tailscale serve` or a proxy that ends TLS, "
                    + "or say that you mean it: FLEETWRIGHT_SECURITY__ALLOWPLAINHTTP=true.");
            }
            else if (bindings.Exists(other => other.Port != 0 && other.Port == binding.Port && Equals(other.Address, binding.Address)))
            {
                mistakes.Add($"--urls: {url} is there twice.");
            }
            else
            {
                bindings.Add(binding);
            }
        }

        if (bindings.Count == 0 && mistakes.Count == 0)
        {
            mistakes.Add($"--urls names no address; {Form}.");
        }

        return bindings;
    }

    private static Binding? ParseOne(string url, out string mistake)
    {
        // Uri knows no * and no +; they are how ASP.NET writes all addresses.
        var readable = url.Replace("://*", "://[::]", StringComparison.Ordinal).Replace("://+", "://[::]", StringComparison.Ordinal);
        mistake = $"'{url}' is not an address to listen on; {Form}.";
        if (!Uri.TryCreate(readable, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || uri.PathAndQuery is not "/" || uri.Fragment.Length > 0)
        {
            return null;
        }

        if (uri.UserInfo.Length > 0)
        {
            mistake = "an address to listen on holds no user or password.";
            return null;
        }

        var isHttps = uri.Scheme == "https";
        if (string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return new Binding(url, isHttps, uri.Port == 0 ? IPAddress.Loopback : null, uri.Port);
        }

        if (!IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address))
        {
            mistake = $"'{uri.Host}' is a name; the server listens on addresses. Write 127.0.0.1, one of this machine's addresses, or * for all.";
            return null;
        }

        return new Binding(url, isHttps, address, uri.Port);
    }

    private static void Listen(KestrelServerOptions kestrel, Binding binding, X509Certificate2? certificate)
    {
        if (binding.Address is null)
        {
            kestrel.ListenLocalhost(binding.Port, Secure);
        }
        else
        {
            kestrel.Listen(binding.Address, binding.Port, Secure);
        }

        void Secure(ListenOptions listen)
        {
            if (binding.IsHttps && certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }
    }

    private static X509Certificate2? LoadCertificate(SecurityOptions options, List<string> mistakes)
    {
        if (options.CertificateFile is not { Length: > 0 } file || options.CertificateKeyFile is not { Length: > 0 } keyFile)
        {
            mistakes.Add("--urls: https:// needs Security:CertificateFile and Security:CertificateKeyFile (PEM files).");
            return null;
        }

        try
        {
            // Through PKCS #12: a key that came from PEM lives in memory in a form that TLS cannot use everywhere.
            using var pem = X509Certificate2.CreateFromPemFile(file, keyFile);
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            var reason = exception switch
            {
                FileNotFoundException or DirectoryNotFoundException => "a file is not there",
                UnauthorizedAccessException => "a file may not be read",
                _ => "the two are not a certificate and its private key in PEM form, without a password",
            };
            mistakes.Add($"Security:CertificateFile and Security:CertificateKeyFile cannot be used: {reason}.");
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "LISTENING ON {Url} WITHOUT ENCRYPTION, reachable from other machines: keys and answers can be read on the way. Use https, or a network that encrypts.")]
    private static partial void LogPlainHttp(ILogger logger, string url);

    /// <summary>One address to listen on; no address means localhost by name, both IPv4 and IPv6.</summary>
    internal sealed record Binding(string Url, bool IsHttps, IPAddress? Address, int Port)
    {
        public bool IsLoopback => Address is null || IPAddress.IsLoopback(Address);

    }
}
