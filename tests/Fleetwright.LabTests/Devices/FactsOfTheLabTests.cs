using Fleetwright.LabTests.Connections;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.LabTests.Devices;

/// <summary>Every device of the lab is asked what it is, and says what the lab made it.</summary>
public sealed class FactsOfTheLabTests(FleetLab lab)
{
    [Theory]
    [InlineData("root-bash")]
    [InlineData("user-sudo")]
    [InlineData("busybox-ash")]
    [InlineData("restricted")]
    [InlineData("noisy")]
    [InlineData("slow")]
    [InlineData("fish")]
    public async Task Facts_OfALabDevice_AreAsItWasMade(string name)
    {
        var device = lab[name];
        await using var kit = new ConnectionKit();
        await using var connection = kit.Factory.Create(
            name, new DeviceAddress { Host = device.Host, Port = device.Port, User = device.User, KeyFile = device.KeyFile });
        var cancel = TestContext.Current.CancellationToken;
        await connection.RunAsync(new Command("true"), cancel);
        var asked = TimeProvider.System.GetUtcNow();

        var reading = FactsProbe.Parse(await connection.RunAsync(new FactsProbe().Question, cancel), asked);

        Assert.True(reading.Status == ReadingStatus.Ok, $"{reading.Reason} {reading.RawExcerpt}");
        var facts = reading.Value!;
        Assert.Equal(device.Hostname, facts.Hostname);
        Assert.Equal(device.MachineId, facts.MachineId);
        Assert.Equal(device.User, facts.Privileges.User);
        Assert.Equal(device.Privileges == "root", facts.Privileges.IsRoot);
        Assert.Equal(device.Privileges == "sudo", facts.Privileges.PasswordlessSudo);
        Assert.Equal(device.Docker, facts.DockerSocketPath is not null);
        Assert.Equal(device.Docker && device.Privileges == "root", facts.DockerSocketWritable);
        Assert.Equal(name == "busybox-ash" ? DeviceType.Linux : DeviceType.Debian, facts.Type);
        Assert.InRange(facts.CpuCount ?? 0, 1, Environment.ProcessorCount);
        Assert.InRange(facts.TimeSkewSeconds ?? double.NaN, -5, 5);
    }
}
