using System.CommandLine;
using System.Text.Json;
using Fleetwright.Platform;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Security;

namespace Fleetwright.Commands;

/// <summary>fleetwright keys …: the API keys of a data folder. Who can read the folder may do this; no door offers it.</summary>
internal sealed class KeysCommand : DataCommand
{
    public KeysCommand(FeatureList features)
        : base(features, "keys", "Make, list and revoke API keys.")
    {
        Options.Add(Data);
        Options.Add(AsJson);
        Subcommands.Add(Create());
        Subcommands.Add(List());
        Subcommands.Add(Revoke());
    }

    private Command Create()
    {
        var name = new Argument<string>("name") { Description = "What to call it: who or what will use it." };
        var scope = new Option<string[]>("--scope") { Description = "read, operate or admin; each includes the ones before it. Default: read." };
        var expires = new Option<string?>("--expires") { Description = "How long it works: 12h, 30d, 52w; or a time: 2027-01-01. Default: it does not expire." };
        var command = new Command("create", "Make a key and print it once.") { name, scope, expires };
        command.SetAction((parsed, cancellationToken) => WithToolsAsync(
            parsed,
            async tools =>
            {
                var scopes = parsed.GetValue(scope) is { Length: > 0 } given ? given : [Scopes.Read];
                var keys = (await tools.ServicesAsync(cancellationToken)).GetRequiredService<ApiKeys>();
                var created = await keys.CreateAsync(parsed.GetValue(name)!, scopes, Expiry(parsed.GetValue(expires)), cancellationToken);
                if (!parsed.GetValue(AsJson))
                {
                    await Console.Error.WriteLineAsync("This is the only time the key is shown:");
                    await Console.Out.WriteLineAsync(created.Secret);
                    return ExitCodes.Done;
                }

                return Print(parsed, JsonSerializer.SerializeToElement(created, Json.Options));
            },
            cancellationToken));
        return command;
    }

    private Command List()
    {
        var command = new Command("list", "The keys, without their secrets.");
        command.SetAction((parsed, cancellationToken) => WithToolsAsync(
            parsed,
            async tools =>
            {
                var keys = await (await tools.ServicesAsync(cancellationToken)).GetRequiredService<ApiKeys>().ListAsync(cancellationToken);
                return Print(parsed, JsonSerializer.SerializeToElement(new { keys }, Json.Options));
            },
            cancellationToken));
        return command;
    }

    private Command Revoke()
    {
        var key = new Argument<string>("key") { Description = "The key's id or name." };
        var command = new Command("revoke", "Make a key useless at once; a running server follows within seconds.") { key };
        command.SetAction((parsed, cancellationToken) => WithToolsAsync(
            parsed,
            async tools =>
            {
                var revoked = await (await tools.ServicesAsync(cancellationToken)).GetRequiredService<ApiKeys>().RevokeAsync(parsed.GetValue(key)!, cancellationToken);
                return Print(parsed, JsonSerializer.SerializeToElement(revoked, Json.Options));
            },
            cancellationToken));
        return command;
    }

    private static DateTimeOffset? Expiry(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (!PointInTime.TryParse(text, null, out var time))
        {
            throw OperationException.Invalid("expires", "this is not a time.", "Write 30d, 12h, or 2027-01-01.");
        }

        // A duration is read as "ago"; here it lies ahead.
        var now = TimeProvider.System.GetUtcNow();
        var resolved = time.Resolve(now);
        return char.IsAsciiLetter(text.Trim()[^1]) && text.Trim()[^1] != 'Z' ? now + (now - resolved) : resolved;
    }
}
