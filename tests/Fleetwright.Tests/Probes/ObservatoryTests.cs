using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Tests.Probes;

public class ObservatoryTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Observe_DeviceAnswers_IsLive()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Ok, ObservationSource.Live, "note"), (seen.Status, seen.Source, seen.Value?.Text));
        Assert.Equal(("nas", fleet.Time.GetUtcNow(), null), (seen.Device, seen.ObservedAt, seen.CachedBecause));
        Assert.Equal(DeviceStatus.Online, fleet.Registry.Get("nas").State.Status);
    }

    [Fact]
    public async Task Observe_YoungEnoughInMemory_DoesNotAsk()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        var first = await fleet.ObserveAsync("nas", probe);

        fleet.Time.Advance(Minute);
        var young = await fleet.ObserveAsync("nas", probe, Minute);
        fleet.Time.Advance(TimeSpan.FromSeconds(1));
        var old = await fleet.ObserveAsync("nas", probe, Minute);

        Assert.Same(first, young);
        Assert.Equal((2, ObservationSource.Live), (old.Value!.Run, old.Source));
    }

    [Fact]
    public async Task Observe_ManyAtOnce_ShareOneRun()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        fleet["nas"].Hold = new TaskCompletionSource();

        var asked = Enumerable.Range(0, 50).Select(_ => fleet.ObserveAsync("nas", probe)).ToList();
        fleet["nas"].Hold!.SetResult();
        var seen = await Task.WhenAll(asked);

        Assert.Single(fleet["nas"].Batches);
        Assert.All(seen, each => Assert.Equal(1, each.Value!.Run));
    }

    [Fact]
    public async Task Observe_OneAskerGivesUp_TheOthersStillGetTheirAnswer()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        fleet["nas"].Hold = new TaskCompletionSource();
        using var impatience = new CancellationTokenSource();

        var impatient = fleet.Observatory.ObserveAsync("nas", probe, null, impatience.Token);
        var patient = fleet.ObserveAsync("nas", probe);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        fleet["nas"].Hold!.SetResult();

        Assert.Equal(ReadingStatus.Ok, (await patient).Status);
    }

    [Fact]
    public async Task Observe_ConnectionFails_GivesTheLastValueWithItsTimeAndWhy()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        var live = await fleet.ObserveAsync("nas", probe);
        fleet.Time.Advance(Minute);
        fleet["nas"].Failure = TestFleet.Refused;

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Ok, ObservationSource.Cached, live.ObservedAt), (seen.Status, seen.Source, seen.ObservedAt));
        Assert.Equal(live.Value, seen.Value);
        Assert.Equal("nas did not answer: Nothing listens there.", seen.CachedBecause);
        Assert.Equal("Start sshd.", seen.Remedy);
        Assert.Equal(DeviceStatus.Offline, fleet.Registry.Get("nas").State.Status);
    }

    [Fact]
    public async Task Observe_KnownToBeAway_DoesNotAsk()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        await fleet.ObserveAsync("nas", probe);
        fleet["nas"].Failure = TestFleet.Refused;
        await fleet.ObserveAsync("nas", probe);
        var asked = fleet["nas"].Batches.Count;

        var seen = await fleet.ObserveAsync("nas", probe, Minute);

        Assert.Equal(asked, fleet["nas"].Batches.Count);
        Assert.Equal(ObservationSource.Cached, seen.Source);
        Assert.Equal("nas is offline since 2026-01-01 00:00:00Z: Nothing listens there.", seen.CachedBecause);
    }

    [Fact]
    public async Task Observe_Paused_DoesNotConnect()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        await fleet.ObserveAsync("nas", probe);
        await fleet.Registry.UpdateAsync("nas", new DeviceChange { Paused = true }, CancellationToken.None);

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Single(fleet["nas"].Batches);
        Assert.Equal((ObservationSource.Cached, "nas is paused since 2026-01-01 00:00:00Z."), (seen.Source, seen.CachedBecause));
        Assert.Equal("note", seen.Value?.Text);
    }

    [Fact]
    public async Task Observe_NothingWasEverRead_SaysSoAndInventsNothing()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        fleet["nas"].Failure = TestFleet.Refused;

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Failed, ObservationSource.Cached), (seen.Status, seen.Source));
        Assert.Null(seen.Value);
        Assert.Null(seen.ObservedAt);
        Assert.Contains("Nothing listens there.", seen.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Observe_AfterARestart_GivesTheStoredValue()
    {
        var stores = new MemoryStores();
        var probe = new NoteProbe("note");
        Observation<Note> before;
        await using (var fleet = new TestFleet([probe], stores))
        {
            await fleet.AddAsync("nas");
            before = await fleet.ObserveAsync("nas", probe);
        }

        await using var again = new TestFleet([new NoteProbe("other"), probe], stores);
        await again.Registry.LoadAsync(CancellationToken.None);
        again["nas"].Failure = TestFleet.Refused;
        again.Time.Advance(Minute);
        var seen = await again.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Ok, ObservationSource.Cached, before.ObservedAt), (seen.Status, seen.Source, seen.ObservedAt));
        Assert.Equal(before.Value, seen.Value);
    }

    [Fact]
    public async Task Observe_AwayAndInMemory_DoesNotNeedTheStore()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        await fleet.ObserveAsync("nas", probe);
        fleet["nas"].Failure = TestFleet.Refused;
        await fleet.ObserveAsync("nas", probe);

        var answer = fleet.ObserveAsync("nas", probe);

        Assert.True(answer.IsCompletedSuccessfully);
        Assert.Equal(0, fleet.Stores.ReadingLists);
        Assert.Equal("note", (await answer).Value?.Text);
    }

    [Fact]
    public async Task Observe_StoreFails_StillAnswers()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        fleet.Stores.Failure = new IOException("disk full");
        fleet["nas"].Failure = TestFleet.Refused;

        var seen = await fleet.ObserveAsync("nas", probe);
        fleet.Stores.Failure = null;

        Assert.Equal(ReadingStatus.Failed, seen.Status);
    }

    [Fact]
    public async Task Observe_DeviceHangs_IsBoundedByTheLimit()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        var live = await fleet.ObserveAsync("nas", probe);
        fleet["nas"].Hold = new TaskCompletionSource();

        var asked = fleet.ObserveAsync("nas", probe);
        Assert.False(asked.IsCompleted);
        fleet.Time.Advance(TimeSpan.FromSeconds(16));
        var seen = await asked;

        Assert.Equal((ObservationSource.Cached, live.ObservedAt), (seen.Source, seen.ObservedAt));
        Assert.Contains("No answer within 15 s", seen.CachedBecause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Observe_DeviceHangsForGood_ItGoesOffline()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        await fleet.ObserveAsync("nas", probe);
        fleet["nas"].Hold = new TaskCompletionSource();

        var asked = fleet.ObserveAsync("nas", probe);
        await Eventually.IsTrue(() => fleet["nas"].Batches.Count == 2, "it is asked");
        fleet.Time.Advance(TimeSpan.FromSeconds(31));
        await asked;

        await Eventually.IsTrue(() => fleet.Registry.Get("nas").State.Status == DeviceStatus.Offline, "it counts as away");
    }

    [Fact]
    public async Task Observe_AnswerNotUnderstood_IsALiveFailureAndTheOlderValueIsKeptForLater()
    {
        var broken = false;
        var probe = new NoteProbe("note") { Reader = output => broken ? Reading.Failed<Note>("gibberish", output.Output.Span) : Reading.Ok(new Note { Text = "good" }) };
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        var good = await fleet.ObserveAsync("nas", probe);
        fleet.Time.Advance(Minute);
        broken = true;

        var failed = await fleet.ObserveAsync("nas", probe);
        fleet["nas"].Failure = TestFleet.Refused;
        var cached = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Failed, ObservationSource.Live, "gibberish", null), (failed.Status, failed.Source, failed.Reason, failed.Value));
        Assert.Equal((ReadingStatus.Ok, ObservationSource.Cached, good.ObservedAt), (cached.Status, cached.Source, cached.ObservedAt));
        Assert.Contains("Its last answer, at 2026-01-01 00:01:00Z, held no value: gibberish", cached.CachedBecause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Observe_NothingOfThatKindAnyMore_StaysNoDataWhenCached()
    {
        var gone = false;
        var probe = new NoteProbe("note") { Reader = _ => gone ? Reading.NoData<Note>("no pools") : Reading.Ok(new Note { Text = "pool" }) };
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        await fleet.ObserveAsync("nas", probe);
        gone = true;
        await fleet.ObserveAsync("nas", probe);
        fleet["nas"].Failure = TestFleet.Refused;

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.NoData, "no pools", null), (seen.Status, seen.Reason, seen.Value));
    }

    [Fact]
    public async Task Observe_UnknownDevice_IsNotFound()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);

        var failure = await Assert.ThrowsAsync<OperationException>(() => fleet.ObserveAsync("nas", probe));

        Assert.Equal(OperationError.NotFound, failure.Error);
    }

    [Fact]
    public async Task Observe_RemovedAndAddedAgain_DoesNotSeeTheFormersReadings()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        await fleet.ObserveAsync("nas", probe);
        await fleet.Registry.RemoveAsync("nas", CancellationToken.None);
        fleet.Time.Advance(Minute);
        await fleet.AddAsync("nas");
        fleet["nas"].Failure = TestFleet.Refused;

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Null(seen.Value);
        await fleet.FlushAsync();
    }

    [Fact]
    public async Task ObserveFleet_SomeAway_AnswersForAllInOrder()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        foreach (var name in (string[])["c", "a", "b", "d"])
        {
            await fleet.AddAsync(name);
        }

        fleet["b"].Failure = TestFleet.Refused;

        var seen = await fleet.Observatory.ObserveFleetAsync(probe, device => device.Id != "d", null, CancellationToken.None);

        Assert.Equal(["a", "b", "c"], seen.Select(each => each.Device));
        Assert.Equal([ReadingStatus.Ok, ReadingStatus.Failed, ReadingStatus.Ok], seen.Select(each => each.Status));
    }

    [Fact]
    public async Task Observe_EveryReading_IsTold()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        using var listener = fleet.Events.Subscribe(e => e.Type == "reading.taken");

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.True(listener.Events.TryRead(out var told));
        Assert.Equal(("nas", "note"), (told!.Device, told.Subject));
        Assert.Same(seen, told.Data);
    }

    [Fact]
    public async Task Latest_NeverAsksTheDevice()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");

        var none = await fleet.Observatory.LatestAsync("nas", probe);
        var seen = await fleet.ObserveAsync("nas", probe);
        var latest = await fleet.Observatory.LatestAsync("nas", probe);

        Assert.Null(none);
        Assert.Same(seen, latest);
        Assert.Single(fleet["nas"].Batches);
    }

    [Fact]
    public async Task Observe_DeviceNeedsAPerson_SaysUnreachableAndWhatToDo()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        fleet["nas"].Failure = new ConnectionException(ConnectionFailure.KeyRejected, "It rejected the key.", "Add the key there.");
        await fleet.ObserveAsync("nas", probe);

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.StartsWith("nas is unreachable", seen.CachedBecause, StringComparison.Ordinal);
        Assert.Equal("Add the key there.", seen.Remedy);
    }
}
