using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Fleetwright.Platform.Connections.Docker;

/// <summary>Where a line of a container's log came from.</summary>
public enum LogStream
{
    Stdout,
    Stderr,
}

/// <summary>One line of a container's log as the container wrote it, without its line end.</summary>
/// <param name="Stream">A container with a terminal writes everything to stdout.</param>
/// <param name="UnixNanoseconds">When the engine received it; null when timestamps were not asked for or not understood.</param>
/// <param name="Text">Bytes that are not UTF-8 are U+FFFD; control characters are still there.</param>
public sealed record EngineLogLine(LogStream Stream, long? UnixNanoseconds, string Text)
{
    public DateTimeOffset? At => UnixNanoseconds is { } nanoseconds
        ? DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100)
        : null;
}

/// <summary>
/// Makes lines of a log stream however its bytes are cut. Without a terminal the engine sends frames: one byte for the
/// stream (0 to 2; 3 is an error of the engine itself), three zero bytes, four bytes of length (big endian), the text.
/// Format: https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach
/// </summary>
internal sealed class DockerLogDecoder(bool framed, bool timestamps)
{
    /// <summary>A longer line is cut here, so that a container cannot fill the memory with one line.</summary>
    public const int MaxLineBytes = 256 * 1024;

    private const int HeaderLength = 8;
    private readonly byte[] _header = new byte[HeaderLength];
    private readonly byte[] _stamp = new byte[40];
    private readonly PartialLine[] _partial = [new(), new()];
    private int _headerFilled;
    private uint _frameLeft;
    private bool _stampPending;
    private int _stampFilled;
    private LogStream _frameStream;
    private bool _framed = framed;

