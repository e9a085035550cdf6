namespace Fleetwright.Platform.Connections;

/// <summary>Keeps the first bytes up to a cap and counts the rest away.</summary>
internal sealed class CappedBuffer(int cap)
{
    private byte[] _bytes = [];
    private int _length;

    public bool Truncated { get; private set; }

    public ReadOnlyMemory<byte> Content => _bytes.AsMemory(0, _length);

    public void Append(ReadOnlySpan<byte> data)
    {
        var fits = Math.Min(data.Length, cap - _length);
        Truncated |= fits < data.Length;
        if (fits == 0)
        {
            return;
        }

        if (_bytes.Length < _length + fits)
        {
            var size = Math.Min(cap, (int)Math.Min(Math.Max(256L, _bytes.Length * 2L), int.MaxValue));
            Array.Resize(ref _bytes, Math.Max(size, _length + fits));
        }

        data[..fits].CopyTo(_bytes.AsSpan(_length));
        _length += fits;
    }
}
