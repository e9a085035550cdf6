using System.Buffers.Text;

namespace Fleetwright.Platform.Connections;

internal enum PieceKind
{
    Data,
    Marker,
    End,
}

/// <summary>A run of plain bytes, one marker, or the end of the stream.</summary>
/// <param name="Data">Valid until the next read.</param>
/// <param name="Letter">What the marker says; see <see cref="ShellProtocol"/>.</param>
/// <param name="Number">The number after the letter, 0 without one.</param>
/// <param name="Flag">An x followed the number.</param>
internal readonly record struct Piece(PieceKind Kind, ReadOnlyMemory<byte> Data = default, char Letter = '\0', int Number = 0, bool Flag = false);

/// <summary>
/// Splits a stream into data and markers. A marker is the nonce, a letter, optionally a number and an x, and a
/// newline; it may stand anywhere, also in the middle of a line, because other processes write to the same stream.
/// </summary>
internal sealed class MarkerReader(Stream stream)
{
    private const int LongestMarkerTail = 40;
    private readonly byte[] _buffer = new byte[32 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next piece; with an empty nonce everything is data.</summary>
    public async ValueTask<Piece> ReadAsync(ReadOnlyMemory<byte> nonce, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(nonce.Span, out var piece))
            {
                return piece;
            }

            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
            {
                var rest = Data(_end - _start);
                return rest.Data.Length > 0 ? rest : new Piece(PieceKind.End);
            }

            _end += count;
        }
    }

    private bool TryTake(ReadOnlySpan<byte> nonce, out Piece piece)
    {
        piece = default;
        var seen = _buffer.AsSpan(_start, _end - _start);
        if (seen.IsEmpty)
        {
            return false;
        }

        if (nonce.IsEmpty)
        {
            piece = Data(seen.Length);
            return true;
        }

        var at = seen.IndexOf(nonce);
        if (at == 0)
        {
            return TryTakeMarker(seen, nonce.Length, out piece);
        }

        var length = at > 0 ? at : seen.Length - OpenPrefix(seen, nonce);
        if (length > 0)
        {
            piece = Data(length);
        }

        return length > 0;
    }

    private bool TryTakeMarker(ReadOnlySpan<byte> seen, int nonceLength, out Piece piece)
    {
        piece = default;
        var tail = seen[nonceLength..];
        var newline = tail.IndexOf((byte)'\n');
        if (newline < 0)
        {
            if (tail.Length <= LongestMarkerTail)
            {
                return false;
            }

            piece = Data(nonceLength);
            return true;
        }

        // " b 1234", " e 0", " e 0 x", " s"
        tail = tail[..newline];
        var letter = tail.Length > 1 ? (char)tail[1] : '\0';
        var number = 0;
        var used = 0;
        if (tail.Length > 3 && !Utf8Parser.TryParse(tail[3..], out number, out used))
        {
            used = 0;
        }

        var flag = tail.Length > 3 + used && tail[^1] == (byte)'x';
        _start += nonceLength + newline + 1;
        piece = new Piece(PieceKind.Marker, default, letter, number, flag);
        return true;
    }

    private Piece Data(int length)
    {
        var data = _buffer.AsMemory(_start, length);
        _start += length;
        return new Piece(PieceKind.Data, data);
    }

    /// <summary>How many bytes at the end may be the beginning of the nonce, and must wait for more.</summary>
    private static int OpenPrefix(ReadOnlySpan<byte> seen, ReadOnlySpan<byte> nonce)
    {
        for (var length = Math.Min(nonce.Length - 1, seen.Length); length > 0; length--)
        {
            if (seen[^length..].SequenceEqual(nonce[..length]))
            {
                return length;
            }
        }

        return 0;
    }
}
