using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleetwright.Tests.Storage;

public sealed class StoreMaintenanceTests
{
    [Fact]
    public async Task Run_EachFiveMinutes_GoesOnAfterAFailure()
    {
        var clock = new TickingClock();
        var points = new CountingPoints();
        using var maintenance = new StoreMaintenance(points, clock, NullLogger<StoreMaintenance>.Instance);
        await maintenance.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromMinutes(5), await clock.Period.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        for (var run = 1; run <= 3; run++)
        {
            clock.Tick();
            await points.NextRunAsync(run).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        await maintenance.StopAsync(TestContext.Current.CancellationToken);
    }

    private sealed class CountingPoints : IPointStore
    {
        private readonly TaskCompletionSource[] _runs = [.. Enumerable.Range(0, 10).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        private int _count;

        public Task NextRunAsync(int run) => _runs[run].Task;

        public Task MaintainAsync(DateTimeOffset now, CancellationToken cancellationToken)
        {
            _runs[++_count].SetResult();
            return _count == 1 ? Task.FromException(new StoreException("full", "free some")) : Task.CompletedTask;
        }

        public Task AppendAsync(IReadOnlyList<StoredPoint> points, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Series>> ListSeriesAsync(string deviceId, string? name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<SeriesBucket>> QueryAsync(long seriesId, DateTimeOffset from, DateTimeOffset until, int maxPoints, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    /// <summary>One timer, which fires when it is told to.</summary>
    private sealed class TickingClock : TimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _period = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TimerCallback? _callback;
        private object? _state;

        public Task<TimeSpan> Period => _period.Task;

        public void Tick() => _callback?.Invoke(_state);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            _period.SetResult(period);
            return new NoTimer();
        }

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
