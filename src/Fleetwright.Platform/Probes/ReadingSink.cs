using Fleetwright.Platform.Events;
using Fleetwright.Platform.Storage;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Probes;

/// <summary>
/// Where taken readings go: to the bus at once, to the stores in batches. A device asked a thousand times a second is
/// stored about once a second: of its readings the newest, of its numbers one per second.
/// </summary>
internal sealed partial class ReadingSink : IAsyncDisposable
{
    public const string ReadingTaken = "reading.taken";
    private const int MostWaitingPoints = 200_000;
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly Lock _change = new();
    private readonly IReadingStore _readings;
    private readonly IPointStore _points;
    private readonly EventBus _events;
    private readonly TimeProvider _time;
    private readonly ILogger<ReadingSink> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<ProbeSlot, DateTimeOffset> _lastPoints = [];
    private HashSet<ProbeSlot> _waitingSlots = [];
    private List<TakenPoints> _waitingPoints = [];
    private int _waitingPointCount;
    private Task? _loop;
    private long _droppedPoints;

    public ReadingSink(IReadingStore readings, IPointStore points, EventBus events, TimeProvider time, ILogger<ReadingSink> logger)
    {
        (_readings, _points, _events, _time, _logger) = (readings, points, events, time, logger);
    }

    /// <summary>Readings and points that wait to be written.</summary>
    public int Pending
    {
        get
        {
            lock (_change)
            {
                return _waitingSlots.Count + _waitingPointCount;
            }
        }
    }

    /// <summary>Points that were given up because the store did not take them for too long.</summary>
    public long DroppedPoints => Interlocked.Read(ref _droppedPoints);

    public void Taken(ProbeSlot slot, object observation, DateTimeOffset at, IEnumerable<Point> points)
    {
        bool keepPoints;
        lock (_change)
        {
            keepPoints = !_lastPoints.TryGetValue(slot, out var last) || at - last >= Linger;
            if (keepPoints)
            {
                _lastPoints[slot] = at;
            }
        }

        var taken = new TakenPoints(slot, at, keepPoints ? Numbers(slot, points) : []);
        lock (_change)
        {
            _waitingSlots.Add(slot);
            if (taken.Points.Count > 0)
            {
                _waitingPoints.Add(taken);
                _waitingPointCount += taken.Points.Count;
            }

            if (_loop is null && !_stopping.IsCancellationRequested)
            {
                // The loop belongs to nobody who happens to take the first reading.
                using (ExecutionContext.SuppressFlow())
                {
                    _loop = Task.Run(WriteLoopAsync);
                }
            }
        }

        _events.Publish(new FleetEvent { Type = ReadingTaken, At = at, Device = slot.DeviceId, Subject = slot.Name, Data = observation });
    }

    /// <summary>Drops what waits for a device that was removed, of which the store keeps nothing more.</summary>
    public void Forget(IReadOnlyList<ProbeSlot> slots)
    {
        lock (_change)
        {
            foreach (var slot in slots)
            {
                slot.Retired = true;
                _lastPoints.Remove(slot);
            }
        }
    }

    /// <summary>Writes what waits, once.</summary>
    public async Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        HashSet<ProbeSlot> slots;
        List<TakenPoints> points;
        lock (_change)
        {
            (slots, _waitingSlots) = (_waitingSlots, []);
            (points, _waitingPoints, _waitingPointCount) = (_waitingPoints, [], 0);
        }

        slots.RemoveWhere(slot => slot.Retired);
        points.RemoveAll(taken => taken.Slot.Retired);
        var written = await TryAsync(slots.Count, () => _readings.SaveAsync([.. slots.Select(s => s.ToStored()).OfType<StoredReading>()], cancellationToken));
        if (written)
        {
            slots = [];
            written = await TryAsync(points.Count, () => _points.AppendAsync([.. points.SelectMany(StoredPointsOf)], cancellationToken));
        }

        if (!written)
        {
            PutBack(slots, points);
        }

        return written;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        if (_loop is not null)
        {
            await _loop;
        }

        await FlushAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private List<Point> Numbers(ProbeSlot slot, IEnumerable<Point> points)
    {
        try
        {
            return [.. points.Where(point => double.IsFinite(point.Value))];
        }
        catch (Exception defect)
        {
            LogPointsFailed(defect, slot.Name, slot.DeviceId);
            return [];
        }
    }

    private static IEnumerable<StoredPoint> StoredPointsOf(TakenPoints taken) =>
        taken.Points.Select(point => new StoredPoint(taken.Slot.DeviceId, taken.At, point));

    private async Task WriteLoopAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(Linger, _time, _stopping.Token);
                if (Pending == 0)
                {
                    continue;
                }

                if (!await FlushAsync(_stopping.Token))
                {
                    await Task.Delay(RetryDelay, _time, _stopping.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping; what waits is written by DisposeAsync.
        }
    }

    private async Task<bool> TryAsync(int count, Func<Task> write)
    {
        if (count == 0)
        {
            return true;
        }

        try
        {
            await write();
            return true;
        }
        catch (Exception exception)
        {
            if (exception is not OperationCanceledException)
            {
                LogWriteFailed(exception, count);
            }

            return false;
        }
    }

    private void PutBack(HashSet<ProbeSlot> slots, List<TakenPoints> points)
    {
        lock (_change)
        {
            _waitingSlots.UnionWith(slots);
            _waitingPoints.InsertRange(0, points);
            _waitingPointCount += points.Sum(taken => taken.Points.Count);
            var oldest = 0;
            while (_waitingPointCount > MostWaitingPoints)
            {
                _waitingPointCount -= _waitingPoints[oldest].Points.Count;
                Interlocked.Add(ref _droppedPoints, _waitingPoints[oldest].Points.Count);
                oldest++;
            }

            _waitingPoints.RemoveRange(0, oldest);
        }
    }

    private readonly record struct TakenPoints(ProbeSlot Slot, DateTimeOffset At, IReadOnlyList<Point> Points);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} readings or points could not be written; they are kept and tried again")]
    private partial void LogWriteFailed(Exception exception, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The points of {Probe} on {Device} could not be told")]
    private partial void LogPointsFailed(Exception exception, string probe, string device);
}
