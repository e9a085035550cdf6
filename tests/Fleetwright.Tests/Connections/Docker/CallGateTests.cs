using Fleetwright.Platform.Connections.Docker;

namespace Fleetwright.Tests.Connections.Docker;

public sealed class CallGateTests
{
    [Fact]
    public async Task Narrow_SomeCallsRefused_AsManyRemainAsFoundAConnection()
    {
        var gate = new CallGate(8);
        var turns = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => gate.EnterAsync(false, CancellationToken.None)));
        foreach (var refused in turns.Skip(2))
        {
            gate.Narrow();
            refused.Dispose();
        }

        var third = gate.EnterAsync(false, CancellationToken.None);
        Assert.False(third.IsCompleted);
        turns[0].Dispose();
        Assert.False((await third).Alone);
    }

    [Fact]
    public async Task Enter_Queue_LetsPollsGoLast()
    {
        var gate = new CallGate(1);
        var first = await gate.EnterAsync(false, CancellationToken.None);
        var behind = gate.EnterAsync(true, CancellationToken.None);
        var ahead = gate.EnterAsync(false, CancellationToken.None);

        first.Dispose();

        using (await ahead)
        {
            Assert.False(behind.IsCompleted);
        }

        Assert.True((await behind).Alone);
    }

    [Fact]
    public async Task Enter_CancelledWhileWaiting_GivesItsTurnAway()
    {
        var gate = new CallGate(1);
        using var cancelled = new CancellationTokenSource();
        var first = await gate.EnterAsync(false, CancellationToken.None);
        var waiting = gate.EnterAsync(false, cancelled.Token);
        var last = gate.EnterAsync(false, CancellationToken.None);

        await cancelled.CancelAsync();
        first.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        (await last).Dispose();
    }
}
