using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Platform.Security;

/// <summary>Whether a key opens the door.</summary>
public enum ApiKeyState
{
    Active,
    Expired,
    Revoked,
}

/// <summary>What is known of a key; never the key itself.</summary>
public sealed record ApiKey
{
    /// <summary>The middle part of the key (fw_ID_…): finds it, opens nothing.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required ApiKeyState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null when it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>True to the minute; null when it was never used.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    internal static ApiKey From(StoredKey key, DateTimeOffset now) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Scopes = key.Scopes,
        State = key.RevokedAt is not null ? ApiKeyState.Revoked : key.ExpiresAt <= now ? ApiKeyState.Expired : ApiKeyState.Active,
        CreatedAt = key.CreatedAt,
        ExpiresAt = key.ExpiresAt,
        RevokedAt = key.RevokedAt,
        LastUsedAt = key.LastUsedAt,
    };
}

/// <summary>A key that was just made.</summary>
/// <param name="Key">What is known of it from now on.</param>
/// <param name="Secret">The whole key. Shown once; it cannot be had again.</param>
public sealed record CreatedApiKey(ApiKey Key, string Secret);

/// <summary>The form of a key: fw_, 10 characters that find it, _, 52 characters that hold 256 random bits.</summary>
internal static class ApiKeyText
{
    public const int Length = 3 + PrefixLength + 1 + SecretLength;
    private const int PrefixLength = 10;
    private const int SecretLength = 52;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);

    public static string Create(out string prefix)
    {
        prefix = RandomNumberGenerator.GetString(Alphabet, PrefixLength);

        // 52 letters of 5 bits.
        return $"fw_{prefix}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
    }

    public static bool TryGetPrefix(string key, [NotNullWhen(true)] out string? prefix)
    {
        prefix = null;
        if (key.Length != Length || !key.StartsWith("fw_", StringComparison.Ordinal) || key[3 + PrefixLength] != '_'
            || key.AsSpan(3, PrefixLength).ContainsAnyExcept(Letters) || key.AsSpan(3 + PrefixLength + 1).ContainsAnyExcept(Letters))
        {
            return false;
        }

        prefix = key.Substring(3, PrefixLength);
        return true;
    }

    public static byte[] Hash(string key) => SHA256.HashData(Encoding.ASCII.GetBytes(key));

    public static bool Matches(string key, ReadOnlyMemory<byte> hash)
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> text = stackalloc byte[Length];
        SHA256.HashData(text[..Encoding.ASCII.GetBytes(key, text)], given);
        return CryptographicOperations.FixedTimeEquals(given, hash.Span);
    }
}
