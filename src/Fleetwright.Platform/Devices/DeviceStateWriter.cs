using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Fleetwright.Platform.Devices;

/// <summary>Saves marked devices one after the other in the background; a device marked again while it waits is saved once.</summary>
internal sealed class DeviceStateWriter : IAsyncDisposable
{
    private readonly Channel<string> _queue = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);
    private readonly Func<string, CancellationToken, Task> _save;
    private readonly Task _loop;

    public DeviceStateWriter(Func<string, CancellationToken, Task> save)
    {
        _save = save;
        _loop = Task.Run(RunAsync);
    }

    public void Mark(string deviceId)
    {
        if (_waiting.TryAdd(deviceId, true))
        {
            _queue.Writer.TryWrite(deviceId);
        }
    }

    /// <summary>Ends after what is marked has been saved.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        await foreach (var deviceId in _queue.Reader.ReadAllAsync())
        {
            // Taken off first: a change during the save marks it anew.
            _waiting.TryRemove(deviceId, out _);
            await _save(deviceId, CancellationToken.None);
        }
    }
}