    /// <summary>Takes the next bytes and adds the lines that they complete.</summary>
    public void Feed(ReadOnlySpan<byte> bytes, List<EngineLogLine> lines)
    {
        while (!bytes.IsEmpty)
        {
            if (!_framed)
            {
                Append(LogStream.Stdout, bytes, lines);
                return;
            }

            if (_frameLeft == 0)
            {
                var taken = Math.Min(HeaderLength - _headerFilled, bytes.Length);
                bytes[..taken].CopyTo(_header.AsSpan(_headerFilled));
                _headerFilled += taken;
                bytes = bytes[taken..];
                if (_headerFilled == HeaderLength)
                {
                    BeginFrame(lines);
                }

                continue;
            }

            if (_stampPending)
            {
                bytes = SkipRepeatedTimestamp(bytes, lines);
                continue;
            }

            var part = bytes[..(int)Math.Min(_frameLeft, (uint)bytes.Length)];
            Append(_frameStream, part, lines);
            _frameLeft -= (uint)part.Length;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>The stream has ended: gives out what has no line end.</summary>
    public void Finish(List<EngineLogLine> lines)
    {
        if (_framed && _frameLeft == 0 && _headerFilled > 0)
        {
            Append(LogStream.Stdout, _header.AsSpan(0, _headerFilled), lines);
        }

        foreach (var stream in (LogStream[])[LogStream.Stdout, LogStream.Stderr])
        {
            if (_partial[(int)stream].Length > 0)
            {
                Complete(stream, lines);
            }
        }
    }

    private void BeginFrame(List<EngineLogLine> lines)
    {
        _headerFilled = 0;
        if (_header[0] > 3 || _header[1] != 0 || _header[2] != 0 || _header[3] != 0)
        {
            // Not a frame: the container has a terminal after all, and these eight bytes are its text.
            _framed = false;
            Append(LogStream.Stdout, _header, lines);
            return;
        }

        _frameStream = _header[0] >= 2 ? LogStream.Stderr : LogStream.Stdout;
        _frameLeft = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(4));
        _stampPending = timestamps && _frameLeft > 0 && _partial[(int)_frameStream].Length > 0;
        _stampFilled = 0;
    }

    private void Append(LogStream stream, ReadOnlySpan<byte> bytes, List<EngineLogLine> lines)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            _partial[(int)stream].Add(end < 0 ? bytes : bytes[..end]);
            if (end < 0)
            {
                return;
            }

            Complete(stream, lines);
            bytes = bytes[(end + 1)..];
        }
    }

    // A line longer than 16 KiB comes in several frames, each with a time of its own in front; within the line it is noise.
    private ReadOnlySpan<byte> SkipRepeatedTimestamp(ReadOnlySpan<byte> bytes, List<EngineLogLine> lines)
    {
        var taken = 0;
        while (taken < bytes.Length && _stampFilled < _stamp.Length && (_stampFilled == 0 || _stamp[_stampFilled - 1] != ' '))
        {
            _stamp[_stampFilled++] = bytes[taken++];
        }

        var whole = _stamp[_stampFilled - 1] == ' ';
        if (whole || _stampFilled == _stamp.Length || taken == _frameLeft)
        {
            _stampPending = false;
            if (!whole || !TrySplitTimestamp(Encoding.ASCII.GetString(_stamp, 0, _stampFilled), out _, out _))
            {
                Append(_frameStream, _stamp.AsSpan(0, _stampFilled), lines);
            }
        }

        _frameLeft -= (uint)taken;
        return bytes[taken..];
    }

    private void Complete(LogStream stream, List<EngineLogLine> lines)
    {
        var partial = _partial[(int)stream];
        var text = partial.Take();
        long? at = null;
        if (timestamps && TrySplitTimestamp(text, out var nanoseconds, out var rest))
        {
            at = nanoseconds;
            text = rest;
        }

        lines.Add(new EngineLogLine(stream, at, text.EndsWith('\r') ? text[..^1] : text));
    }

    /// <summary>"2024-05-01T12:00:00.123456789Z text", or with an offset in place of the Z.</summary>
    internal static bool TrySplitTimestamp(string text, out long unixNanoseconds, out string rest)
    {
        unixNanoseconds = 0;
        rest = text;
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var end = space < 0 ? text.Length : space;
        if (end is < 20 or > 40 || text[4] != '-' || text[10] != 'T'
            || !DateTimeOffset.TryParse(text.AsSpan(0, 19), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var seconds))
        {
            return false;
        }

        var index = 19;
        long fraction = 0;
        if (text[index] == '.')
        {
            var digits = 0;
            for (index++; index < end && char.IsAsciiDigit(text[index]); index++, digits++)
            {
                fraction = digits < 9 ? (fraction * 10) + (text[index] - '0') : fraction;
            }

            for (; digits < 9; digits++)
            {
                fraction *= 10;
            }
        }

        var offset = TimeSpan.Zero;
        var zone = text.AsSpan(index, end - index);
        if (zone is not "Z")
        {
            if (zone.Length != 6 || zone[0] is not ('+' or '-')
                || !TimeSpan.TryParseExact(zone[1..], @"hh\:mm", CultureInfo.InvariantCulture, out offset))
            {
                return false;
            }

            offset = zone[0] == '-' ? -offset : offset;
        }

        var wholeSeconds = seconds.ToUnixTimeSeconds() - (long)offset.TotalSeconds;
        if (wholeSeconds is < 0 or > long.MaxValue / 1_000_000_000 - 1)
        {
            return false;
        }

        unixNanoseconds = (wholeSeconds * 1_000_000_000) + fraction;
        rest = space < 0 ? "" : text[(space + 1)..];
        return true;
    }

    /// <summary>The bytes of a line whose end has not come yet.</summary>
    private sealed class PartialLine
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public int Length => _bytes.WrittenCount;

        public void Add(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes[..Math.Min(MaxLineBytes - Length, bytes.Length)]);

        public string Take()
        {
            var text = Encoding.UTF8.GetString(_bytes.WrittenSpan);
            _bytes.ResetWrittenCount();
            return text;
        }
    }
}
