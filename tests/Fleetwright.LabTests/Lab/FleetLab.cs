using System.Text.Json;
using Fleetwright.LabTests.Lab;

[assembly: AssemblyFixture(typeof(FleetLab))]

namespace Fleetwright.LabTests.Lab;

/// <summary>
/// The lab, up for as long as the tests of this assembly run: take it as a constructor parameter. A lab that was
/// up before is used and left up. Tests that break something belong to <see cref="LabFaults"/>.
/// </summary>
public sealed class FleetLab : IAsyncLifetime
{
    private static readonly TimeSpan UpLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan FaultLimit = TimeSpan.FromMinutes(1);
    private LabDescription? _description;
    private bool _started;

    /// <summary>The folder that holds Fleetwright.slnx.</summary>
    public static string Root { get; } = FindRoot();

    public LabDescription Description => _description ?? throw new InvalidOperationException("the lab is not up");

    public IReadOnlyList<LabDevice> Devices => Description.Devices;

    public LabEngine Engine => Description.Engine;

    /// <summary>The device of that name; throws when there is none.</summary>
    public LabDevice this[string name] => Devices.Single(device => device.Name == name);

    public async ValueTask InitializeAsync()
    {
        string state = Environment.GetEnvironmentVariable("FLEETWRIGHT_LAB_STATE") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Root, "lab", ".state");
        _started = !File.Exists(Path.Combine(state, "lab.json"));
        LabResult up = await LabProcess.RunAsync(Path.Combine(Root, "lab", "up"), [], UpLimit);
        _description = JsonSerializer.Deserialize<LabDescription>(up.OrThrow("lab/up").Output, JsonSerializerOptions.Web);
    }

    public async ValueTask DisposeAsync()
    {
        if (_started)
        {
            (await LabProcess.RunAsync(Path.Combine(Root, "lab", "down"), [], UpLimit)).OrThrow("lab/down");
        }
    }

    /// <summary>Makes or undoes a fault (see <c>lab/fault</c>) and returns when it is in effect.</summary>
    public async Task FaultAsync(string device, string fault, params string[] arguments)
    {
        LabResult result = await LabProcess.RunAsync(Description.Fault, [device, fault, .. arguments], FaultLimit);
        result.OrThrow($"lab/fault {device} {fault}");
    }

    /// <summary>Makes a fault that is undone when the result is disposed, with every other fault of that device.</summary>
    public async Task<IAsyncDisposable> BreakAsync(string device, string fault, params string[] arguments)
    {
        Healing healing = new(this, device);
        try
        {
            await FaultAsync(device, fault, arguments);
            return healing;
        }
        catch
        {
            await healing.DisposeAsync();
            throw;
        }
    }

    /// <summary>One plain <c>ssh</c> with the lab's key and known hosts; no configuration, no multiplexing.</summary>
    public Task<LabResult> SshAsync(string device, string command, int connectTimeoutSeconds = 30)
    {
        LabDevice to = this[device];
        string[] arguments =
        [
            "-F", "none", "-i", to.KeyFile, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=yes", "-o", "GlobalKnownHostsFile=none", "-o", "LogLevel=ERROR",
            "-o", $"UserKnownHostsFile=\"{Description.KnownHosts}\"", "-o", $"ConnectTimeout={connectTimeoutSeconds}",
            "-p", $"{to.Port}", $"{to.User}@{to.Host}", command,
        ];
        return LabProcess.RunAsync("ssh", arguments, TimeSpan.FromSeconds(60));
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Fleetwright.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} holds Fleetwright.slnx");
    }

    private sealed class Healing(FleetLab lab, string device) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await lab.FaultAsync(device, "heal");
    }
}

/// <summary>The collection of tests that break parts of the lab: they run one at a time, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LabFaults
{
    public const string Name = "Lab faults";
}
