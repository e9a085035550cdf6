using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Probes;

/// <summary>
/// Asks one device a set of probes: all scripts in one round trip, the conversations over sockets beside it. Runs of one
/// probe on one device never overlap; who asks while it runs shares the run. Nothing thrown in here reaches who asked.
/// </summary>
internal sealed partial class ProbeRunner : IDisposable
{
    private readonly DeviceRegistry _registry;
    private readonly PollMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger<ProbeRunner> _logger;
    private readonly CancellationTokenSource _stopping = new();

    public ProbeRunner(DeviceRegistry registry, PollMeter meter, TimeProvider time, ILogger<ProbeRunner> logger)
    {
        (_registry, _meter, _time, _logger) = (registry, meter, time, logger);
    }

    /// <summary>
    /// Completes when every probe has a new reading, or the device is known not to give one: then with the reason, else
    /// with null. On first contact the facts are asked before anything else.
    /// </summary>
    public async Task<ConnectionException?> RunAsync(PolledDevice device, IReadOnlyList<ProbeSlot> wanted)
    {
        if (device.FactsSlot is { } facts && _registry.Find(device.Id)?.Facts is null && wanted.Any(slot => slot != facts))
        {
            if (await RunSharedAsync(device, [facts]) is { } away)
            {
                return away;
            }

            wanted = [.. wanted.Where(slot => slot != facts)];
        }

        // Apart, because a service that hangs behind a socket must not hold up what the scripts found.
        var runs = wanted.Where(slot => slot.Entry.TalksOverSocket).Select(slot => RunSharedAsync(device, [slot])).ToList();
        if (runs.Count < wanted.Count)
        {
            runs.Add(RunSharedAsync(device, runs.Count == 0 ? wanted : [.. wanted.Where(slot => !slot.Entry.TalksOverSocket)]));
        }

        return runs.Count == 1 ? await runs[0] : await FirstReasonAsync(runs);
    }

    /// <summary>Ends the runs in progress, without a reading.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
    }

    private Task<ConnectionException?> RunSharedAsync(PolledDevice device, IReadOnlyList<ProbeSlot> wanted)
    {
        var run = new TaskCompletionSource<ConnectionException?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var mine = new List<ProbeSlot>(wanted.Count);
        List<Task<ConnectionException?>> all = [];
        lock (device.Gate)
        {
            foreach (var slot in wanted)
            {
                if (slot.Running is { } running)
                {
                    all.Add(running);
                }
                else
                {
                    slot.Running = run.Task;
                    mine.Add(slot);
                }
            }
        }

        if (mine.Count > 0)
        {
            all.Add(run.Task);

            // The run outlives the call that happened to start it, and is not a part of it.
            using (ExecutionContext.SuppressFlow())
            {
                _ = Task.Run(() => RunMineAsync(device, mine, run));
            }
        }

        return all.Count == 1 ? all[0] : FirstReasonAsync(all);
    }

    private static async Task<ConnectionException?> FirstReasonAsync(List<Task<ConnectionException?>> runs) =>
        Array.Find(await Task.WhenAll(runs), away => away is not null);

    private async Task RunMineAsync(PolledDevice device, List<ProbeSlot> slots, TaskCompletionSource<ConnectionException?> run)
    {
        ConnectionException? away = null;
        _meter.RunStarted();
        try
        {
            away = await AskAsync(device, slots);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            away = new ConnectionException(ConnectionFailure.Lost, "Fleetwright is stopping.", "Ask again when it runs.");
        }
        catch (ObjectDisposedException)
        {
            away = new ConnectionException(ConnectionFailure.Lost, "The device was changed, paused or removed while it was asked.", "Ask again.");
        }
        catch (Exception defect)
        {
            LogDefect(defect, device.Id);
            away = new ConnectionException(ConnectionFailure.Unknown, $"Asking it failed inside Fleetwright ({defect.GetType().Name}).", "See the server's log.");
        }
        finally
        {
            _meter.RunEnded();
            lock (device.Gate)
            {
                foreach (var slot in slots)
                {
                    slot.Running = null;
                }
            }

            run.SetResult(away);
        }
    }

    private async Task<ConnectionException?> AskAsync(PolledDevice device, List<ProbeSlot> slots)
    {
        if (_registry.Find(device.Id) is not { } registered || registered.Device.AddedAt != device.AddedAt)
        {
            return new ConnectionException(ConnectionFailure.Unknown, "The device was removed.", "Add it again with add_device.");
        }

        IConnection connection;
        try
        {
            connection = _registry.ConnectionOf(device.Id);
        }
        catch (OperationException refusal)
        {
            return new ConnectionException(ConnectionFailure.Unknown, refusal.Message, refusal.NextStep);
        }

        device.Attach(connection);
        var poll = new DevicePoll(device, registered, connection, _registry, _time, _logger);
        if (slots[0].Entry.TalksOverSocket)
        {
            return await poll.AskSocketAsync(slots[0], _stopping.Token);
        }

        await device.Sessions.WaitAsync(_stopping.Token);
        try
        {
            return await poll.AskScriptsAsync(slots, _stopping.Token);
        }
        finally
        {
            device.Sessions.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Asking {Device} failed inside Fleetwright")]
    private partial void LogDefect(Exception exception, string device);
}
