using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>A port of a container, published on the device or only exposed.</summary>
public sealed record EnginePort
{
    /// <summary>Inside the container, 0 to 65535.</summary>
    public required int ContainerPort { get; init; }

    /// <summary>On the device; null when it is not published.</summary>
    public int? HostPort { get; init; }

    /// <summary>The address of the device it is published on.</summary>
    public string? HostAddress { get; init; }

    /// <summary>tcp, udp or sctp.</summary>
    public string Protocol { get; init; } = "tcp";

    /// <summary>How many ports in a row, from these on; Podman tells ranges so.</summary>
    public int Count { get; init; } = 1;
}

/// <summary>
/// Ports in every form they come in: a list of objects ({IP, PrivatePort, PublicPort, Type} of the Docker Engine,
/// {host_ip, container_port, host_port, range, protocol} and {hostPort, containerPort} of Podman), an inspect's map
/// {"80/tcp": [{HostIp, HostPort}] or null}, and the text of `docker ps` ("0.0.0.0:8080->80/tcp, 443/tcp").
/// </summary>
internal sealed class EnginePortsConverter : JsonConverter<IReadOnlyList<EnginePort>>
{
    private const int MaxPorts = 4096;

    public override IReadOnlyList<EnginePort>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var ports = new List<EnginePort>();
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (reader.TokenType == JsonTokenType.StartObject)
                    {
                        Add(ports, ReadEntry(ref reader));
                    }
                    else if (Loose.Text(ref reader) is { } text)
                    {
                        AddText(ports, text);
                    }
                }

                return ports;
            case JsonTokenType.StartObject:
                ReadMap(ref reader, ports);
                return ports;
            case JsonTokenType.String:
                AddText(ports, Loose.Text(ref reader) ?? "");
                return ports;
            default:
                reader.Skip();
                return null;
        }
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<EnginePort> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    private static EnginePort? ReadEntry(ref Utf8JsonReader reader)
    {
        string? address = null, protocol = null;
        int? inside = null, outside = null, count = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = (Loose.Text(ref reader) ?? "").Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
            reader.Read();
            var value = Loose.Text(ref reader);
            switch (name)
            {
                case "IP" or "HOSTIP":
                    address = value;
                    break;
                case "PRIVATEPORT" or "CONTAINERPORT":
                    inside = Port(value);
                    break;
                case "PUBLICPORT" or "HOSTPORT":
                    outside = Port(value);
                    break;
                case "TYPE" or "PROTOCOL":
                    protocol = value;
                    break;
                case "RANGE":
                    count = Port(value);
                    break;
            }
        }

        return Make(inside ?? outside, outside, address, protocol, count);
    }

    private static void ReadMap(ref Utf8JsonReader reader, List<EnginePort> ports)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var (inside, protocol) = Split(Loose.Text(ref reader) ?? "");
            reader.Read();
            var published = 0;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (reader.TokenType == JsonTokenType.StartObject && ReadEntry(ref reader) is { } entry)
                    {
                        published++;
                        Add(ports, Make(inside, entry.HostPort, entry.HostAddress, protocol, null));
                    }
                    else
                    {
                        reader.Skip();
                    }
                }
            }
            else
            {
                reader.Skip();
            }

            if (published == 0)
            {
                Add(ports, Make(inside, null, null, protocol, null));
            }
        }
    }

    // "0.0.0.0:8080->80/tcp, [::]:8000-8002->8000-8002/tcp, 443/tcp"
    private static void AddText(List<EnginePort> ports, string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var arrow = part.IndexOf("->", StringComparison.Ordinal);
            var (inside, protocol) = Split(arrow < 0 ? part : part[(arrow + 2)..]);
            var host = arrow < 0 ? null : part[..arrow];
            var colon = host?.LastIndexOf(':') ?? -1;
            var (outside, _) = Split(host is null ? "" : host[(colon + 1)..]);
            var address = colon > 0 ? host![..colon].Trim('[', ']') : null;
            Add(ports, Make(inside, outside, address, protocol, RangeLength(arrow < 0 ? part : part[(arrow + 2)..])));
        }
    }

    private static (int? Port, string? Protocol) Split(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var number = slash < 0 ? text : text[..slash];
        var dash = number.IndexOf('-', StringComparison.Ordinal);
        return (Port(dash < 0 ? number : number[..dash]), slash < 0 ? null : text[(slash + 1)..]);
    }

    private static int? RangeLength(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var ends = (slash < 0 ? text : text[..slash]).Split('-');
        return ends.Length == 2 && Port(ends[0]) is { } first && Port(ends[1]) is { } last && last >= first ? last - first + 1 : null;
    }

    private static EnginePort? Make(int? inside, int? outside, string? address, string? protocol, int? count) =>
        inside is not { } port ? null : new EnginePort
        {
            ContainerPort = port,
            HostPort = outside is > 0 ? outside : null,
            HostAddress = outside is > 0 && !string.IsNullOrEmpty(address) ? address : null,
            Protocol = string.IsNullOrEmpty(protocol) ? "tcp" : protocol.ToLowerInvariant(),
            Count = count is > 1 ? count.Value : 1,
        };

    private static void Add(List<EnginePort> ports, EnginePort? port)
    {
        if (port is not null && ports.Count < MaxPorts)
        {
            ports.Add(port);
        }
    }

    private static int? Port(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535 ? port : null;
}
