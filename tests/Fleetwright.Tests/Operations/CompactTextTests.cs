using System.Text.Json;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Operations;

public sealed class CompactTextTests
{
    [Fact]
    public void Of_ObjectWithTable_NamesColumnsOnce()
    {
        var text = CompactText.Of(Parse("""
            {"device":"nas","value":{"load":{"one":0.52,"five":1},"disks":[{"name":"sda","bytes":1234567890123},{"name":"sdb","healthy":false}],"tags":["a","b"],"none":[]}}
            """));

        Assert.Equal("""
            device: nas
            value:
              load: one=0.52, five=1
              disks:
                name | bytes | healthy
                sda | 1234567890123 |
                sdb |  | false
              tags: a, b
              none: none
            """, text);
    }

    [Fact]
    public void Of_ControlCharacters_AreTakenOut()
    {
        Assert.Equal("line: [31mred", CompactText.Of(Parse("{\"line\":\"\\u001b[31mred\\u0007\"}")));
    }

    [Fact]
    public void Of_Aligned_PadsColumns()
    {
        Assert.Equal("items:\n  name  state\n  a     up\n  long  down", CompactText.Of(Parse("""{"items":[{"name":"a","state":"up"},{"name":"long","state":"down"}]}"""), aligned: true));
    }

    [Fact]
    public void Cut_LongText_EndsAtALineAndSaysHowToNarrow()
    {
        var text = string.Join('\n', Enumerable.Range(0, 1000).Select(i => $"line {i}"));

        var cut = CompactText.Cut(text, 500, "Use limit.");

        Assert.True(cut.Length <= 500);
        Assert.EndsWith($"… cut here: {text.Length} characters in all. Use limit.", cut, StringComparison.Ordinal);
        Assert.All(cut.Split('\n')[..^1], line => Assert.Matches("^line [0-9]+$", line));
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
