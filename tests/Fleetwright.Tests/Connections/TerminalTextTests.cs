using Fleetwright.Platform.Connections;

namespace Fleetwright.Tests.Connections;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("plain\ttext\n", "plain\ttext\n")]
    [InlineData("\u001b[1;31mred\u001b[0m!", "red!")]
    [InlineData("\u009b31mred", "red")]
    [InlineData("\u001b]0;a title\u0007text", "text")]
    [InlineData("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link")]
    [InlineData("\u001bPdevice string\u001b\\text", "text")]
    [InlineData("\u001b(Btext\u001b=", "text")]
    [InlineData("10%\r20%\r\n", "10% 20%\n")]
    [InlineData("a\0b\u0007c\u0008d\u0085e", "abcde")]
    [InlineData("ad\u202egnp.exe\u202c", "adgnp.exe")]
    [InlineData("cut off \u001b[31", "cut off ")]
    [InlineData("cut off \u001b", "cut off ")]
    [InlineData("\u001b]no end\nnext line", "no end\nnext line")]
    public void Strip_TerminalCodes_LeavesTheText(string text, string expected) => Assert.Equal(expected, TerminalText.Strip(text));

    [Fact]
    public void Strip_AnyText_LeavesNothingThatSteers()
    {
        var random = new Random(3);
        for (var i = 0; i < 2000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)random.Next(random.Next(2) == 0 ? 0x100 : 0x3000))]);

            var clean = TerminalText.Strip(text);

            Assert.DoesNotContain(clean, character => char.IsControl(character) && character is not ('\t' or '\n'));
            Assert.Equal(clean, TerminalText.Strip(clean));
        }
    }

    [Theory]
    [InlineData(" a \n b ", 10, "a b")]
    [InlineData("abcdefgh", 5, "abcd…")]
    [InlineData("abc😀def", 5, "abc…")]
    public void OneLine_LongText_IsCut(string text, int length, string expected) => Assert.Equal(expected, TerminalText.OneLine(text, length));
}
