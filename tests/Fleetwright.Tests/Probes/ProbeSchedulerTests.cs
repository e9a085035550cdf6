using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Tests.Probes;

public class ProbeSchedulerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Poll_AllThatIsDue_IsOneRoundTrip()
    {
        await using var fleet = new TestFleet([new NoteProbe("a"), new NoteProbe("b"), new NoteProbe("hourly", TimeSpan.FromHours(1)), new NoteProbe("never", Timeout.InfiniteTimeSpan)]);
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        await fleet.PassAsync(95 * Second);

        Assert.Equal([["a", "b", "hourly"], ["a", "b"], ["a", "b"], ["a", "b"]], fleet["nas"].Batches);
    }

    [Fact]
    public async Task Poll_WithJitter_KeepsTheIntervalOnAverageAndItsProbesTogether()
    {
        await using var fleet = new TestFleet([new NoteProbe("a"), new NoteProbe("b")], options: new ProbeOptions());
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        await fleet.PassAsync(TimeSpan.FromMinutes(10), 2 * Second);

        Assert.InRange(fleet["nas"].Batches.Count, 18, 24);
        Assert.All(fleet["nas"].Batches, batch => Assert.Equal(["a", "b"], batch));
    }

    [Fact]
    public async Task Poll_FactsUnknown_TheyComeFirst()
    {
        await using var fleet = new TestFleet([new NoteProbe("a"), new TestFactsProbe()]);
        await fleet.AddAsync("nas");
        fleet["nas"].Answers["facts"] = FakeConnection.Printed("1000");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();

        Assert.Equal([["facts"], ["a"]], fleet["nas"].Batches);
    }

    [Fact]
    public async Task Start_ManyDevices_AreStaggered()
    {
        await using var fleet = new TestFleet([new NoteProbe("a")]);
        for (var i = 0; i < 8; i++)
        {
            await fleet.AddAsync($"device{i}");
        }

        await fleet.StartPollingAsync();
        await Eventually.IsTrue(() => Asked(fleet) == 1, "the first is polled");
        await fleet.PassAsync(Second, TimeSpan.FromMilliseconds(250));
        var afterOneSecond = Asked(fleet);
        await fleet.PassAsync(Second, TimeSpan.FromMilliseconds(250));

        Assert.Equal((5, 8), (afterOneSecond, Asked(fleet)));

        static int Asked(TestFleet fleet) => Enumerable.Range(0, 8).Count(i => fleet[$"device{i}"].Batches.Count > 0);
    }

    [Fact]
    public async Task Poll_ManyDevicesHang_AnotherIsPolledOnTime()
    {
        var options = new ProbeOptions { Jitter = 0, MaxConcurrentDevices = 2 };
        await using var fleet = new TestFleet([new NoteProbe("a")], options: options);
        await fleet.AddAsync("alive");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        for (var i = 0; i < 40; i++)
        {
            fleet[$"dead{i}"].Hold = new TaskCompletionSource();
            await fleet.AddAsync($"dead{i}");
        }

        await fleet.PassAsync(91 * Second);

        Assert.Equal(4, fleet["alive"].Batches.Count);
        Assert.Equal(TimeSpan.Zero, fleet.Observatory.Statistics.LastLag);
    }

    [Fact]
    public async Task Poll_DeviceGoesAway_IsNoticedWithinTwoIntervalsAndTriedAgainMoreAndMoreSeldom()
    {
        await using var fleet = new TestFleet([new NoteProbe("a")]);
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        fleet["nas"].Failure = TestFleet.Refused;
        var before = fleet["nas"].Batches.Count;

        await fleet.PassAsync(31 * Second);
        var status = fleet.Registry.Get("nas").State.Status;
        await fleet.PassAsync(120 * Second);

        Assert.Equal(DeviceStatus.Offline, status);
        Assert.InRange(fleet["nas"].Batches.Count - before, 8, 14);
        Assert.Equal(0, fleet.Observatory.Statistics.Running);
        Assert.True(fleet.Observatory.Statistics.FailedPollsInFiveMinutes >= 8);
    }

    [Fact]
    public async Task Poll_ConnectionLostOnce_IsMendedWithoutGoingOffline()
    {
        await using var fleet = new TestFleet([new NoteProbe("a")]);
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        using var statuses = fleet.Events.Subscribe(e => e.Type == "device.status");
        fleet["nas"].Failure = new ConnectionException(ConnectionFailure.Lost, "Lost.", "Wait.");
        fleet["nas"].Lose(fleet["nas"].Failure!);
        await Eventually.IsTrue(() => fleet["nas"].Batches.Count == 2, "it is asked at once");
        fleet["nas"].Failure = null;

        await fleet.PassAsync(2 * Second);

        Assert.Equal(3, fleet["nas"].Batches.Count);
        Assert.False(statuses.Events.TryRead(out _));
    }

    [Fact]
    public async Task Poll_ConnectionLostAndTheNextOneHangs_IsOfflineBeforeTheAttemptEnds()
    {
        await using var fleet = new TestFleet([new NoteProbe("a")]);
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        fleet["nas"].IsOpen = false;
        fleet["nas"].Hold = new TaskCompletionSource();
        fleet["nas"].Lose(new ConnectionException(ConnectionFailure.Lost, "Lost.", "Wait."));
        await Eventually.IsTrue(() => fleet["nas"].Batches.Count == 2, "it is asked at once");
        var atOnce = fleet.Registry.Get("nas").State.Status;

        await fleet.PassAsync(3 * Second);
        await Eventually.IsTrue(() => fleet.Registry.Get("nas").State.Status == DeviceStatus.Offline, "it is known to be away");
        fleet["nas"].IsOpen = true;
        fleet["nas"].Hold!.SetResult();
        await Eventually.IsTrue(() => fleet.Registry.Get("nas").State.Status == DeviceStatus.Online, "the attempt succeeded after all");

        Assert.Equal(DeviceStatus.Online, atOnce);
    }

    [Fact]
    public async Task Poll_DeviceComesBack_EverythingMissedIsAskedInOneRoundTrip()
    {
        await using var fleet = new TestFleet([new NoteProbe("a"), new NoteProbe("minutely", TimeSpan.FromMinutes(1)), new TestFactsProbe()]);
        fleet["nas"].Answers["facts"] = FakeConnection.Printed("1000");
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        fleet["nas"].Failure = TestFleet.Refused;
        await fleet.PassAsync(100 * Second);
        fleet["nas"].Failure = null;
        await fleet.PassAsync(16 * Second);

        Assert.Equal(DeviceStatus.Online, fleet.Registry.Get("nas").State.Status);
        Assert.Contains(fleet["nas"].Batches.TakeLast(2), batch => batch.SequenceEqual(["a", "minutely", "facts"]));
    }

    [Fact]
    public async Task Poll_SomebodyElseFindsTheDeviceBack_WhatWasMissedIsAskedAtOnce()
    {
        await using var fleet = new TestFleet([new NoteProbe("a")]);
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        fleet["nas"].Failure = TestFleet.Refused;
        await fleet.PassAsync(120 * Second);
        fleet["nas"].Failure = null;
        var before = fleet["nas"].Batches.Count;

        fleet.Registry.ReportAnswered("nas", fleet.Time.GetUtcNow());

        await Eventually.IsTrue(() => fleet["nas"].Batches.Count > before, "it is polled");
    }

    [Fact]
    public async Task Devices_AddedPausedResumedRemoved_AreFollowed()
    {
        await using var fleet = new TestFleet([new NoteProbe("a")]);
        await fleet.StartPollingAsync();

        await fleet.AddAsync("nas");
        await Eventually.IsTrue(() => fleet["nas"].Batches.Count == 1, "it is polled when it is added");
        await fleet.SettleAsync();
        await fleet.Registry.UpdateAsync("nas", new DeviceChange { Paused = true }, CancellationToken.None);
        await fleet.PassAsync(65 * Second);
        var whilePaused = fleet["nas"].Batches.Count;
        await fleet.Registry.UpdateAsync("nas", new DeviceChange { Paused = false }, CancellationToken.None);
        await Eventually.IsTrue(() => fleet["nas"].Batches.Count > whilePaused, "it is polled when it is resumed");
        await fleet.SettleAsync();
        await fleet.Registry.RemoveAsync("nas", CancellationToken.None);
        await Eventually.IsTrue(() => fleet.Fleet.Devices.Count == 0, "it is forgotten");
        var whenRemoved = fleet["nas"].Batches.Count;
        await fleet.PassAsync(65 * Second);

        Assert.InRange(whilePaused, 1, 2);
        Assert.Equal(whenRemoved, fleet["nas"].Batches.Count);
        await fleet.FlushAsync();
        Assert.Null(fleet.Stores.Reading("nas", "a"));
    }

    [Fact]
    public async Task Watch_WhileHeld_PollsTheLiveProbesFast()
    {
        var options = new ProbeOptions { Jitter = 0, LiveProbes = ["live"] };
        await using var fleet = new TestFleet([new NoteProbe("live"), new NoteProbe("other")], options: options);
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();

        var first = fleet.Observatory.Watch("nas");
        var second = fleet.Observatory.Watch("nas");
        await fleet.SettleAsync();
        await fleet.PassAsync(10 * Second);
        first.Dispose();
        first.Dispose();
        await fleet.PassAsync(10 * Second);
        var watched = fleet["nas"].Batches.Count;
        second.Dispose();
        await fleet.PassAsync(60 * Second);

        Assert.InRange(watched, 11, 13);
        Assert.All(fleet["nas"].Batches.Skip(1).Take(9), batch => Assert.Equal(["live"], batch));
        Assert.InRange(fleet["nas"].Batches.Count - watched, 3, 5);
    }

    [Fact]
    public async Task Poll_ProbeStillRuns_IsPassedOver()
    {
        await using var fleet = new TestFleet([new NoteProbe("a", TimeSpan.FromSeconds(5))]);
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        fleet["nas"].Hold = new TaskCompletionSource();

        await fleet.PassAsync(28 * Second);
        var whileHeld = fleet["nas"].Batches.Count;
        var hold = fleet["nas"].Hold!;
        fleet["nas"].Hold = null;
        hold.SetResult();
        await fleet.PassAsync(6 * Second);

        Assert.Equal(2, whileHeld);
        Assert.InRange(fleet["nas"].Batches.Count, 3, 4);
    }

    [Fact]
    public async Task Statistics_AfterSomePolls_TellWhatHappened()
    {
        await using var fleet = new TestFleet([new NoteProbe("a")]);
        await fleet.AddAsync("nas");
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();
        await fleet.PassAsync(TimeSpan.FromMinutes(3));

        var statistics = fleet.Observatory.Statistics;

        Assert.Equal((2, 0, 0), (statistics.PollsPerMinute, statistics.FailedPollsInFiveMinutes, statistics.Running));
        var device = Assert.Single(statistics.Devices);
        Assert.Equal(("nas", 0, false, TimeSpan.Zero), (device.Device, device.FailuresInARow, device.Watched, device.LastPollDuration));
    }
}
