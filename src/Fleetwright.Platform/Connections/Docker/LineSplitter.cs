using System.Buffers;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>Cuts a stream of bytes into lines; a line longer than the cap is dropped whole.</summary>
internal sealed class LineSplitter(int capBytes)
{
    private readonly ArrayBufferWriter<byte> _partial = new();
    private bool _dropping;

    /// <summary>The lines that these bytes complete, empty ones left out.</summary>
    public List<byte[]> Feed(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<byte[]>();
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            if (_partial.WrittenCount + part.Length > capBytes)
            {
                _dropping = true;
                _partial.ResetWrittenCount();
            }

            if (!_dropping)
            {
                _partial.Write(part);
            }

            if (end < 0)
            {
                break;
            }

            if (!_dropping && _partial.WrittenCount > 0)
            {
                lines.Add(_partial.WrittenSpan.ToArray());
            }

            _partial.ResetWrittenCount();
            _dropping = false;
            bytes = bytes[(end + 1)..];
        }

        return lines;
    }
}
