using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Devices;

/// <summary>Which machines there are: list, look at, add, change, remove, test.</summary>
public sealed class DeviceOperations(
    DeviceRegistry registry, DeviceEnrollment enrollment, DeviceTester tester, Observatory observatory, FactsProbe facts)
{
    // What a machine is seldom changes; test_device asks at once.
    private static readonly TimeSpan FactsAge = TimeSpan.FromHours(1);

    /// <summary>Lists devices with status (online, offline, unreachable), reason, type and tags.</summary>
    /// <param name="status">Only this status.</param>
    /// <param name="tag">Only with this tag.</param>
    /// <param name="type">Only this type.</param>
    /// <param name="search">Part of name, address or OS.</param>
    /// <param name="cursor">nextCursor of the page before.</param>
    /// <param name="limit">1 to 1000; default 100.</param>
    [Operation("list_devices", "GET /api/devices")]
    public Task<Page<DeviceSummary>> ListDevicesAsync(
        DeviceStatus? status, string? tag, DeviceType? type, string? search, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var found = registry.List()
            .Where(device => status is null || device.State.Status == status)
            .Where(device => tag is null || device.Device.Tags.Contains(tag.Trim(), StringComparer.OrdinalIgnoreCase))
            .Where(device => type is null || device.Type == type)
            .Where(device => search is null || Matches(device, search.Trim()))
            .Select(DeviceSummary.Of);
        return Task.FromResult(Page.Of(found, device => device.Id, cursor, limit));
    }

    /// <summary>One device: status, OS, hardware, virtualization, boot time, clock skew, privileges and installed tools with versions.</summary>
    /// <param name="device">Device name or id.</param>
    [Operation("get_device_info", "GET /api/devices/{device}")]
    public async Task<DeviceInfo> GetDeviceInfoAsync(string device, CancellationToken cancellationToken)
    {
        var registered = registry.Get(device);
        var observed = await observatory.ObserveAsync(registered, facts, FactsAge, cancellationToken);

        // Asking may have changed the status.
        registered = registry.Find(registered.Id) ?? registered;
        return new DeviceInfo
        {
            Device = DeviceSummary.Of(registered),
            AddedAt = registered.Device.AddedAt,
            KeyFile = registered.Device.Address.KeyFile,
            Facts = observed,
        };
    }

    /// <summary>Adds a machine reached over SSH, connects to it, and tells what works, what is missing and how to permit it. One that does not answer is added too.</summary>
    [Operation("add_device", "POST /api/devices", Scope = Scopes.Admin, Effect = OperationEffect.Adds, Repeat = OperationRepeat.Unsafe)]
    public async Task<AddedDevice> AddDeviceAsync(AddDevice body, CancellationToken cancellationToken)
    {
        var enrolled = await enrollment.AddAsync(
            new NewDevice
            {
                Name = body.Name,
                Address = Address(body.Address) with { KeyFile = Blank(body.KeyFile) },
                Tags = body.Tags ?? [],
                Type = Type(body.Type),
                AllowSameMachine = body.AllowSameMachine ?? false,
            },
            cancellationToken);
        return new AddedDevice
        {
            Device = DeviceSummary.Of(enrolled.Device),
            Reached = enrolled.Test?.Reached ?? false,
            Problem = enrolled.Test?.Problem,
            NextStep = enrolled.Test?.NextStep,
            Checks = enrolled.Test?.Checks ?? [],
        };
    }

    /// <summary>Changes a device's name, address, key, tags or type; pauses or resumes it.</summary>
    /// <param name="device">Device name or id.</param>
    [Operation("update_device", "PATCH /api/devices/{device}", Scope = Scopes.Admin, Effect = OperationEffect.Changes, Repeat = OperationRepeat.Safe)]
    public async Task<DeviceSummary> UpdateDeviceAsync(string device, UpdateDevice body, CancellationToken cancellationToken)
    {
        var current = registry.Get(device).Device;
        var address = body.Address is null ? current.Address : Address(body.Address) with { KeyFile = current.Address.KeyFile };
        if (body.KeyFile is not null || address.IsLocal)
        {
            address = address with { KeyFile = Blank(body.KeyFile) };
        }

        var updated = await registry.UpdateAsync(
            current.Id,
            new DeviceChange
            {
                Name = body.Name,
                Address = address == current.Address ? null : address,
                Tags = body.Tags,
                Type = Type(body.Type),
                DetectType = body.Type == DeviceTypeChoice.Auto,
                Paused = body.Paused,
            },
            cancellationToken);
        return DeviceSummary.Of(updated);
    }

    /// <summary>Removes a device from Fleetwright with its readings and history. Nothing changes on the machine itself.</summary>
    /// <param name="device">Device name or id.</param>
    [Operation("remove_device", "DELETE /api/devices/{device}", Scope = Scopes.Admin, Effect = OperationEffect.Destroys, Repeat = OperationRepeat.Safe)]
    public async Task<RemovedDevice> RemoveDeviceAsync(string device, CancellationToken cancellationToken)
    {
        var removed = await registry.RemoveAsync(device, cancellationToken);
        return new RemovedDevice(removed.Id, removed.Name);
    }

    /// <summary>Connects to a device now and tells what works, what is missing and the exact command that would permit it.</summary>
    /// <param name="device">Device name or id.</param>
    [Operation("test_device", "POST /api/devices/{device}/test", Scope = Scopes.Operate, Effect = OperationEffect.Reads, Repeat = OperationRepeat.Safe)]
    public Task<DeviceTest> TestDeviceAsync(string device, CancellationToken cancellationToken) => tester.TestAsync(device, cancellationToken);

    private static bool Matches(RegisteredDevice device, string search) =>
        new[] { device.Id, device.Name, device.Device.Address.ToString(), device.Facts?.OsName, device.Facts?.Hostname }
            .Any(text => text?.Contains(search, StringComparison.OrdinalIgnoreCase) == true);

    private static DeviceAddress Address(string text) =>
        string.Equals(text.Trim(), "local", StringComparison.OrdinalIgnoreCase) ? DeviceAddress.Local
        : DeviceAddress.TryParseSsh(text.Trim(), out var address, out var error) ? address
        : throw OperationException.Invalid("address", error, "Write USER@HOST[:PORT], an alias of ssh, or local.");

    private static DeviceType? Type(DeviceTypeChoice? choice) =>
        choice is null or DeviceTypeChoice.Auto ? null : Enum.Parse<DeviceType>(choice.Value.ToString());

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
