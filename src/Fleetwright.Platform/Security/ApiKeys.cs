using System.Collections.Concurrent;
using System.Security.Claims;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Security;

/// <summary>
/// The keys that open the doors. A revoked or expired key is refused at once in the process that revoked it, and within
/// <see cref="Freshness"/> in others on the same store.
/// </summary>
public sealed partial class ApiKeys(IKeyStore store, FleetwrightPaths paths, TimeProvider time, ILogger<ApiKeys> logger)
{
    /// <summary>How long a key that was looked up is believed before the store is asked again.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Remembered> _remembered = new(StringComparer.Ordinal);
    private int _generation;

    /// <summary>Makes a key. Its secret is in what is returned, and nowhere else.</summary>
    /// <param name="name">What to call it, 1 to 64 characters; no other active key may have that name.</param>
    /// <param name="scopes">read, operate or admin; each includes the ones before it.</param>
    /// <param name="expiresAt">When it stops to work; null: never.</param>
    /// <exception cref="OperationException">The name is taken or not one, a scope is unknown, or the expiry has passed.</exception>
    public async Task<CreatedApiKey> CreateAsync(
        string name, IReadOnlyList<string> scopes, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        CheckName(name);
        CheckScopes(scopes);
        if (expiresAt <= now)
        {
            throw OperationException.Invalid("expiresAt", "this time has passed.", "Give a time to come, or leave it out for a key that does not expire.");
        }

        if ((await ListAsync(cancellationToken)).Any(key => key.State == ApiKeyState.Active && key.Name == name))
        {
            throw new OperationException(
                OperationError.Conflict, $"There is an active key named '{name}' already.", "Choose another name, or revoke that key first.");
        }

        var secret = ApiKeyText.Create(out var prefix);
        var stored = Stored(secret, prefix, name, scopes, now, expiresAt);
        await store.AddAsync(stored, cancellationToken);
        LogCreated(logger, name, stored.Id, stored.Scopes[^1]);
        return new CreatedApiKey(ApiKey.From(stored, now), secret);
    }

