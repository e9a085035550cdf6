using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Operations.Mcp;

/// <summary>Operations to try the door with; some have the names that the door itself calls.</summary>
public sealed class SampleOperations
{
    public static readonly string[] Devices = ["nas", "nebula", "pve-1"];

    /// <summary>Completes when <see cref="WaitForeverAsync"/> was cancelled.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when <see cref="WaitForeverAsync"/> has begun.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lists devices.</summary>
    /// <param name="limit">How many at most.</param>
    [Operation("list_devices", "GET /api/devices")]
    public Task<Page<SampleDevice>> ListDevicesAsync(int? limit, CancellationToken cancellationToken) =>
        Task.FromResult(Page.Of(Devices.Select(id => new SampleDevice { Id = id, Cores = 4 }), device => device.Id, null, limit));

    /// <summary>Tells of one device.</summary>
    /// <param name="device">The device's id.</param>
    [Operation("get_device_info", "GET /api/devices/{device}")]
    public Task<SampleDevice> GetDeviceInfoAsync(string device, CancellationToken cancellationToken) =>
        Devices.Contains(device)
            ? Task.FromResult(new SampleDevice { Id = device, Cores = 4 })
            : throw OperationException.NotFound($"there is no device '{device}'.", "Call list_devices.");

    /// <summary>Lists containers.</summary>
    /// <param name="device">Only of this device.</param>
    /// <param name="limit">How many at most.</param>
    [Operation("list_containers", "GET /api/containers")]
    public Task<Page<SampleContainer>> ListContainersAsync(string? device, int? limit, CancellationToken cancellationToken) =>
        Task.FromResult(Page.Of(
            Devices.Where(id => device is null || id == device).Select(id => new SampleContainer { Name = "web-on-" + id, Device = id }),
            container => container.Name, null, limit));

    /// <summary>Returns very many lines.</summary>
    /// <param name="lines">How many.</param>
    /// <param name="search">Only lines with this text.</param>
    [Operation("get_lines", "GET /api/lines")]
    public Task<SampleLines> GetLinesAsync(int lines, string? search, CancellationToken cancellationToken) =>
        Task.FromResult(new SampleLines { Lines = [.. Enumerable.Range(1, lines).Select(i => $"line {i} of the log")] });

    /// <summary>Counts to three and tells of each step.</summary>
    [Operation("count_slowly", "GET /api/count")]
    public Task<SampleDevice> CountSlowlyAsync(CancellationToken cancellationToken)
    {
        for (var step = 1; step <= 3; step++)
        {
            OperationContext.Report(step, 3, $"step {step}");
        }

        return Task.FromResult(new SampleDevice { Id = "counted", Cores = 3 });
    }

    /// <summary>Waits until it is cancelled.</summary>
    [Operation("wait_forever", "GET /api/wait")]
    public async Task<SampleDevice> WaitForeverAsync(CancellationToken cancellationToken)
    {
        Waiting.TrySetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Cancelled.TrySetResult();
            throw;
        }

        return new SampleDevice { Id = "never", Cores = 0 };
    }

    /// <summary>Fails by a defect whose text must not be seen.</summary>
    [Operation("break_down", "GET /api/break")]
    public Task<SampleDevice> BreakDownAsync(CancellationToken cancellationToken) => throw new InvalidDataException("secret of /var/lib");

    /// <summary>Takes a device away.</summary>
    /// <param name="device">The device's id.</param>
    [Operation("remove_device", "DELETE /api/devices/{device}", Scope = Scopes.Admin, Effect = OperationEffect.Destroys, Repeat = OperationRepeat.Safe)]
    public Task<SampleDevice> RemoveDeviceAsync(string device, CancellationToken cancellationToken) =>
        Task.FromResult(new SampleDevice { Id = device, Cores = 0 });

    /// <summary>Belongs to a toolset that is not shown by default.</summary>
    [Operation("get_pools", "GET /api/pools", Toolset = "storage")]
    public Task<SampleDevice> GetPoolsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new SampleDevice { Id = "tank", Cores = 0 });
}

public sealed record SampleDevice
{
    public required string Id { get; init; }

    public required int Cores { get; init; }
}

public sealed record SampleContainer
{
    public required string Name { get; init; }

    public required string Device { get; init; }
}

public sealed record SampleLines
{
    public required IReadOnlyList<string> Lines { get; init; }
}
