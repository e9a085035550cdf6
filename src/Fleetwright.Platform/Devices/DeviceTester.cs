using Fleetwright.Platform.Connections;

namespace Fleetwright.Platform.Devices;

/// <summary>Connects to a device at this moment, whatever its status and however long its backoff, and tells what came of it.</summary>
public sealed class DeviceTester(DeviceRegistry registry, DeviceConnector connect, FactsProbe facts, TimeProvider time)
{
    /// <summary>Tests a device; the registry learns what was found.</summary>
    /// <exception cref="Operations.OperationException">There is no such device.</exception>
    public async Task<DeviceTest> TestAsync(string idOrName, CancellationToken cancellationToken)
    {
        var device = registry.Get(idOrName).Device;

        // A connection of its own: the kept one may be waiting out a backoff, and knows the groups of when it was opened.
        var connection = connect(device.Id, device.Address);
        Attempt attempt;
        try
        {
            attempt = await AttemptAsync(connection, device.Name, device.Address, cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        if (attempt.Failure is not null)
        {
            await connection.DisposeAsync();
        }
        else
        {
            await registry.AdoptAsync(device.Id, device.Address, connection);
        }

        await TellAsync(device.Id, attempt, cancellationToken);
        return attempt.Test;
    }

    /// <summary>Tells the registry what an attempt found, and keeps the facts as a poll would.</summary>
    internal async Task TellAsync(string deviceId, Attempt attempt, CancellationToken cancellationToken)
    {
        if (attempt.Failure is { } failure)
        {
            registry.ReportFailure(deviceId, failure, time.GetUtcNow());
            return;
        }

        registry.ReportAnswered(deviceId, time.GetUtcNow());
        if (attempt.Test.Facts is { } found)
        {
            registry.ReportFacts(deviceId, found);
            await registry.KeepFactsAsync(deviceId, found, time.GetUtcNow(), cancellationToken);
        }
    }

    /// <summary>Asks over a connection; not to reach the device is a result.</summary>
    internal async Task<Attempt> AttemptAsync(IConnection connection, string name, DeviceAddress address, CancellationToken cancellationToken)
    {
        var test = new DeviceTest { Device = name, Address = address.ToString(), Reached = false };
        try
        {
            var started = time.GetTimestamp();
            await connection.RunAsync(new Command("true"), cancellationToken);
            test = test with { Reached = true, ConnectMilliseconds = Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 1) };

            // Asked only now that the connection is open, so that the round trip is short and the clocks compare well.
            var asked = time.GetUtcNow();
            var reading = FactsProbe.Parse(await connection.RunAsync(facts.Question, cancellationToken), asked);
            return new Attempt(reading.Value is { } found
                ? test with { Facts = found, Checks = DeviceChecks.Of(found) }
                : test with { Problem = reading.Reason, NextStep = reading.Remedy ?? "Look at what the user's login prints there: ssh to it by hand and run sh." });
        }
        catch (ConnectionException failure)
        {
            return new Attempt(test with { Reached = false, Problem = failure.Message, NextStep = failure.Advice }) { Failure = failure };
        }
    }

    internal sealed record Attempt(DeviceTest Test)
    {
        public ConnectionException? Failure { get; init; }
    }
}
