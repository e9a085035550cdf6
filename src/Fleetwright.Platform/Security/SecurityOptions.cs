using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Security;

/// <summary>Who may connect and how much they may ask (configuration section <c>Security</c>).</summary>
public sealed class SecurityOptions
{
    public const string Section = "Security";

    /// <summary>
    /// Allows http:// on an address that other machines reach. Keys and answers then cross the network readable by anyone
    /// on the way, unless the network encrypts (Tailscale, WireGuard) or a proxy on this machine ends TLS. Default false.
    /// </summary>
    public bool AllowPlainHttp { get; set; }

    /// <summary>The certificate for https:// addresses: a PEM file, the whole chain in it.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The certificate's private key: a PEM file without a password.</summary>
    public string? CertificateKeyFile { get; set; }

    /// <summary>Bytes that a request's body may have; 1 KiB to 64 MiB. Default 1 MiB.</summary>
    public long MaxRequestBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Connections at once; 10 to 100,000. Default 4,096.</summary>
    public int MaxConnections { get; set; } = 4096;

    /// <summary>How long one REST call may take; 1 second to 1 hour. Default 5 minutes.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Calls a second that one caller may make of operations that only read; 0 is without limit. Default 10,000.</summary>
    public double ReadsPerSecond { get; set; } = 10_000;

    /// <summary>Calls a second that one caller may make of one operation that changes something; 0 is without limit. Default 20.</summary>
    public double WritesPerSecond { get; set; } = 20;

    /// <summary>Wrong keys that one address may try in quick succession before it has to wait; 1 to 1,000. Default 20.</summary>
    public int FailedAttempts { get; set; } = 20;

    /// <summary>Whether calls that only read go into the audit log too. Refused calls always do. Default false.</summary>
    public bool AuditReads { get; set; }
}

internal sealed class SecurityOptionsValidator : IValidateOptions<SecurityOptions>
{
    public ValidateOptionsResult Validate(string? name, SecurityOptions options)
    {
        var mistakes = new List<string>();
        Check(options.CertificateFile is null == options.CertificateKeyFile is null, "Security:CertificateFile and Security:CertificateKeyFile go together.");
        Check(options.MaxRequestBodyBytes is >= 1024 and <= 64 * 1024 * 1024, "Security:MaxRequestBodyBytes must be between 1024 and 67108864.");
        Check(options.MaxConnections is >= 10 and <= 100_000, "Security:MaxConnections must be between 10 and 100000.");
        Check(
            options.RequestTimeout >= TimeSpan.FromSeconds(1) && options.RequestTimeout <= TimeSpan.FromHours(1),
            "Security:RequestTimeout must be between 1 second and 1 hour (00:00:01 to 01:00:00).");
        Check(options.ReadsPerSecond is 0 or (>= 0.01 and <= 1_000_000_000), "Security:ReadsPerSecond must be 0 (no limit), or between 0.01 and 1000000000.");
        Check(options.WritesPerSecond is 0 or (>= 0.01 and <= 1_000_000_000), "Security:WritesPerSecond must be 0 (no limit), or between 0.01 and 1000000000.");
        Check(options.FailedAttempts is >= 1 and <= 1000, "Security:FailedAttempts must be between 1 and 1000.");
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);

        void Check(bool holds, string mistake)
        {
            if (!holds)
            {
                mistakes.Add(mistake);
            }
        }
    }
}
