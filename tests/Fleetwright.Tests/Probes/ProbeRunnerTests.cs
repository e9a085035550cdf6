using System.Text;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Tests.Probes;

public class ProbeRunnerTests
{
    private static readonly ConnectionException Gone = new(ConnectionFailure.Lost, "The socket went away.", "Look at the service.");

    [Fact]
    public async Task Run_NoFactsYet_AsksForThemFirst()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe, new TestFactsProbe()]);
        await fleet.AddAsync("nas");
        fleet["nas"].Answers["facts"] = FakeConnection.Printed("1000");

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal("note", seen.Value?.Text);
        Assert.Equal([["facts"], ["note"]], fleet["nas"].Batches);
        Assert.Equal(DeviceType.Debian, fleet.Registry.Get("nas").Facts?.Type);
    }

    [Fact]
    public async Task Run_FactsNotUnderstood_FailsAndSaysWhere()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe, new TestFactsProbe()]);
        await fleet.AddAsync("nas");

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Failed, ObservationSource.Live), (seen.Status, seen.Source));
        Assert.Contains("see its facts", seen.Reason, StringComparison.Ordinal);
        Assert.Equal([["facts"]], fleet["nas"].Batches);
    }

    [Fact]
    public async Task Run_FactsKnowTheAnswer_MakesNoRoundTrip()
    {
        var probe = new NoteProbe("note") { Known = _ => Reading.NotPermitted<Note>("not in the group", "usermod -aG docker me") };
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.NotPermitted, "usermod -aG docker me"), (seen.Status, seen.Remedy));
        Assert.Empty(fleet["nas"].Batches);
    }

    [Fact]
    public async Task Run_OneSectionIsBroken_FailsAlone()
    {
        var good = new NoteProbe("good");
        var throwing = new NoteProbe("throwing") { Reader = _ => throw new FormatException("of no concern") };
        var unreadable = new NoteProbe("unreadable") { Reader = _ => throw new UnreadableOutputException("line 1 is not a table") };
        var slow = new NoteProbe("slow");
        var endless = new NoteProbe("endless");
        var voiceless = new NoteProbe("voiceless") { Known = _ => throw new InvalidOperationException() };
        await using var fleet = new TestFleet([throwing, unreadable, slow, endless, voiceless, good]);
        await fleet.AddAsync("nas");
        fleet["nas"].Answers["throwing"] = FakeConnection.Printed(new string('x', 5000));
        fleet["nas"].Answers["slow"] = FakeConnection.Printed("half of it") with { TimedOut = true, ExitCode = -1 };
        fleet["nas"].Answers["endless"] = FakeConnection.Printed("y\ny\n") with { Truncated = true };
        await fleet.StartPollingAsync();
        await fleet.SettleAsync();

        var seen = new Dictionary<string, Observation<Note>?>(StringComparer.Ordinal);
        foreach (var probe in (NoteProbe[])[good, throwing, unreadable, slow, endless, voiceless])
        {
            seen[probe.Name] = await fleet.Observatory.LatestAsync("nas", probe);
        }

        Assert.Single(fleet["nas"].Batches);
        Assert.Equal(ReadingStatus.Ok, seen["good"]?.Status);
        Assert.Equal("The answer was not understood (FormatException).", seen["throwing"]?.Reason);
        Assert.Equal("line 1 is not a table", seen["unreadable"]?.Reason);
        Assert.Equal("It took longer than 10 s on the device, and was ended there.", seen["slow"]?.Reason);
        Assert.Equal("The answer was longer than 8 MB, and was cut.", seen["endless"]?.Reason);
        Assert.Equal(ReadingStatus.Failed, seen["voiceless"]?.Status);
        await fleet.FlushAsync();
        Assert.Equal(new string('x', 1024), fleet.Stores.Reading("nas", "throwing")?.RawExcerpt);
        Assert.Equal("half of it", fleet.Stores.Reading("nas", "slow")?.RawExcerpt);
    }

    [Fact]
    public async Task Run_CutAnswerOfAProbeThatReadsThem_IsRead()
    {
        var probe = new NoteProbe("note") { ReadsCut = true };
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        fleet["nas"].Answers["note"] = FakeConnection.Printed("half of it") with { TimedOut = true, ExitCode = -1 };

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Ok, "half of it"), (seen.Status, seen.Value?.Text));
    }

    [Fact]
    public async Task Run_DeviceBooted_ForgetsWhatTheProbesRemembered()
    {
        var probe = new NoteProbe("note");
        var facts = new TestFactsProbe();
        await using var fleet = new TestFleet([probe, facts]);
        await fleet.AddAsync("nas");
        fleet["nas"].Answers["facts"] = FakeConnection.Printed("1000");
        await fleet.ObserveAsync("nas", probe);
        var second = await fleet.ObserveAsync("nas", probe);
        fleet["nas"].Answers["facts"] = FakeConnection.Printed("1030");
        await fleet.Observatory.ObserveAsync("nas", facts, null, CancellationToken.None);
        var third = await fleet.ObserveAsync("nas", probe);
        fleet["nas"].Answers["facts"] = FakeConnection.Printed("9000");
        await fleet.Observatory.ObserveAsync("nas", facts, null, CancellationToken.None);
        var afterBoot = await fleet.ObserveAsync("nas", probe);

        Assert.Equal([2, 3, 1], [second.Value!.Run, third.Value!.Run, afterBoot.Value!.Run]);
    }

    [Fact]
    public async Task Run_ServiceBehindASocketIsLost_TheDeviceStaysOnline()
    {
        var probe = new SocketNoteProbe("socket", _ => throw Gone);
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Failed, ObservationSource.Live, "The socket went away.", "Look at the service."),
            (seen.Status, seen.Source, seen.Reason, seen.Remedy));
        Assert.Equal(1, fleet["nas"].Singles);
        Assert.Equal(DeviceStatus.Online, fleet.Registry.Get("nas").State.Status);
    }

    [Fact]
    public async Task Run_DeviceBehindTheSocketIsAway_ItGoesOffline()
    {
        var probe = new SocketNoteProbe("socket", _ => throw Gone);
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        fleet["nas"].Failure = TestFleet.Refused;

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Failed, ObservationSource.Cached, null), (seen.Status, seen.Source, seen.ObservedAt));
        Assert.Equal(DeviceStatus.Offline, fleet.Registry.Get("nas").State.Status);
    }

    [Fact]
    public async Task Run_SocketRefused_IsAReadingAndNotTheDevicesFault()
    {
        var refusal = new ConnectionException(ConnectionFailure.SocketNotPermitted, "No access.", "usermod -aG docker me");
        var probe = new SocketNoteProbe("socket", _ => throw refusal);
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Failed, ObservationSource.Live, "usermod -aG docker me"), (seen.Status, seen.Source, seen.Remedy));
        Assert.Equal(0, fleet["nas"].Singles);
    }

    [Fact]
    public async Task Run_SocketHangs_ScriptsAnswerMeanwhile()
    {
        var script = new NoteProbe("note");
        var asked = new TaskCompletionSource();
        var socket = new SocketNoteProbe("socket", async cancel =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancel);
            return Reading.NoData<Note>("never");
        });
        await using var fleet = new TestFleet([socket, script]);
        await fleet.AddAsync("nas");
        await fleet.ObserveAsync("nas", script);

        var hanging = fleet.ObserveAsync("nas", socket);
        await asked.Task;
        var seen = await fleet.ObserveAsync("nas", script);
        fleet.Time.Advance(TimeSpan.FromSeconds(10));
        var failed = await hanging;

        Assert.Equal(2, seen.Value?.Run);
        Assert.Equal((ReadingStatus.Failed, ObservationSource.Live, "It gave no answer within 10 s."), (failed.Status, failed.Source, failed.Reason));
    }

    [Fact]
    public async Task Run_RefusesAFurtherSession_IsNotAway()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        fleet["nas"].Failure = new ConnectionException(ConnectionFailure.TooManySessions, "No further session.", "Raise MaxSessions.");

        var seen = await fleet.ObserveAsync("nas", probe);

        Assert.Equal((ReadingStatus.Failed, ObservationSource.Live, "No further session."), (seen.Status, seen.Source, seen.Reason));
        Assert.Equal(DeviceStatus.Online, fleet.Registry.Get("nas").State.Status);
    }

    [Fact]
    public async Task Run_Readings_AreStoredTogetherAndPointsWithoutNonNumbers()
    {
        var first = new NoteProbe("first");
        var second = new NoteProbe("second");
        await using var fleet = new TestFleet([first, second]);
        await fleet.AddAsync("nas");
        await fleet.ObserveAsync("nas", first);
        await fleet.ObserveAsync("nas", first);
        await fleet.ObserveAsync("nas", second);
        await fleet.FlushAsync();

        Assert.Equal(1, fleet.Stores.ReadingSaves);
        Assert.Equal("""{"text":"first","run":2}""", Encoding.UTF8.GetString(fleet.Stores.Reading("nas", "first")!.Value.Span));
        Assert.Equal(["first.run", "second.run"], fleet.Stores.Points.Select(point => point.Point.Name));
        Assert.Equal(fleet.Time.GetUtcNow(), fleet.Stores.Points[0].At);
    }

    [Fact]
    public async Task Run_StoreFailsForAWhile_NothingIsLost()
    {
        var probe = new NoteProbe("note");
        await using var fleet = new TestFleet([probe]);
        await fleet.AddAsync("nas");
        fleet.Stores.Failure = new IOException("disk full");
        await fleet.ObserveAsync("nas", probe);
        var failed = await fleet.TryFlushAsync();
        fleet.Time.Advance(TimeSpan.FromSeconds(2));
        await fleet.ObserveAsync("nas", probe);
        fleet.Stores.Failure = null;
        await Eventually.IsTrue(() => fleet.Observatory.Statistics.PendingWrites == 0 || fleet.TryFlushAsync().IsCompleted, "it is written");

        Assert.False(failed);
        Assert.Equal([1d, 2d], fleet.Stores.Points.Select(point => point.Point.Value));
        Assert.Equal(0, fleet.Observatory.Statistics.DroppedPoints);
    }

    [Fact]
    public void ProbeSet_TwoOfOneName_StopsTheStart()
    {
        var failure = Assert.Throws<InvalidOperationException>(() =>
            new ProbeSet([new NoteProbe("note"), new NoteProbe("note")], Microsoft.Extensions.Options.Options.Create(new ProbeOptions())));

        Assert.Contains("'note'", failure.Message, StringComparison.Ordinal);
    }
}
