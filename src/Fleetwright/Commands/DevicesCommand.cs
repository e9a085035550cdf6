using System.CommandLine;
using System.Text.Json.Nodes;

namespace Fleetwright.Commands;

/// <summary>fleetwright devices …: the machines that are managed, by the operations of the same names.</summary>
internal sealed class DevicesCommand : DataCommand
{
    public DevicesCommand(FeatureList features)
        : base(features, "devices", "Add, list, test, change and remove the machines that are managed.")
    {
        Options.Add(Data);
        Options.Add(AsJson);
        Subcommands.Add(Add());
        Subcommands.Add(List());
        Subcommands.Add(OfOne("test", "Connect now; print what was found, and what is missing with the command that permits it.", "test_device"));
        Subcommands.Add(OfOne("remove", "Stop managing a device and forget its readings.", "remove_device"));
        Subcommands.Add(OfOne("show", "What a device is and has.", "get_device_info"));
        Subcommands.Add(OfOne("pause", "Stop connecting to a device, and keep its readings.", "update_device", ("paused", true)));
        Subcommands.Add(OfOne("resume", "Connect to a paused device again.", "update_device", ("paused", false)));
        Subcommands.Add(Trust());
        Subcommands.Add(Import());
        Subcommands.Add(Export());
    }

    private static Argument<string> DeviceName() => new("name") { Description = "The device's name or id." };

    private Command Add()
    {
        var name = DeviceName();
        var ssh = new Option<string?>("--ssh") { Description = "USER@HOST[:PORT]; a host alias of your ssh configuration and a Tailscale name work too." };
        var local = new Option<bool>("--local") { Description = "The machine that Fleetwright runs on." };
        var key = new Option<string?>("--key") { Description = "A private key file for this device; default: your agent and ssh configuration." };
        var tags = new Option<string[]>("--tag") { Description = "A tag; may be given several times." };
        var same = new Option<bool>("--allow-same-machine") { Description = "Add it although a managed device shows the same machine-id (clones that never got their own)." };
        var command = new Command("add", "Manage one more machine.") { name, ssh, local, key, tags, same };
        command.SetAction((parsed, cancellationToken) =>
        {
            var arguments = new JsonObject { ["name"] = parsed.GetValue(name) };
            Put(arguments, "address", parsed.GetValue(local) ? "local" : parsed.GetValue(ssh));
            Put(arguments, "keyFile", parsed.GetValue(key) is { } file ? Path.GetFullPath(file) : null);
            if (parsed.GetValue(tags) is { Length: > 0 } given)
            {
                arguments["tags"] = new JsonArray([.. given.Select(tag => (JsonNode)tag)]);
            }

            if (parsed.GetValue(same))
            {
                arguments["allowSameMachine"] = true;
            }

            return CallAsync(parsed, "add_device", arguments, cancellationToken);
        });
        return command;
    }

    private Command List()
    {
        var status = new Option<string?>("--status") { Description = "Only devices that are online, offline, unreachable or unknown." };
        var tag = new Option<string?>("--tag") { Description = "Only devices with this tag." };
        var command = new Command("list", "The managed devices and whether they answer.") { status, tag };
        command.SetAction((parsed, cancellationToken) =>
        {
            var arguments = new JsonObject();
            Put(arguments, "status", parsed.GetValue(status));
            Put(arguments, "tag", parsed.GetValue(tag));
            return CallAsync(parsed, "list_devices", arguments, cancellationToken);
        });
        return command;
    }

    private Command Trust()
    {
        var name = DeviceName();
        var fingerprint = new Option<string>("--fingerprint") { Description = "The new host key's fingerprint as the device's console shows it: SHA256:…", Required = true };
        var command = new Command("trust", "Accept a device's changed host key, after you have compared its fingerprint.") { name, fingerprint };
        command.SetAction((parsed, cancellationToken) => CallAsync(
            parsed, "trust_host_key", new JsonObject { ["device"] = parsed.GetValue(name), ["fingerprint"] = parsed.GetValue(fingerprint) }, cancellationToken));
        return command;
    }

    private Command Import()
    {
        var file = new Argument<string>("file") { Description = "A YAML inventory, the output of `tailscale status --json`, or an ssh configuration file; - for standard input." };
        var format = new Option<string?>("--format") { Description = "inventory, tailscale or sshConfig; found out when left out." };
        var user = new Option<string?>("--user") { Description = "The SSH user of every imported device." };
        var key = new Option<string?>("--key") { Description = "The private key file of every imported device." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be added, and add nothing." };
        var command = new Command("import", "Add the devices that a file names.") { file, format, user, key, dryRun };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var path = parsed.GetValue(file)!;
                var text = path == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(path, cancellationToken);
                if (string.IsNullOrWhiteSpace(text))
                {
                    // Without content the operation reads ~/.ssh/config; a pipe that broke must not mean that.
                    await Console.Error.WriteLineAsync("error: the input is empty.\nnext: check what should have written it, then import again.");
                    return ExitCodes.WrongUse;
                }

                var arguments = new JsonObject { ["content"] = text };
                arguments["format"] = parsed.GetValue(format) ?? FormatOf(text);
                Put(arguments, "user", parsed.GetValue(user));
                Put(arguments, "keyFile", parsed.GetValue(key) is { } keyFile ? Path.GetFullPath(keyFile) : null);
                if (parsed.GetValue(dryRun))
                {
                    arguments["dryRun"] = true;
                }

                return await CallAsync(parsed, "import_devices", arguments, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"error: {exception.Message}\nnext: name a file that can be read.");
                return ExitCodes.WrongUse;
            }
        });
        return command;
    }

    // tailscale prints one JSON object, an inventory has a devices key, and ssh's configuration has neither.
    private static string FormatOf(string text) =>
        text.TrimStart().StartsWith('{') ? "tailscale"
        : text.Split('\n').Any(line => line.StartsWith("devices:", StringComparison.Ordinal)) ? "inventory"
        : "sshConfig";

    private Command Export()
    {
        var command = new Command("export", "Print the devices as the YAML inventory that import reads.");
        command.SetAction((parsed, cancellationToken) => WithToolsAsync(
            parsed,
            async tools =>
            {
                var json = (await tools.CallAsync("export_devices", [], cancellationToken)).Json;
                if (parsed.GetValue(AsJson))
                {
                    return Print(parsed, json);
                }

                await Console.Out.WriteAsync(json.GetProperty("content").GetString());
                return ExitCodes.Done;
            },
            cancellationToken));
        return command;
    }

    private Command OfOne(string verb, string description, string operation, params (string Name, JsonNode Value)[] more)
    {
        var name = DeviceName();
        var command = new Command(verb, description) { name };
        command.SetAction((parsed, cancellationToken) =>
        {
            var arguments = new JsonObject { ["device"] = parsed.GetValue(name) };
            foreach (var (key, value) in more)
            {
                arguments[key] = value.DeepClone();
            }

            return WithToolsAsync(
                parsed,
                async tools =>
                {
                    var json = (await tools.CallAsync(operation, arguments, cancellationToken)).Json;
                    var done = Print(parsed, json);

                    // A test that reached nothing is told in full, and a script can ask for it.
                    return json.TryGetProperty("reached", out var reached) && !reached.GetBoolean() ? ExitCodes.DeviceAway : done;
                },
                cancellationToken);
        });
        return command;
    }

    private static void Put(JsonObject arguments, string name, string? value)
    {
        if (value is not null)
        {
            arguments[name] = value;
        }
    }
}
