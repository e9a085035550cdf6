using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Operations;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Fleetwright.Platform.Devices.Import;

/// <summary>Reads the YAML inventory described in docs/inventory.md; every mistake is told with its line and column.</summary>
internal static class InventoryReader
{
    public const int MaxCharacters = 1024 * 1024;
    private const int MaxDepth = 8;
    private const string Schema = "The form is described in docs/inventory.md; export_devices shows an example.";
    private static readonly string[] DefaultKeys = ["user", "port", "key", "tags"];
    private static readonly string[] DeviceKeys = ["name", "ssh", "local", "user", "port", "key", "type", "tags", "paused"];

    /// <exception cref="OperationException">It is not YAML, or not an inventory; mistakes of one device are entries.</exception>
    public static ImportList Read(string yaml)
    {
        if (yaml.Length > MaxCharacters)
        {
            throw OperationException.Invalid("content", $"it has more than {MaxCharacters} characters.", "Split the inventory.");
        }

        try
        {
            RefuseDeep(yaml);
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            return stream.Documents switch
            {
                [] => throw new InventoryMistake(null, "there is nothing in it"),
                [var one] => Inventory(Mapping(one.RootNode, "the inventory")),
                _ => throw new InventoryMistake(stream.Documents[1].RootNode, "it holds more than one document"),
            };
        }
        catch (InventoryMistake mistake)
        {
            throw OperationException.Invalid("content", mistake.Message + ".", Schema);
        }
        catch (YamlException exception)
        {
            throw OperationException.Invalid("content",
                TabbedLine(yaml) is { } tabbed
                    ? $"line {tabbed}, column 1: it is indented by a tab; YAML takes spaces alone."
                    : $"line {exception.Start.Line}, column {exception.Start.Column}: this is not YAML ({DeviceValidation.Shown(Innermost(exception))}).",
                "Look at that line and the one before: indentation by spaces, a space after each colon, quotes closed. " + Schema);
        }
    }

    private static ImportList Inventory(YamlMappingNode root)
    {
        var fields = Fields(root, ["version", "defaults", "devices"]);
        if (fields.TryGetValue("version", out var version) && Text(version, "version") != "1")
        {
            throw new InventoryMistake(version, "version must be 1");
        }

        var defaults = fields.TryGetValue("defaults", out var node) ? Fields(Mapping(node, "defaults"), DefaultKeys) : [];
        if (!fields.TryGetValue("devices", out var devices))
        {
            throw new InventoryMistake(root, "there is no 'devices' list");
        }

        return new ImportList([.. Sequence(devices, "devices").Select((device, index) => Entry(device, index, defaults))], []);
    }

    private static ImportEntry Entry(YamlNode node, int index, Dictionary<string, YamlNode> defaults)
    {
        var name = $"(device {index + 1})";
        try
        {
            var fields = Fields(Mapping(node, "a device"), DeviceKeys);
            name = fields.TryGetValue("name", out var named) ? Text(named, "name") : throw new InventoryMistake(node, "it has no name");
            return ImportEntry.Of(new NewDevice
            {
                Name = name,
                Address = Address(node, fields, defaults),
                Type = fields.TryGetValue("type", out var type) ? Type(type) : null,
                Tags = [.. Tags(defaults), .. Tags(fields)],
                Paused = fields.TryGetValue("paused", out var paused) && Truth(paused, "paused"),
            });
        }
        catch (InventoryMistake mistake)
        {
            return ImportEntry.Refused(DeviceValidation.Shown(name), mistake.Message + ".");
        }
    }

