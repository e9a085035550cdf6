using System.Text;
using Fleetwright.Platform.Events.WebSockets;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Events;

public sealed class ClientMessageTests
{
    [Fact]
    public void Parse_Subscribe_HasAllItsParts()
    {
        var message = ClientMessage.Parse(Bytes("""{"type":"subscribe","id":"m1","channel":"metrics","filter":{"device":"nas"},"later":1}"""), out var id);

        Assert.Equal("m1", id);
        Assert.Equal((ClientMessageType.Subscribe, "m1", "metrics"), (message.Type, message.Id, message.Channel));
        Assert.Equal("""{"device":"nas"}""", message.Filter!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"type":"hello"}""", "Hello")]
    [InlineData("""{"type":"hello","version":1,"id":"h"}""", "Hello")]
    [InlineData("""{"type":"ping"}""", "Ping")]
    [InlineData("""{"type":"unsubscribe","id":"m1"}""", "Unsubscribe")]
    [InlineData("""{"type":"subscribe","id":"m1","channel":"devices","filter":null}""", "Subscribe")]
    public void Parse_OtherMessages_AreRead(string text, string type) =>
        Assert.Equal(type, ClientMessage.Parse(Bytes(text), out _).Type.ToString());

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("hello", "not JSON")]
    [InlineData("""{"type":"ping"} x""", "not JSON")]
    [InlineData("""{"type":"ping","type":"ping"}""", "not JSON")]
    [InlineData("""[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]""", "not JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{}", "type: it is missing")]
    [InlineData("""{"type":1}""", "type: it is not a text")]
    [InlineData("""{"type":"\ud800"}""", "type: it is not a text")]
    [InlineData("""{"type":"fly"}""", "there is no message 'fly'")]
    [InlineData("""{"type":"hello","version":2}""", "version 1")]
    [InlineData("""{"type":"hello","version":"1"}""", "version 1")]
    [InlineData("""{"type":"subscribe","channel":"devices"}""", "id:")]
    [InlineData("""{"type":"subscribe","id":"","channel":"devices"}""", "1 to 64")]
    [InlineData("""{"type":"subscribe","id":"a\n","channel":"devices"}""", "control")]
    [InlineData("""{"type":"subscribe","id":1,"channel":"devices"}""", "id: it is not a text")]
    [InlineData("""{"type":"subscribe","id":"a"}""", "channel: it is missing")]
    [InlineData("""{"type":"subscribe","id":"a","channel":"devices","filter":[]}""", "filter: it is not an object")]
    [InlineData("""{"type":"unsubscribe"}""", "id:")]
    public void Parse_Wrong_SaysWhat(string text, string why)
    {
        var failure = Assert.Throws<OperationException>(() => ClientMessage.Parse(Bytes(text), out _));

        Assert.Equal(OperationError.Invalid, failure.Error);
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.NextStep);
    }

    [Fact]
    public void Parse_WrongWithId_TellsTheId()
    {
        string? id = null;
        Assert.Throws<OperationException>(() => ClientMessage.Parse(Bytes("""{"type":"subscribe","id":"m7"}"""), out id));
        Assert.Equal("m7", id);
    }

    [Fact]
    public void Parse_AnyBytes_ThrowsNothingElse()
    {
        var random = new Random(7);
        var seed = Bytes("""{"type":"subscribe","id":"m1","channel":"metrics","filter":{"device":"nas","x":[1,2,{"a":"\u00e4"}]}}""");
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = seed.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                ClientMessage.Parse(bytes.AsMemory(0, random.Next(bytes.Length + 1)), out _);
            }
            catch (OperationException)
            {
                // The one way to refuse.
            }
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
