using Fleetwright.Platform.Connections;

namespace Fleetwright.Platform.Devices;

/// <summary>Adds devices the careful way: connects first, so that a machine that is there already is not added twice.</summary>
public sealed class DeviceEnrollment(DeviceRegistry registry, DeviceConnector connect, DeviceTester tester)
{
    /// <summary>
    /// Adds a device and tells what was found. A device that does not answer is added too, as it may be off; a paused one
    /// is not connected to.
    /// </summary>
    /// <exception cref="Operations.OperationException">Something about it is not valid, or it is there already.</exception>
    public async Task<EnrolledDevice> AddAsync(NewDevice device, CancellationToken cancellationToken)
    {
        var checkedDevice = registry.Check(device);
        if (device.Paused)
        {
            return new EnrolledDevice(await registry.AddAsync(device, cancellationToken), Test: null);
        }

        IConnection? connection = connect(checkedDevice.Id, checkedDevice.Address);
        try
        {
            var attempt = await tester.AttemptAsync(connection, checkedDevice.Name, checkedDevice.Address, cancellationToken);
            var added = await registry.AddAsync(
                device with { MachineId = attempt.Test.Facts?.MachineId }, attempt.Failure is null ? connection : null, cancellationToken);
            if (attempt.Failure is null)
            {
                connection = null;
            }

            await tester.TellAsync(added.Id, attempt, cancellationToken);
            return new EnrolledDevice(registry.Find(added.Id) ?? added, attempt.Test);
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }
}

/// <summary>A device that was added, and what came of connecting to it.</summary>
/// <param name="Device">As it is now.</param>
/// <param name="Test">Null when it was added paused.</param>
public sealed record EnrolledDevice(RegisteredDevice Device, DeviceTest? Test);
