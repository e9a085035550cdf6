using System.Text;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Connections;

namespace Fleetwright.LabTests.Connections;

/// <summary>The devices of the lab: login shells, privileges and SSH servers as they are out there.</summary>
public sealed class LabConnectionTests(FleetLab lab) : IAsyncLifetime
{
    private const string DockerSocket = "/var/run/docker.sock";
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);
    private readonly ConnectionKit _kit = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Theory]
    [InlineData("root-bash")]
    [InlineData("user-sudo")]
    [InlineData("busybox-ash")]
    [InlineData("restricted")]
    [InlineData("noisy")]
    [InlineData("slow")]
    [InlineData("fish")]
    public async Task RunAsync_EveryKindOfDevice_AnswersExactly(string name)
    {
        await using var connection = Connect(name);
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];

        var results = await connection.RunBatchAsync(
            [
                Command.Script("printf '%s' \"$1\"; echo problem >&2; exit 3", "it's $(only) \"text\"\n"),
                new Command("cat") { Input = bytes },
                new Command("sleep", "100") { TimeLimit = TimeSpan.FromMilliseconds(200) },
                new Command("id", "-un"),
            ],
            Stop);
        var parallel = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => connection.RunAsync(new Command("echo", $"{i}"), Stop)));

        Assert.Equal(("it's $(only) \"text\"\n", "problem\n", 3), (results[0].OutputText, results[0].ErrorText, results[0].ExitCode));
        Assert.Equal(bytes, results[1].Output.ToArray());
        Assert.True(results[2].TimedOut);
        Assert.Equal(lab[name].User + "\n", results[3].OutputText);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}\n"), parallel.Select(r => r.OutputText));
    }

    [Theory]
    [InlineData("root-bash")] // by a forwarded socket
    [InlineData("user-sudo")] // by docker system dial-stdio under sudo
    [InlineData("restricted")] // by docker system dial-stdio, forwarding is forbidden and three sessions allowed
    public async Task OpenUnixSocketAsync_Docker_Answers(string name)
    {
        await using var connection = Connect(name);

        for (var i = 0; i < 3; i++)
        {
            await using var first = await connection.OpenUnixSocketAsync(DockerSocket, Stop);
            await using var second = await connection.OpenUnixSocketAsync(DockerSocket, Stop);
            Assert.Contains("200 OK", await PingAsync(first), StringComparison.Ordinal);
            Assert.Contains("200 OK", await PingAsync(second), StringComparison.Ordinal);
            Assert.Equal("served\n", (await connection.RunAsync(new Command("echo", "served"), Stop)).OutputText);
        }
    }

    [Fact]
    public async Task OpenUnixSocketAsync_NoRightsAndNoSudo_SaysNotPermitted()
    {
        await using var connection = Connect("noisy");

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => connection.OpenUnixSocketAsync("/root/docker.sock", Stop));

        Assert.Equal(ConnectionFailure.SocketNotPermitted, failure.Failure);
    }

    [Fact]
    public async Task RunAsync_PastItsLimitUnderSudo_IsEnded()
    {
        await using var connection = Connect("user-sudo");
        var marker = $"{Random.Shared.Next(100_000, 999_999)}";

        var result = await connection.RunAsync(
            new Command("sudo", "-n", "sleep", $"5{marker}") { TimeLimit = TimeSpan.FromMilliseconds(500) }, Stop);
        var left = await connection.RunAsync(Command.Script("for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$p | grep -x \"$1 \"; done 2>/dev/null", $"sleep 5{marker}"), Stop);

        Assert.True(result.TimedOut);
        Assert.Equal("", left.OutputText);
    }

    private IConnection Connect(string name)
    {
        var device = lab[name];
        return _kit.Factory.Create(
            name, new DeviceAddress { Host = device.Host, Port = device.Port, User = device.User, KeyFile = device.KeyFile });
    }

    private static async Task<string> PingAsync(Stream stream)
    {
        await stream.WriteAsync("GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"u8.ToArray(), Stop);
        var answer = new byte[4096];
        var count = await stream.ReadAsync(answer, Stop).AsTask().WaitAsync(Guard, Stop);
        return Encoding.ASCII.GetString(answer, 0, count);
    }
}
