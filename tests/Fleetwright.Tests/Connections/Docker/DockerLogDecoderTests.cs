using System.Buffers.Binary;
using System.Text;
using Fleetwright.Platform.Connections.Docker;

namespace Fleetwright.Tests.Connections.Docker;

public sealed class DockerLogDecoderTests
{
    [Fact]
    public void Feed_AnySplit_GivesTheSameLines()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var (bytes, expected) = Random(random);

            var lines = Decode(bytes, framed: true, timestamps: true, random);

            Assert.Equal(expected, lines);
        }
    }

    [Fact]
    public void Feed_LineInSeveralFrames_DropsTheTimesInBetween()
    {
        byte[] bytes =
        [
            .. Frame(1, "2026-01-01T00:00:00.000000001Z " + new string('a', 16384)),
            .. Frame(1, "2026-01-01T00:00:00.000000002Z bbb\n"),
        ];

        var line = Assert.Single(Decode(bytes, framed: true, timestamps: true, new Random(1)));

        Assert.Equal(new string('a', 16384) + "bbb", line.Text);
        Assert.Equal(1, line.UnixNanoseconds % 1_000_000_000);
    }

    [Fact]
    public void Feed_StreamsInterleaved_AreKeptApart()
    {
        byte[] bytes = [.. Frame(1, "ou"), .. Frame(2, "err\n"), .. Frame(1, "t\n"), .. Frame(3, "engine trouble\n"), .. Frame(2, "")];

        var lines = Decode(bytes, framed: true, timestamps: false, new Random(1));

        Assert.Equal(
            [new(LogStream.Stderr, null, "err"), new(LogStream.Stdout, null, "out"), new EngineLogLine(LogStream.Stderr, null, "engine trouble")], lines);
    }

    [Fact]
    public void Feed_TerminalWithoutFrames_IsReadAsText() =>
        Assert.Equal(
            ["$ ls", "a  b"],
            Decode("2026-01-01T00:00:00Z $ ls\r\n2026-01-01T00:00:01.5+02:00 a  b\r\n"u8.ToArray(), framed: false, timestamps: true, new Random(1)).Select(line => line.Text));

    [Fact]
    public void Feed_TextWhereFramesWereExpected_IsReadAsText() =>
        Assert.Equal(["hello world"], Decode("hello world\n"u8.ToArray(), framed: true, timestamps: false, new Random(1)).Select(line => line.Text));

    [Fact]
    public void Feed_EndlessLine_IsCut()
    {
        var decoder = new DockerLogDecoder(framed: false, timestamps: false);
        var lines = new List<EngineLogLine>();
        for (var i = 0; i < 40; i++)
        {
            decoder.Feed(new byte[64 * 1024], lines);
        }

        decoder.Finish(lines);

        Assert.Equal(DockerLogDecoder.MaxLineBytes, Assert.Single(lines).Text.Length);
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z x", 1767225600_000000000, "x")]
    [InlineData("2026-01-01T02:00:00.123456789+02:00 x", 1767225600_123456789, "x")]
    [InlineData("2026-01-01T00:00:00.5Z", 1767225600_500000000, "")]
    [InlineData("2026-01-01T00:00:00.1234567899Z x", 1767225600_123456789, "x")]
    public void TrySplitTimestamp_Rfc3339_IsExactToTheNanosecond(string text, long expected, string rest)
    {
        Assert.True(DockerLogDecoder.TrySplitTimestamp(text, out var nanoseconds, out var left));
        Assert.Equal((expected, rest), (nanoseconds, left));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-01 00:00:00 x")]
    [InlineData("2026-99-01T00:00:00Z x")]
    [InlineData("2026-01-01T00:00:00+0200 x")]
    [InlineData("hello world, this is no time at all")]
    public void TrySplitTimestamp_Other_IsLeftAlone(string text) => Assert.False(DockerLogDecoder.TrySplitTimestamp(text, out _, out _));

    private static (byte[] Bytes, List<EngineLogLine> Lines) Random(Random random)
    {
        var bytes = new List<byte>();
        var lines = new List<EngineLogLine>();
        for (var i = random.Next(1, 20); i > 0; i--)
        {
            var stream = (LogStream)random.Next(2);
            var text = new string('x', random.Next(40)) + (random.Next(3) == 0 ? "é€😀\t:" : "");
            var nanoseconds = 1_767_225_600_000_000_000 + random.NextInt64(1_000_000_000);
            var stamp = DateTimeOffset.FromUnixTimeSeconds(nanoseconds / 1_000_000_000).ToString("yyyy-MM-ddTHH:mm:ss", null) + $".{nanoseconds % 1_000_000_000:D9}Z ";
            bytes.AddRange(Frame((byte)(stream == LogStream.Stdout ? 1 : 2), stamp + text + "\n"));
            lines.Add(new EngineLogLine(stream, nanoseconds, text));
        }

        return ([.. bytes], lines);
    }

    private static List<EngineLogLine> Decode(byte[] bytes, bool framed, bool timestamps, Random random)
    {
        var decoder = new DockerLogDecoder(framed, timestamps);
        var lines = new List<EngineLogLine>();
        for (var at = 0; at < bytes.Length;)
        {
            var count = Math.Min(random.Next(1, 30), bytes.Length - at);
            decoder.Feed(bytes.AsSpan(at, count), lines);
            at += count;
        }

        decoder.Finish(lines);
        return lines;
    }

    private static byte[] Frame(byte stream, string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var frame = new byte[8 + payload.Length];
        frame[0] = stream;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)payload.Length);
        payload.CopyTo(frame, 8);
        return frame;
    }
}
