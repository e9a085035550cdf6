using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Fleetwright.Platform.Connections;

namespace Fleetwright.Tests.Connections;

public sealed class MarkerReaderTests
{
    private static readonly byte[] Nonce = ShellProtocol.NewNonce();
    private static readonly string NonceText = Encoding.ASCII.GetString(Nonce);

    /// <summary>However the bytes are cut up on their way, and whatever stands around the markers.</summary>
    [Fact]
    public void ReadAsync_AnyCutting_GivesTheSamePieces()
    {
        // Data made of pieces of the nonce itself is the hardest.
        var pieces = Gen.Elements("", "\n", "x", NonceText[..1], NonceText[..20], NonceText[1..], NonceText[..^1], "e 0\n").ListOf().Select(string.Concat)
            .Where(t => !t.Contains(NonceText, StringComparison.Ordinal));
        var property = Prop.ForAll(
            pieces.Two().ToArbitrary(),
            Gen.Choose(1, 40).ToArbitrary(),
            (data, step) =>
            {
                var (before, after) = (data.Item1, data.Item2);
                if ((before + NonceText).IndexOf(NonceText, StringComparison.Ordinal) != before.Length)
                {
                    return true;
                }

                var all = Encoding.ASCII.GetBytes($"{before}{NonceText} b 1234\n{after}{NonceText} e 7 x\n");
                return ReadAll(all, step) == $"{before}<b 1234 False>{after}<e 7 True>";
            });

        property.QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ReadAsync_MarkerInTheMiddleOfALine_LeavesTheLineWhole() =>
        Assert.Equal("ab<b 12 False>cd", ReadAll(Encoding.ASCII.GetBytes($"ab{NonceText} b 12\ncd"), 1000));

    [Fact]
    public void ReadAsync_NonceWithoutAnEnd_IsData()
    {
        var text = NonceText + new string('y', 100);

        Assert.Equal(text, ReadAll(Encoding.ASCII.GetBytes(text), 7));
    }

    [Fact]
    public async Task ReadAsync_LastByteCouldBeginANonce_OnlyThatByteWaits()
    {
        var reader = new MarkerReader(new Steps(Encoding.ASCII.GetBytes("tick" + NonceText[0]), 100));

        var piece = await reader.ReadAsync(Nonce, TestContext.Current.CancellationToken);

        Assert.Equal("tick"u8.ToArray(), piece.Data.ToArray());
    }

    private static string ReadAll(byte[] bytes, int step)
    {
        var reader = new MarkerReader(new Steps(bytes, step));
        var text = new StringBuilder();
        while (true)
        {
            var piece = reader.ReadAsync(Nonce, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            switch (piece.Kind)
            {
                case PieceKind.End:
                    return text.ToString();
                case PieceKind.Data:
                    text.Append(Encoding.ASCII.GetString(piece.Data.Span));
                    break;
                default:
                    text.Append($"<{piece.Letter} {piece.Number} {piece.Flag}>");
                    break;
            }
        }
    }

    private sealed class Steps(byte[] bytes, int step) : ReadOnlyStream
    {
        private int _at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(Math.Min(step, buffer.Length), bytes.Length - _at);
            bytes.AsMemory(_at, count).CopyTo(buffer);
            _at += count;
            return ValueTask.FromResult(count);
        }
    }
}
