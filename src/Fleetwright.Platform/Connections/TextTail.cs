using System.Text;

namespace Fleetwright.Platform.Connections;

/// <summary>The last few kilobytes of a stream of text, to explain an end.</summary>
internal sealed class TextTail
{
    private const int Cap = 8 * 1024;
    private readonly Lock _lock = new();
    private readonly List<byte> _bytes = [];

    public void Append(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            _bytes.AddRange(data.Length > Cap ? data[^Cap..] : data);
            if (_bytes.Count > Cap)
            {
                _bytes.RemoveRange(0, _bytes.Count - Cap);
            }
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return Encoding.UTF8.GetString([.. _bytes]);
        }
    }
}
