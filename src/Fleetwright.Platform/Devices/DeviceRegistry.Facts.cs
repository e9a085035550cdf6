using System.Text.Json;
using Fleetwright.Platform.Probes;
using Fleetwright.Platform.Storage;

namespace Fleetwright.Platform.Devices;

/// <summary>The facts as the store keeps them: the latest reading of the facts probe.</summary>
public sealed partial class DeviceRegistry
{
    /// <summary>Keeps facts that were found outside a poll as the latest reading, so that they are known after a restart.</summary>
    internal async Task KeepFactsAsync(string deviceId, DeviceFacts facts, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            if (Find(deviceId) is null)
            {
                return;
            }

            await _readings.SaveAsync(
                [new StoredReading
                {
                    DeviceId = deviceId,
                    Probe = FactsProbeName,
                    Status = ReadingStatus.Ok,
                    ObservedAt = at,
                    ValueObservedAt = at,
                    Duration = TimeSpan.Zero,
                    Value = JsonSerializer.SerializeToUtf8Bytes(facts, Json.Options),
                }],
                cancellationToken);
        }
        finally
        {
            _changes.Release();
        }
    }

    private async Task<DeviceFacts?> LoadFactsAsync(string deviceId, CancellationToken cancellationToken)
    {
        var reading = await _readings.FindAsync(deviceId, FactsProbeName, cancellationToken);
        if (reading is null || reading.Value.IsEmpty)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<DeviceFacts>(reading.Value.Span, Json.Options);
        }
        catch (JsonException)
        {
            // Written by another version; the device is asked again anyway.
            return null;
        }
    }
}
