using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fleetwright.Platform.Devices.Import;

/// <summary>Writes devices as the YAML inventory that <see cref="InventoryReader"/> reads.</summary>
internal static class InventoryWriter
{
    public static string Write(IEnumerable<Device> devices)
    {
        var text = new StringWriter { NewLine = "\n" };
        var yaml = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 128));
        yaml.Emit(new StreamStart());
        yaml.Emit(new DocumentStart(null, null, isImplicit: true));
        yaml.Emit(new MappingStart());
        Pair(yaml, "version", "1");
        Scalar(yaml, "devices");
        yaml.Emit(new SequenceStart(default, default, isImplicit: true, SequenceStyle.Block));
        foreach (var device in devices)
        {
            Write(yaml, device);
        }

        yaml.Emit(new SequenceEnd());
        yaml.Emit(new MappingEnd());
        yaml.Emit(new DocumentEnd(isImplicit: true));
        yaml.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Write(Emitter yaml, Device device)
    {
        yaml.Emit(new MappingStart());
        Pair(yaml, "name", device.Name, Text);
        if (device.Address.IsLocal)
        {
            Pair(yaml, "local", "true");
        }
        else
        {
            Pair(yaml, "ssh", device.Address.ToString(), Text);
        }

        if (device.Address.KeyFile is { } key)
        {
            Pair(yaml, "key", key, Text);
        }

        if (device.DeclaredType is { } type)
        {
            Pair(yaml, "type", type.ToString().ToLowerInvariant());
        }

        if (device.Tags.Count > 0)
        {
            Scalar(yaml, "tags");
            yaml.Emit(new SequenceStart(default, default, isImplicit: true, SequenceStyle.Flow));
            foreach (var tag in device.Tags)
            {
                Scalar(yaml, tag, Text(tag));
            }

            yaml.Emit(new SequenceEnd());
        }

        if (device.Paused)
        {
            Pair(yaml, "paused", "true");
        }

        yaml.Emit(new MappingEnd());
    }

    private static void Pair(Emitter yaml, string key, string value, Func<string, ScalarStyle>? style = null)
    {
        Scalar(yaml, key);
        Scalar(yaml, value, style?.Invoke(value) ?? ScalarStyle.Plain);
    }

    // Quoted unless it is a word that no YAML reader takes for anything else.
    private static ScalarStyle Text(string value) => value.Length > 0 && (char.IsAsciiLetter(value[0]) || value[0] == '/')
        && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or '/')
        && value.ToLowerInvariant() is not ("true" or "false" or "yes" or "no" or "on" or "off" or "null" or "y" or "n")
            ? ScalarStyle.Plain
            : ScalarStyle.DoubleQuoted;

    private static void Scalar(Emitter yaml, string value, ScalarStyle style = ScalarStyle.Plain) =>
        yaml.Emit(new Scalar(default, default, value, style, isPlainImplicit: true, isQuotedImplicit: true));
}
