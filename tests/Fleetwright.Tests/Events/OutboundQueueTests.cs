using System.Text;
using System.Text.Json;
using Fleetwright.Platform.Events.Live;
using Fleetwright.Platform.Events.WebSockets;

namespace Fleetwright.Tests.Events;

public sealed class OutboundQueueTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Offer_MoreThanFits_DropsTheOldestAndTellsHowManyOfWhom()
    {
        using var queue = new OutboundQueue(4, long.MaxValue);
        var (a, b) = (new OutboundSource("a", "events"), new OutboundSource("b", "events"));

        for (var i = 1; i <= 6; i++)
        {
            queue.Offer(a, Message($"a{i}"));
        }

        queue.Offer(b, Message("b1"));

        var sent = TakeAll(queue);
        Assert.Equal("dropped", sent[0].GetProperty("type").GetString());
        Assert.Equal(3, sent[0].GetProperty("count").GetInt64());
        Assert.Equal(3, sent[0].GetProperty("total").GetInt64());
        var loser = Assert.Single(sent[0].GetProperty("subscriptions").EnumerateArray());
        Assert.Equal("a", loser.GetProperty("id").GetString());
        Assert.Equal(["a4", "a5", "a6", "b1"], sent[1..].Select(one => one.GetProperty("event").GetString()));
        Assert.Equal([4, 5, 6, 1], sent[1..].Select(one => one.GetProperty("seq").GetInt64()));
        Assert.Equal(3, queue.Dropped);
    }

    [Fact]
    public void Offer_AfterDropsWereTold_TellsTheNextDropsAlone()
    {
        using var queue = new OutboundQueue(1, long.MaxValue);
        var source = new OutboundSource("a", "events");
        queue.Offer(source, Message("1"));
        queue.Offer(source, Message("2"));
        TakeAll(queue);

        queue.Offer(source, Message("3"));
        queue.Offer(source, Message("4"));
        queue.Offer(source, Message("5"));

        var sent = TakeAll(queue);
        Assert.Equal(2, sent[0].GetProperty("count").GetInt64());
        Assert.Equal(3, sent[0].GetProperty("total").GetInt64());
        Assert.Equal(5, sent[1].GetProperty("seq").GetInt64());
    }

    [Fact]
    public void Offer_MoreBytesThanFit_DropsTheOldestAndKeepsTheNewestHoweverLarge()
    {
        using var queue = new OutboundQueue(1000, 1000);
        var source = new OutboundSource("a", "events");
        queue.Offer(source, Message("first"));
        queue.Offer(source, Message("large", new string('x', 5000)));

        var sent = TakeAll(queue);
        Assert.Equal(["dropped", "event"], sent.Select(one => one.GetProperty("type").GetString()));
        Assert.Equal("large", sent[1].GetProperty("event").GetString());
    }

    [Fact]
    public void Offer_Gap_CountsAsDroppedAndLeavesItsPlaceInTheNumbers()
    {
        using var queue = new OutboundQueue(10, long.MaxValue);
        var source = new OutboundSource("a", "events");
        queue.Offer(source, Message("1"));
        queue.Offer(source, LiveMessage.Gap(7, At));
        queue.Offer(source, Message("9"));

        var sent = TakeAll(queue);
        Assert.Equal(7, sent[0].GetProperty("count").GetInt64());
        Assert.Equal([1, 9], sent[1..].Select(one => one.GetProperty("seq").GetInt64()));
    }

    [Fact]
    public void End_WhenEventsAreDropped_Stays()
    {
        using var queue = new OutboundQueue(2, long.MaxValue);
        var (ended, other) = (new OutboundSource("ended", "logs"), new OutboundSource("other", "events"));
        queue.Offer(ended, Message("1"));
        queue.End(ended, sequence => WebSocketProtocol.End("ended", "logs", sequence, failure: null));
        for (var i = 0; i < 20; i++)
        {
            queue.Offer(other, Message("more"));
        }

        var end = Assert.Single(TakeAll(queue), one => one.GetProperty("type").GetString() == "end");
        Assert.Equal(1, end.GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task TryTake_AnswersAndEvents_GivesAnswersFirst()
    {
        using var queue = new OutboundQueue(10, long.MaxValue);
        queue.Offer(new OutboundSource("a", "events"), Message("1"));
        await queue.AnswerAsync(WebSocketProtocol.Pong("p", At), CancellationToken.None);

        Assert.Equal(["pong", "event"], TakeAll(queue).Select(one => one.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Answer_TooManyWait_MakesTheAskerWait()
    {
        using var queue = new OutboundQueue(10, long.MaxValue);
        var answer = WebSocketProtocol.Pong(null, At);
        var taken = 0;
        ValueTask waiting;
        while ((waiting = queue.AnswerAsync(answer, CancellationToken.None)).IsCompleted)
        {
            await waiting;
            Assert.True(++taken < 1000, "answers are not bounded");
        }

        Assert.True(queue.TryTake(out _));
        await waiting;
    }

    [Fact]
    public void Close_EventsOfThatSubscription_AreNotSentAndNotCounted()
    {
        using var queue = new OutboundQueue(10, long.MaxValue);
        var (closed, open) = (new OutboundSource("closed", "events"), new OutboundSource("open", "events"));
        queue.Offer(closed, Message("1"));
        queue.Offer(open, Message("2"));

        queue.Close(closed);
        queue.Offer(closed, Message("3"));

        Assert.Equal("open", Assert.Single(TakeAll(queue)).GetProperty("id").GetString());
        Assert.Equal(0, queue.Dropped);
    }

    [Fact]
    public void Body_AskedForByMany_IsMadeOnce()
    {
        var message = Message("1");
        Assert.True(message.Body.Span == message.Body.Span);
    }

    private static LiveMessage Message(string name, object? data = null) => new() { Event = name, At = At, Data = data };

    private static List<JsonElement> TakeAll(OutboundQueue queue)
    {
        var all = new List<JsonElement>();
        while (queue.TryTake(out var message))
        {
            var buffer = new byte[message.MaxLength];
            all.Add(JsonElement.Parse(Encoding.UTF8.GetString(buffer, 0, message.CopyTo(buffer))));
        }

        return all;
    }
}
