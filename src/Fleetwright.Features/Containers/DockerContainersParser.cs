using System.Text.Json;
using Fleetwright.Platform.Connections.Docker;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Containers;

/// <summary>
/// Reads a list of containers: GET /containers/json of the Docker Engine API 1.12 to 1.51 and of Podman's compatible
/// socket, `podman ps --format json`, and the lines of `docker ps --format '{{json .}}'`.
/// Format: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerList
/// </summary>
public static class DockerContainersParser
{
    public static RawParser Raw { get; } = new("docker-containers", "GET /containers/json of the Docker Engine API", output => Parse(output));

    /// <exception cref="UnreadableOutputException">It is no list of containers.</exception>
    public static ContainerList Parse(ReadOnlyMemory<byte> output)
    {
        var containers = new List<Container>();
        var strangers = 0;
        var elements = EngineOutput.Elements(output);
        foreach (var element in elements)
        {
            if (EngineOutput.IsListEntry(element) || EngineOutput.IsInspectEntry(element))
            {
                containers.Add(EngineOutput.Read(element));
            }
            else
            {
                strangers++;
            }
        }

        return EngineOutput.Result(containers, strangers, elements);
    }
}

/// <summary>
/// Reads inspected containers: GET /containers/{id}/json, and the arrays that `docker inspect` and `podman inspect` print.
/// Format: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerInspect
/// </summary>
public static class DockerInspectParser
{
    public static RawParser Raw { get; } = new("docker-inspect", "GET /containers/{id}/json of the Docker Engine API, or `docker inspect`", output => Parse(output));

    /// <exception cref="UnreadableOutputException">It describes no container.</exception>
    public static ContainerList Parse(ReadOnlyMemory<byte> output) => DockerContainersParser.Parse(output);
}

/// <summary>What both parsers share: both kinds of entry are told apart by themselves.</summary>
internal static class EngineOutput
{
    private static readonly string[] ContainerFields =
        ["Names", "Name", "State", "Status", "Config", "HostConfig", "Image", "ImageID", "Command", "Path", "NetworkSettings"];

    private static readonly string[] OtherKinds = ["RepoTags", "IPAM", "Mountpoint", "Spec"];

    public static IReadOnlyList<JsonElement> Elements(ReadOnlyMemory<byte> output)
    {
        if (output.Span.IndexOfAnyExcept(" \t\r\n\0"u8) < 0)
        {
            throw new UnreadableOutputException("The output is empty.");
        }

        try
        {
            return EngineJson.Elements(output);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            var first = output.Span[output.Span.IndexOfAnyExcept(" \t\r\n"u8)];
            var beginning = Platform.Connections.TerminalText.OneLine(System.Text.Encoding.UTF8.GetString(output.Span[..Math.Min(output.Length, 200)]), 60);
            throw new UnreadableOutputException(
                first is (byte)'[' or (byte)'{'
                    ? $"The JSON is broken or ends early: {Platform.Connections.TerminalText.OneLine(exception.Message, 160)}"
                    : $"It is not JSON; it begins with: {beginning}",
                exception);
        }
    }

    /// <summary>The name, state and image are in the entry itself.</summary>
    public static bool IsListEntry(JsonElement element) =>
        IsContainer(element) && !Has(element, "Config") && (Has(element, "Names") || (Has(element, "Status") && !Has(element, "Name")) || Has(element, "Command"));

    public static bool IsInspectEntry(JsonElement element) => IsContainer(element);

    public static Container Read(JsonElement element)
    {
        try
        {
            return IsListEntry(element)
                ? ContainerReader.FromSummary(EngineJson.Summary(element) ?? new EngineContainerSummary())
                : ContainerReader.FromDetails(EngineJson.Details(element) ?? new EngineContainerDetails());
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new UnreadableOutputException("An entry cannot be read: " + Platform.Connections.TerminalText.OneLine(exception.Message, 160), exception);
        }
    }

    public static ContainerList Result(List<Container> containers, int strangers, IReadOnlyList<JsonElement> elements)
    {
        if (containers.Count == 0 && strangers > 0)
        {
            throw new UnreadableOutputException(WhyNone(elements[0]));
        }

        return new ContainerList
        {
            Containers = [.. containers.OrderBy(container => container.Name, StringComparer.Ordinal).ThenBy(container => container.Id, StringComparer.Ordinal)],
            Notes = strangers == 0 ? null : [$"{strangers} of {elements.Count} entries are not containers and were left out."],
        };
    }

    private static string WhyNone(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return $"It holds a JSON {element.ValueKind.ToString().ToLowerInvariant()} where a container was expected.";
        }

        if (Find(element, "message") is { ValueKind: JsonValueKind.String } message)
        {
            return "The engine answered with an error: " + Platform.Connections.TerminalText.OneLine(Text(message), 200);
        }

        return Has(element, "RepoTags") ? "It describes an image, not a container."
            : OtherKinds.Any(kind => Has(element, kind)) ? "It describes something else than a container."
            : "It holds a JSON object without any field of a container.";
    }

    private static bool IsContainer(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
        && (Has(element, "Id") || Has(element, "Names"))
        && !OtherKinds.Any(kind => Has(element, kind))
        && ContainerFields.Any(field => Has(element, field));

    private static bool Has(JsonElement element, string name) => Find(element, name) is not null;

    private static JsonElement? Find(JsonElement element, string name)
    {
        foreach (var property in element.EnumerateObject())
        {
            string found;
            try
            {
                found = property.Name;
            }
            catch (InvalidOperationException)
            {
                // A name that UTF-16 cannot hold is none of ours.
                continue;
            }

            if (string.Equals(found, name, StringComparison.OrdinalIgnoreCase))
            {
                return property.Value;
            }
        }

        return null;
    }

    private static string Text(JsonElement element)
    {
        try
        {
            return element.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return "(text that is not Unicode)";
        }
    }
}
