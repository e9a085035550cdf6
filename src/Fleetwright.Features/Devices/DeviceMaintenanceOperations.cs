using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Devices.Import;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Features.Devices;

/// <summary>What is done with devices seldom, and by an administrator: import, export, host keys.</summary>
public sealed class DeviceMaintenanceOperations(DeviceRegistry registry, DeviceImporter importer, DeviceTester tester, ConnectionFactory connections)
{
    /// <summary>Adds many devices from a YAML inventory, an ssh configuration or `tailscale status --json`; tells of each entry whether it was added, skipped or refused, and why.</summary>
    [Operation("import_devices", "POST /api/devices/import", Scope = Scopes.Admin, Effect = OperationEffect.Adds, Repeat = OperationRepeat.Safe, Toolset = "maintenance")]
    public Task<ImportReport> ImportDevicesAsync(ImportDevices body, CancellationToken cancellationToken) => importer.ImportAsync(
        new ImportRequest
        {
            Format = body.Format,
            Content = body.Content,
            User = body.User,
            KeyFile = body.KeyFile,
            DryRun = body.DryRun ?? false,
        },
        cancellationToken);

    /// <summary>Every device as a YAML inventory that import_devices reads.</summary>
    [Operation("export_devices", "GET /api/devices/export", Toolset = "maintenance")]
    public Task<ExportedDevices> ExportDevicesAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new ExportedDevices(registry.List().Count, importer.Export()));

    /// <summary>Accepts a device's new host key, if it shows the key with this fingerprint now; then tests it.</summary>
    /// <param name="device">Device name or id.</param>
    [Operation("trust_host_key", "POST /api/devices/{device}/host-key", Scope = Scopes.Admin, Effect = OperationEffect.Changes, Repeat = OperationRepeat.Safe, Toolset = "maintenance")]
    public async Task<DeviceTest> TrustHostKeyAsync(string device, TrustHostKey body, CancellationToken cancellationToken)
    {
        var known = registry.Get(device).Device;
        if (known.Address.IsLocal)
        {
            throw OperationException.Invalid("device", $"'{known.Name}' is the machine Fleetwright runs on; it has no host key.", "Name a device that is reached over SSH.");
        }

        if (!body.Fingerprint.Trim().StartsWith("SHA256:", StringComparison.Ordinal))
        {
            throw OperationException.Invalid("fingerprint", "it does not begin with SHA256:.", "Give it as ssh-keygen -lf prints it; list_devices tells the one that the device shows.");
        }

        try
        {
            await connections.TrustHostKeyAsync(known.Name, known.Address, body.Fingerprint, cancellationToken);
        }
        catch (ConnectionException failure)
        {
            throw new OperationException(
                failure.Failure == ConnectionFailure.HostKeyChanged ? OperationError.Conflict : OperationError.DeviceAway, failure.Message, failure.Advice);
        }

        await registry.ReconnectAsync(known.Id);
        return await tester.TestAsync(known.Id, cancellationToken);
    }
}

/// <summary>What import_devices takes.</summary>
public sealed record ImportDevices
{
    /// <summary>What the content is.</summary>
    public required ImportFormat Format { get; init; }

    /// <summary>The text; absent: this machine's own ~/.ssh/config, or its running Tailscale.</summary>
    public string? Content { get; init; }

    /// <summary>SSH user for all of them.</summary>
    public string? User { get; init; }

    /// <summary>Private key for all of them.</summary>
    public string? KeyFile { get; init; }

    /// <summary>true only tells what would be done.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>What trust_host_key takes.</summary>
public sealed record TrustHostKey
{
    /// <summary>SHA256:… as the device's own console shows it.</summary>
    public required string Fingerprint { get; init; }
}

/// <summary>The inventory as text.</summary>
/// <param name="Devices">How many devices it holds.</param>
/// <param name="Content">The YAML; import_devices takes it as its content.</param>
public sealed record ExportedDevices(int Devices, string Content);
