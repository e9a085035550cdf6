using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;

namespace Fleetwright.Tests.Devices;

public sealed class DeviceStatusTests : IAsyncDisposable
{
    private readonly DevicesKit _kit = new();
    private readonly DateTimeOffset _start;

    public DeviceStatusTests() => _start = _kit.Time.Now;

    private DeviceState State => _kit.Registry.Get("nas").State;

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public async Task Added_IsUnknown_ThenOnlineSinceTheFirstAnswer()
    {
        await _kit.AddAsync("nas");
        Assert.Equal(DeviceState.Unasked, State);

        Answered(5);
        Answered(35);

        Assert.Equal((DeviceStatus.Online, At(5), At(35)), (State.Status, State.Since!.Value, State.LastSeenAt!.Value));
    }

    [Theory]
    [InlineData(ConnectionFailure.Refused, DeviceStatus.Offline)]
    [InlineData(ConnectionFailure.TimedOut, DeviceStatus.Offline)]
    [InlineData(ConnectionFailure.NoRoute, DeviceStatus.Offline)]
    [InlineData(ConnectionFailure.NameNotFound, DeviceStatus.Offline)]
    [InlineData(ConnectionFailure.Unknown, DeviceStatus.Offline)]
    [InlineData(ConnectionFailure.KeyRejected, DeviceStatus.Unreachable)]
    [InlineData(ConnectionFailure.HostKeyChanged, DeviceStatus.Unreachable)]
    [InlineData(ConnectionFailure.ShellMissing, DeviceStatus.Unreachable)]
    [InlineData(ConnectionFailure.SocketMissing, DeviceStatus.Online)]
    [InlineData(ConnectionFailure.SocketNotPermitted, DeviceStatus.Online)]
    [InlineData(ConnectionFailure.ForwardingRefused, DeviceStatus.Online)]
    [InlineData(ConnectionFailure.TooManySessions, DeviceStatus.Online)]
    public async Task Failed_TellsAtOnceWhetherItIsAwayOrShut(ConnectionFailure failure, DeviceStatus status)
    {
        await _kit.AddAsync("nas");
        Answered(0);

        Failed(30, failure);

        Assert.Equal(status, State.Status);
        Assert.Equal(At(0), State.LastSeenAt);
        if (status != DeviceStatus.Online)
        {
            Assert.Equal((At(30), "it is so", "do this"), (State.Since, State.Reason, State.Advice));
        }
    }

    [Fact]
    public async Task Lost_OnceIsAHiccup_TwiceIsBeingAway()
    {
        await _kit.AddAsync("nas");
        Answered(0);

        Failed(30, ConnectionFailure.Lost);
        Failed(30.2, ConnectionFailure.Lost); // another question on the same connection
        Assert.Equal(DeviceStatus.Online, State.Status);

        Failed(60, ConnectionFailure.Lost);
        Assert.Equal((DeviceStatus.Offline, At(60)), (State.Status, State.Since));
    }

    [Fact]
    public async Task Lost_ThenAnswered_StartsOver()
    {
        await _kit.AddAsync("nas");
        Answered(0);
        Failed(30, ConnectionFailure.Lost);
        Answered(60);

        Failed(90, ConnectionFailure.Lost);

        Assert.Equal(DeviceStatus.Online, State.Status);
    }

    [Fact]
    public async Task Failed_AgainForAnotherReason_KeepsSinceAndTellsTheNewReason()
    {
        await _kit.AddAsync("nas");
        Failed(0, ConnectionFailure.Refused, "refused");
        Failed(30, ConnectionFailure.TimedOut, "silent");

        Assert.Equal((DeviceStatus.Offline, At(0), "silent"), (State.Status, State.Since, State.Reason));
    }

    [Fact]
    public async Task Answered_BeforeTheFailure_ToldLate_ChangesNothing()
    {
        await _kit.AddAsync("nas");
        Failed(30, ConnectionFailure.Refused);

        Answered(29);
        Assert.Equal(DeviceStatus.Offline, State.Status);

        Answered(31);
        Assert.Equal((DeviceStatus.Online, At(31)), (State.Status, State.Since));
        Assert.Null(State.Reason);
    }

    [Fact]
    public async Task Answers_AreSavedOncePerMinute_AndAllAtTheEnd()
    {
        await _kit.AddAsync("nas");
        for (var second = 0; second < 150; second++)
        {
            Answered(second);
        }

        await _kit.RestartAsync();

        // Online at 0, then 60 and 120 at the latest, then the end; fewer when they were overtaken in the queue.
        Assert.InRange(_kit.DeviceStore.StateSaves, 1, 4);
        Assert.Equal(At(149), State.LastSeenAt);
    }

    [Fact]
    public async Task StatusChange_IsInTheStoreWithoutWaitingForTheEnd()
    {
        await _kit.AddAsync("nas");
        Failed(0, ConnectionFailure.Refused, "refused");

        await Eventually.AsyncTrue(async () => (await _kit.DeviceStore.ListAsync(TestContext.Current.CancellationToken))[0].State.Status == DeviceStatus.Offline);
    }

    [Theory]
    [InlineData(60, 0)] // back soon: it stayed online
    [InlineData(3600, 3600)] // nobody looked for an hour
    public async Task Restart_OnlineSince_HoldsWhenTheGapIsShort(double gap, double since)
    {
        await _kit.AddAsync("nas");
        Answered(0);
        await _kit.RestartAsync();
        Assert.Equal((DeviceStatus.Unknown, At(0)), (State.Status, State.LastSeenAt!.Value));

        Answered(gap);

        Assert.Equal(At(since), State.Since);
    }

    [Fact]
    public async Task Restart_StillOffline_KeepsSince_AndWithoutAReportTheStoreKeepsWhatItKnew()
    {
        await _kit.AddAsync("nas");
        Failed(0, ConnectionFailure.Refused);
        await _kit.RestartAsync();
        await _kit.RestartAsync();

        Failed(86_400, ConnectionFailure.TimedOut);

        Assert.Equal((DeviceStatus.Offline, At(0)), (State.Status, State.Since));
    }

    private DateTimeOffset At(double seconds) => _start.AddSeconds(seconds);

    private void Answered(double seconds) => _kit.Registry.ReportAnswered("nas", At(seconds));

    private void Failed(double seconds, ConnectionFailure failure, string message = "it is so") =>
        _kit.Registry.ReportFailure("nas", DevicesKit.Failure(failure, message), At(seconds));
}

/// <summary>Waits, bounded, for what happens in the background.</summary>
internal static class Eventually
{
    public static async Task AsyncTrue(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
