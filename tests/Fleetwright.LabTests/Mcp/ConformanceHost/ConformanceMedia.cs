using ModelContextProtocol.Protocol;

namespace Fleetwright.LabTests.Mcp.ConformanceHost;

/// <summary>The smallest image, sound and resource that are valid.</summary>
internal static class ConformanceMedia
{
    public static byte[] Png { get; } = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==");

    // A RIFF header of PCM, 8 kHz, mono, 8 bits, and no samples.
    private static readonly byte[] Wav = Convert.FromBase64String("UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=");

    public static ContentBlock Image() => ImageContentBlock.FromBytes(Png, "image/png");

    public static ContentBlock Audio() => AudioContentBlock.FromBytes(Wav, "audio/wav");

    public static ContentBlock Embedded(string uri, string mimeType, string text) => new EmbeddedResourceBlock
    {
        Resource = new TextResourceContents { Uri = uri, MimeType = mimeType, Text = text },
    };
}