    private static DeviceAddress Address(YamlNode node, Dictionary<string, YamlNode> fields, Dictionary<string, YamlNode> defaults)
    {
        if (fields.TryGetValue("local", out var local) && Truth(local, "local"))
        {
            return fields.Keys.FirstOrDefault(key => key is "ssh" or "user" or "port" or "key") is { } extra
                ? throw new InventoryMistake(fields[extra], $"a local device has no '{extra}'")
                : DeviceAddress.Local;
        }

        if (!fields.TryGetValue("ssh", out var ssh))
        {
            throw new InventoryMistake(node, "it has neither 'ssh: USER@HOST[:PORT]' nor 'local: true'");
        }

        if (!DeviceAddress.TryParseSsh(Text(ssh, "ssh"), out var address, out var error))
        {
            throw new InventoryMistake(ssh, error.TrimEnd('.'));
        }

        return address with
        {
            User = Optional("user") ?? address.User ?? Default("user"),
            Port = Port(fields) ?? address.Port ?? Port(defaults),
            KeyFile = Optional("key") ?? Default("key"),
        };

        string? Optional(string key) => fields.TryGetValue(key, out var value) ? Text(value, key) : null;
        string? Default(string key) => defaults.TryGetValue(key, out var value) ? Text(value, key) : null;
    }

    private static int? Port(Dictionary<string, YamlNode> fields)
    {
        if (!fields.TryGetValue("port", out var node))
        {
            return null;
        }

        return int.TryParse(Text(node, "port"), System.Globalization.NumberStyles.None, null, out var port) && port is >= 1 and <= 65535
            ? port
            : throw new InventoryMistake(node, "port is a number from 1 to 65535");
    }

    private static DeviceType Type(YamlNode node)
    {
        var text = Text(node, "type");
        return text.All(char.IsAsciiLetter) && Enum.TryParse<DeviceType>(text, ignoreCase: true, out var type)
            ? type
            : throw new InventoryMistake(node, $"type is one of {string.Join(", ", Enum.GetNames<DeviceType>()).ToLowerInvariant()}");
    }

    private static List<string> Tags(Dictionary<string, YamlNode> fields) =>
        fields.TryGetValue("tags", out var tags) ? Sequence(tags, "tags").Select(tag => Text(tag, "a tag")).ToList() : [];

    private static bool Truth(YamlNode node, string what) => Text(node, what).ToLowerInvariant() switch
    {
        "true" => true,
        "false" => false,
        _ => throw new InventoryMistake(node, $"{what} is true or false"),
    };

    private static Dictionary<string, YamlNode> Fields(YamlMappingNode mapping, string[] known)
    {
        var fields = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var (key, value) in mapping.Children)
        {
            var name = Text(key, "a key");
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                throw new InventoryMistake(key, $"'{DeviceValidation.Shown(name)}' is not known here; known are {string.Join(", ", known)}");
            }

            fields[name] = value;
        }

        return fields;
    }

    private static YamlMappingNode Mapping(YamlNode node, string what) =>
        node as YamlMappingNode ?? throw new InventoryMistake(node, $"{what} must be a mapping (lines of 'key: value')");

    private static YamlSequenceNode Sequence(YamlNode node, string what) =>
        node as YamlSequenceNode ?? throw new InventoryMistake(node, $"{what} must be a list (lines of '- …')");

    private static string Text(YamlNode node, string what) =>
        (node as YamlScalarNode)?.Value is { Length: > 0 } text ? text : throw new InventoryMistake(node, $"{what} must have a value");

    // The model below is built by recursion; a thousand brackets must not end the process.
    private static void RefuseDeep(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > MaxDepth || parser.Current is AnchorAlias)
            {
                var at = parser.Current.Start;
                throw new InventoryMistake(at, depth > MaxDepth ? "it is nested too deeply" : "anchors and aliases are not for inventories; write it out");
            }
        }
    }

    // The parser blames the line before; only looked for when it has failed, as a tab is not wrong everywhere.
    private static int? TabbedLine(string yaml) => yaml.Split('\n')
        .Select((line, index) => (Indentation: line.TakeWhile(char.IsWhiteSpace), Number: index + 1))
        .Where(line => line.Indentation.Contains('\t'))
        .Select(line => (int?)line.Number)
        .FirstOrDefault();

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception.Message.TrimEnd('.');
    }

    private sealed class InventoryMistake : Exception
    {
        public InventoryMistake(YamlNode? node, string what)
            : this(node?.Start ?? default, what)
        {
        }

        public InventoryMistake(Mark at, string what)
            : base(at.Line > 0 ? $"line {at.Line}, column {at.Column}: {what}" : what)
        {
        }
    }
}