    /// <summary>All keys, revoked ones too, oldest first.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return [.. (await store.ListAsync(cancellationToken)).Select(key => ApiKey.From(key, now))];
    }

    /// <summary>Revokes the key with this id, or the active one with this name. It is refused from now on.</summary>
    /// <exception cref="OperationException">There is no such key, or it was revoked already.</exception>
    public async Task<ApiKey> RevokeAsync(string idOrName, CancellationToken cancellationToken)
    {
        var keys = await ListAsync(cancellationToken);
        var key = keys.FirstOrDefault(one => one.Id == idOrName)
            ?? keys.FirstOrDefault(one => one.Name == idOrName && one.State == ApiKeyState.Active)
            ?? keys.FirstOrDefault(one => one.Name == idOrName)
            ?? throw OperationException.NotFound(
                "There is no such key.",
                keys.Count == 0 ? "There are no keys; `fleetwright keys create` makes one." : $"There are: {string.Join(", ", keys.Select(one => $"{one.Name} ({one.Id})").Take(20))}.");
        var now = time.GetUtcNow();
        var revoked = await store.RevokeAsync(key.Id, now, cancellationToken);

        // A lookup under way may still hold the key as it was: it must not be remembered.
        Interlocked.Increment(ref _generation);
        _remembered.TryRemove(key.Id, out _);
        if (!revoked)
        {
            throw new OperationException(OperationError.Conflict, $"The key '{key.Name}' was revoked already.", "Nothing is left to do.");
        }

        LogRevoked(logger, key.Name, key.Id);
        return key with { State = ApiKeyState.Revoked, RevokedAt = now };
    }

    /// <summary>Who holds this key; null when it is none, or expired, or revoked.</summary>
    /// <param name="secret">The whole key, as the caller sent it.</param>
    public async ValueTask<ClaimsPrincipal?> VerifyAsync(string secret, CancellationToken cancellationToken)
    {
        if (!ApiKeyText.TryGetPrefix(secret, out var prefix))
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (!_remembered.TryGetValue(prefix, out var known) || now - known.AskedAt >= Freshness)
        {
            known = await LookUpAsync(prefix, now, cancellationToken);
        }

        if (known is null || known.Key.RevokedAt is not null || known.Key.ExpiresAt <= now || !ApiKeyText.Matches(secret, known.Key.Hash))
        {
            return null;
        }

        Touch(known, now);
        return known.Principal;
    }

    /// <summary>
    /// Makes the first administrator's key and writes it to <see cref="FleetwrightPaths.AdminKeyFile"/>, when the store holds
    /// no key at all. Once there was any key, revoked or not, an operator decides: `fleetwright keys create`.
    /// </summary>
    /// <returns>Whether a key was made.</returns>
    public async Task<bool> EnsureAdminKeyAsync(CancellationToken cancellationToken)
    {
        using var alone = await AdminKeyFile.LockAsync(paths, cancellationToken);
        if ((await store.ListAsync(cancellationToken)).Count > 0)
        {
            if (AdminKeyFile.Read(paths) is { } written && await VerifyAsync(written, cancellationToken) is null)
            {
                LogStaleFile(logger, Path.GetFileName(paths.AdminKeyFile));
            }

            return false;
        }

        // The file comes first: were it to come second, a crash between the two would leave a key that nobody knows.
        var secret = ApiKeyText.Create(out var prefix);
        AdminKeyFile.Write(paths, secret);
        await store.AddAsync(Stored(secret, prefix, "admin", [Scopes.Admin], time.GetUtcNow(), null), cancellationToken);
        LogCreated(logger, "admin", prefix, Scopes.Admin);
        return true;
    }

    private static StoredKey Stored(
        string secret, string prefix, string name, IReadOnlyList<string> scopes, DateTimeOffset now, DateTimeOffset? expiresAt) => new()
        {
            Id = prefix,
            Name = name,
            Prefix = prefix,
            Hash = ApiKeyText.Hash(secret),
            Scopes = [.. Scopes.All.Where(scopes.Contains)],
            CreatedAt = now,
            ExpiresAt = expiresAt,
        };

    private static void CheckName(string name)
    {
        if (name.Length is 0 or > 64 || name.Trim() != name || name.Any(char.IsControl))
        {
            throw OperationException.Invalid(
                "name", "a key's name has 1 to 64 characters, none of them a control character, no blank at either end.", "Choose a name such as laptop or ci.");
        }

        if (name == Caller.Local.Name)
        {
            throw OperationException.Invalid("name", $"'{name}' means the command line of this machine in the audit log.", "Choose another name.");
        }
    }

    private static void CheckScopes(IReadOnlyList<string> scopes)
    {
        if (scopes.Count == 0 || scopes.Any(scope => !Scopes.All.Contains(scope)))
        {
            throw OperationException.Invalid("scopes", "a key holds one or more of read, operate and admin.", "Write read to look, operate to change, admin to manage devices and keys.");
        }
    }

    private async Task<Remembered?> LookUpAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var generation = Volatile.Read(ref _generation);
        if (await store.FindByPrefixAsync(prefix, cancellationToken) is not { } key)
        {
            _remembered.TryRemove(prefix, out _);
            return null;
        }

        var touchedAt = _remembered.TryGetValue(prefix, out var before) ? before.TouchedAt : (key.LastUsedAt ?? DateTimeOffset.MinValue).UtcTicks;
        var known = new Remembered(key, now, PrincipalOf(key)) { TouchedAt = touchedAt };
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }

        if (generation == Volatile.Read(ref _generation))
        {
            _remembered[prefix] = known;
        }

        return known;
    }

    private static ClaimsPrincipal PrincipalOf(StoredKey key) => ApiKeyAuthentication.Principal(key.Name, key.Id, key.Scopes);

    private void Touch(Remembered known, DateTimeOffset now)
    {
        var last = Volatile.Read(ref known.TouchedAt);
        if (now.UtcTicks - last >= TouchEvery.Ticks && Interlocked.CompareExchange(ref known.TouchedAt, now.UtcTicks, last) == last)
        {
            _ = TouchAsync(known.Key.Id, now);
        }
    }

    private async Task TouchAsync(string id, DateTimeOffset now)
    {
        try
        {
            await store.TouchAsync(id, now, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Nobody waits for this, and the call must not fail for it.
            LogNotTouched(logger, id, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Key '{Name}' ({Id}) was made, with scope {Scopes}")]
    private static partial void LogCreated(ILogger logger, string name, string id, string scopes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Key '{Name}' ({Id}) was revoked")]
    private static partial void LogRevoked(ILogger logger, string name, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} in the data folder holds a key that is revoked, expired or unknown; `fleetwright keys create` makes a new one")]
    private static partial void LogStaleFile(ILogger logger, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last use of key {Id} could not be noted: {Reason}")]
    private static partial void LogNotTouched(ILogger logger, string id, string reason);

    private sealed class Remembered(StoredKey key, DateTimeOffset askedAt, ClaimsPrincipal principal)
    {
        public long TouchedAt;

        public StoredKey Key { get; } = key;

        public DateTimeOffset AskedAt { get; } = askedAt;

        public ClaimsPrincipal Principal { get; } = principal;
    }
}
