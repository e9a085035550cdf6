using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Platform.Devices.Import;

/// <summary>Where devices are imported from.</summary>
public enum ImportFormat
{
    /// <summary>The YAML inventory that an export writes.</summary>
    Inventory,

    /// <summary>The Host blocks of an ssh client configuration.</summary>
    SshConfig,

    /// <summary>The output of tailscale status --json.</summary>
    Tailscale,
}

/// <summary>What to import, and how.</summary>
public sealed record ImportRequest
{
    public required ImportFormat Format { get; init; }

    /// <summary>
    /// The text; null reads what this machine has itself: ~/.ssh/config with its Includes, or the running Tailscale.
    /// </summary>
    public string? Content { get; init; }

    /// <summary>The SSH user of every imported device; null leaves it to the source and to ssh.</summary>
    public string? User { get; init; }

    /// <summary>The private key of every imported device; null leaves it to the source and to ssh.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Tells what would be done and does nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Adds many devices at once, and tells of each what became of it; exports them again.</summary>
public sealed class DeviceImporter(DeviceRegistry registry, DeviceEnrollment enrollment, DeviceConnector connect)
{
    /// <summary>So many are connected to at a time.</summary>
    private const int Parallel = 8;

    /// <exception cref="OperationException">The source as a whole cannot be read; then nothing was added.</exception>
    public async Task<ImportReport> ImportAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        var list = await ReadAsync(request, cancellationToken);
        var results = new ImportedEntry[list.Entries.Count];
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        var wanted = new List<int>();
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = Judge(list.Entries[i], seen);
            if (results[i].Outcome == ImportOutcome.Added)
            {
                wanted.Add(i);
            }
        }

        if (!request.DryRun)
        {
            await AddAsync(list.Entries, results, wanted, cancellationToken);
        }

        return new ImportReport
        {
            DryRun = request.DryRun,
            Added = results.Count(result => result.Outcome == ImportOutcome.Added),
            Skipped = results.Count(result => result.Outcome == ImportOutcome.Skipped),
            Refused = results.Count(result => result.Outcome == ImportOutcome.Refused),
            Entries = results,
            Notes = list.Notes,
        };
    }

    /// <summary>Every device as the YAML inventory.</summary>
    public string Export() => InventoryWriter.Write(registry.List().Select(device => device.Device));

    private async Task AddAsync(IReadOnlyList<ImportEntry> entries, ImportedEntry[] results, List<int> wanted, CancellationToken cancellationToken)
    {
        var done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForEachAsync(wanted, options, async (i, cancel) =>
        {
            try
            {
                var enrolled = await enrollment.AddAsync(entries[i].Device!, cancel);
                results[i] = results[i] with
                {
                    Reached = enrolled.Test?.Reached,
                    Why = enrolled.Test is { Reached: false } test ? $"Not reached yet: {test.Problem} {test.NextStep}" : null,
                };
            }
            catch (OperationException refusal)
            {
                results[i] = results[i] with { Outcome = ImportOutcome.Refused, Why = $"{refusal.Message} {refusal.NextStep}" };
            }

            OperationContext.Report(Interlocked.Increment(ref done), wanted.Count, entries[i].Name);
        });
    }

    private ImportedEntry Judge(ImportEntry entry, Dictionary<string, string> seen)
    {
        var name = DeviceValidation.Shown(entry.Name);
        if (entry.Device is not { } device)
        {
            return new ImportedEntry(name, entry.Outcome, Why: entry.Why);
        }

        var address = device.Address.ToString();
        if (registry.Find(device.Name) is { } there && SamePlace(there.Device.Address, device.Address))
        {
            return new ImportedEntry(name, ImportOutcome.Skipped, address, Why: "It is there already.");
        }

        try
        {
            var would = registry.Check(device);
            var place = $"{would.Address.Host?.ToLowerInvariant()}:{would.Address.Port ?? 22}";
            return seen.TryAdd("id " + would.Id, name) && seen.TryAdd("at " + place, name)
                ? new ImportedEntry(name, ImportOutcome.Added, address)
                : new ImportedEntry(name, ImportOutcome.Refused, address,
                    Why: $"It has the name or the address of {seen.GetValueOrDefault("at " + place, seen["id " + would.Id])} further up.");
        }
        catch (OperationException refusal)
        {
            return new ImportedEntry(name, ImportOutcome.Refused, address, Why: $"{refusal.Message} {refusal.NextStep}");
        }
    }

    private static bool SamePlace(DeviceAddress a, DeviceAddress b) =>
        string.Equals(a.Host, b.Host, StringComparison.OrdinalIgnoreCase) && (a.Port ?? 22) == (b.Port ?? 22);

    private async Task<ImportList> ReadAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        var defaults = new DeviceAddress { Host = "", User = Blank(request.User), KeyFile = Blank(request.KeyFile) };
        switch (request.Format)
        {
            case ImportFormat.Tailscale:
                return TailscaleStatusReader.Read(Blank(request.Content) ?? await AskTailscaleAsync(cancellationToken), defaults);
            case ImportFormat.SshConfig:
                if (Blank(request.Content) is { } text)
                {
                    var list = SshConfigReader.Read(text, folder: null, defaults);
                    return list with { Notes = [.. list.Notes, "The aliases work when the ssh configuration of the user that Fleetwright runs as has them."] };
                }

                return ReadOwnSshConfig(defaults);
            default:
                return WithDefaults(InventoryReader.Read(Blank(request.Content)
                    ?? throw OperationException.Invalid("content", "it is empty.", "Give the inventory's text.")), defaults);
        }
    }

    private static ImportList WithDefaults(ImportList list, DeviceAddress defaults) => list with
    {
        Entries = [.. list.Entries.Select(entry => entry.Device is not { Address.IsLocal: false } device ? entry : entry with
        {
            Device = device with
            {
                Address = device.Address with { User = device.Address.User ?? defaults.User, KeyFile = device.Address.KeyFile ?? defaults.KeyFile },
            },
        })],
    };

    private static ImportList ReadOwnSshConfig(DeviceAddress defaults)
    {
        var folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        var text = SshConfigReader.ReadFile(Path.Combine(folder, "config"))
            ?? throw OperationException.Invalid("content", "the user that Fleetwright runs as has no ~/.ssh/config.", "Give the configuration's text as content.");
        return SshConfigReader.Read(text, folder, defaults);
    }

    private async Task<string> AskTailscaleAsync(CancellationToken cancellationToken)
    {
        await using var here = connect("this machine", DeviceAddress.Local);
        var result = await here.RunAsync(new Command("tailscale", "status", "--json"), cancellationToken);
        return result.Succeeded
            ? result.OutputText
            : throw OperationException.Invalid("content", result.ExitCode == 127
                ? "there is no tailscale command where Fleetwright runs."
                : $"tailscale status failed: {DeviceValidation.Shown(result.ErrorText.Trim())}.",
                "Give the output of: tailscale status --json");
    }

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
