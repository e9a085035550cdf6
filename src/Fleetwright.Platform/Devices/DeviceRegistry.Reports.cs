using Fleetwright.Platform.Connections;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Devices;

/// <summary>What polls tell the registry: this is how a device's status changes.</summary>
public sealed partial class DeviceRegistry
{
    /// <summary>The device answered something, at that time.</summary>
    public void ReportAnswered(string deviceId, DateTimeOffset at) => Report(deviceId, entry => entry.Answered(at));

    /// <summary>
    /// The device could not be asked. It is unreachable when a person must act, else offline; a connection lost once is
    /// given until the next failure. Failures of one socket or session say nothing of the device and change nothing.
    /// </summary>
    public void ReportFailure(string deviceId, ConnectionException failure, DateTimeOffset at)
    {
        if (failure.Failure is ConnectionFailure.ForwardingRefused or ConnectionFailure.TooManySessions
            or ConnectionFailure.SocketMissing or ConnectionFailure.SocketNotPermitted)
        {
            return;
        }

        Report(deviceId, entry => entry.Failed(failure, at));
    }

    /// <summary>What the device was found to be. A machine that another device has already is paused, and says why.</summary>
    public void ReportFacts(string deviceId, DeviceFacts facts)
    {
        IConnection? closed = null;
        lock (_gate)
        {
            if (!_entries.TryGetValue(deviceId, out var entry))
            {
                return;
            }

            var was = entry.State;
            entry.Facts = facts;
            if (facts.MachineId is not null && facts.MachineId != entry.Device.MachineId)
            {
                // Kept even when it is another's: who resumes the device then has decided to keep both.
                entry.Device = entry.Device with { MachineId = facts.MachineId };
                if (SameMachine(facts.MachineId, deviceId) is { } other && !entry.Device.Paused)
                {
                    closed = entry.PauseBecause(
                        $"Paused: it is the same machine as '{other.Name}' (they share the machine-id).",
                        SameMachineAdvice(other.Name) + " To keep both as they are, resume it.", _time.GetUtcNow());
                    LogSameMachine(deviceId, other.Id);
                    Publish("device.changed", entry, entry.Snapshot);
                }
            }

            _list = null;
            Publish("device.facts", entry, facts);
            PublishStatus(entry, was);
            _writer.Mark(deviceId);
        }

        if (closed is not null)
        {
            // Reports come from inside a poll on that very connection, which must not wait for itself to end.
            _ = Task.Run(() => CloseAsync(closed));
        }
    }

    private void Report(string deviceId, Action<DeviceEntry> change)
    {
        lock (_gate)
        {
            // A report may come late from a poll of a device that is gone or paused by now.
            if (!_entries.TryGetValue(deviceId, out var entry) || entry.Device.Paused)
            {
                return;
            }

            var was = entry.State;
            change(entry);
            if (ReferenceEquals(was, entry.State))
            {
                return;
            }

            _list = null;
            PublishStatus(entry, was);
            if (entry.NeedsSaving())
            {
                _writer.Mark(deviceId);
            }
        }
    }

    private void PublishStatus(DeviceEntry entry, DeviceState was)
    {
        var now = entry.State;
        if (was.Status == now.Status && was.Reason == now.Reason)
        {
            return;
        }

        LogStatus(entry.Device.Id, was.Status, now.Status, now.Reason);
        Publish("device.status", entry, new DeviceStatusChange(entry.Device.Name, was.Status, now));
    }

    // One write at a time, and none for a device that is being removed: a late save would bring it back.
    private async Task SaveDirtyAsync(string? deviceId, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            List<DeviceEntry> entries;
            lock (_gate)
            {
                entries = deviceId is null
                    ? [.. _entries.Values.Where(entry => entry.NeedsSaving(final: true))]
                    : _entries.TryGetValue(deviceId, out var one) ? [one] : [];
            }

            foreach (var entry in entries)
            {
                await SaveAsync(entry, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Not lost: the next report of this device finds it unsaved and tries again.
            LogSaveFailed(exception);
        }
        finally
        {
            _changes.Release();
        }
    }

    private async Task SaveAsync(DeviceEntry entry, CancellationToken cancellationToken)
    {
        Device device;
        DeviceState state;
        bool saveDevice;
        bool saveState;
        lock (_gate)
        {
            (device, state) = (entry.Device, entry.State);
            saveDevice = entry.DeviceNeedsSaving(device);
            saveState = entry.StateIsKnown;
        }

        if (saveDevice)
        {
            await _store.SaveAsync(device, cancellationToken);
        }

        if (saveState)
        {
            await _store.SaveStateAsync(device.Id, state, cancellationToken);
        }

        lock (_gate)
        {
            entry.Saved(device, state);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Device}: {Was} -> {Status} {Reason}")]
    private partial void LogStatus(string device, DeviceStatus was, DeviceStatus status, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Device} is the same machine as {Other}, so it is paused")]
    private partial void LogSameMachine(string device, string other);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is known of a device could not be saved")]
    private partial void LogSaveFailed(Exception exception);
}
