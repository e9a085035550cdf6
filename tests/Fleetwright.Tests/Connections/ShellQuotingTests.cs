using System.Text;
using FsCheck.Fluent;
using Fleetwright.Platform.Connections;

namespace Fleetwright.Tests.Connections;

/// <summary>Hostile arguments through real shells of all three kinds; each must arrive as the one argument it is.</summary>
public sealed class ShellQuotingTests
{
    private static readonly string[] Pieces =
    [
        "'", "\"", "\n", "\r", "\t", "\\", "$(touch /tmp/fw-pwned)", "`id`", "$HOME", "${IFS}", ";", "|", "&", ">", "<", "*", "?", "[a]",
        "~", "#", "!", "!!", " ", "  ", "-", "--", "-n", "-e", "=", "a=b", "\u0001", "\u001e", "\u007f", "\u0080", "\u0081", "\u0088", "é", "日本", "😀",
        "%s", "%", "\\n", "\\0", "'\\''", "EOF", "\uDC80", "\uDCFF", "\uDC8A", "plain",
    ];

    public static TheoryData<string, string[]> Shells => new()
    {
        { "bash", ["--posix"] },
        { "dash", [] },
        { "busybox", ["ash"] },
    };

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Quote_HostileText_ArrivesAsOneArgument(string shell, string[] arguments)
    {
        await using var connection = new LocalConnection(new ConnectionOptions(), TimeProvider.System, shell, arguments);
        var texts = Gen.Elements(Pieces).ListOf().Select(string.Concat).Sample(300, 12)
            .Concat(ArbMap.Default.GeneratorFor<string>().Where(IsWholeText).Sample(200, 50))
            .Concat(Pieces).Append("").Append(new string('x', 100_000)).Append(string.Concat(Enumerable.Repeat("'$(x)\n", 16_000)))
            .ToArray();

        foreach (var chunk in texts.Chunk(60))
        {
            // All of a chunk in one command, so that a text that spills over shows in its neighbours too.
            var expected = chunk.SelectMany(t => (byte[])[.. Bytes(t), 0]).ToArray();
            var command = Command.Script("for a in \"$@\"; do printf '%s\\000' \"$a\"; done", chunk);

            var result = await connection.RunAsync(command, TestContext.Current.CancellationToken);

            Assert.Equal("", result.ErrorText);
            Assert.Equal(expected, result.Output.ToArray());
        }

        Assert.False(File.Exists("/tmp/fw-pwned"));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Batch_RandomBytesAsInput_ArriveAsTheyAre(string shell, string[] arguments)
    {
        await using var connection = new LocalConnection(new ConnectionOptions(), TimeProvider.System, shell, arguments);
        var inputs = ArbMap.Default.GeneratorFor<byte[]>().Where(b => b.Length > 0).Sample(100, 60)
            .Append("-n looks like an option"u8.ToArray()).Append("--"u8.ToArray()).Append("%s\\n"u8.ToArray()).ToArray();

        var results = await connection.RunBatchAsync(
            [.. inputs.Select(i => new Command("cat") { Input = i })], TestContext.Current.CancellationToken);

        Assert.Equal(inputs, results.Select(r => r.Output.ToArray()));
    }

    [Fact]
    public void Quote_WhatNoArgumentCanHold_IsRefused() => // lone surrogates do not survive in an attribute
        Assert.All(["a\0b", "\0", "half \uD800 pair", "\uDC00"], t => Assert.Throws<ArgumentException>(() => ShellQuoting.Quote(t)));

    [Fact]
    public async Task RunAsync_ArgumentWithNul_IsRefusedAndTheShellGoesOn()
    {
        await using var connection = new LocalConnection(new ConnectionOptions(), TimeProvider.System);

        await Assert.ThrowsAsync<ArgumentException>(() => connection.RunAsync(new Command("echo", "a\0b"), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => connection.StreamAsync(new Command("echo", "a\0b"), TestContext.Current.CancellationToken));

        var after = await connection.RunAsync(new Command("echo", "after"), TestContext.Current.CancellationToken);
        Assert.Equal("after\n", after.OutputText);
    }

    private static bool IsWholeText(string? text) =>
        text is not null && !text.Contains('\0', StringComparison.Ordinal) && !text.Any(char.IsSurrogate);

    private static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]))
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(i++, 2)));
            }
            else if (text[i] is >= '\uDC80' and <= '\uDCFF')
            {
                bytes.Add((byte)(text[i] - '\uDC80' + 0x80));
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
            }
        }

        return [.. bytes];
    }
}
