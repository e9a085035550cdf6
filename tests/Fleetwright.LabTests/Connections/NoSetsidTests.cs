using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Connections;

namespace Fleetwright.LabTests.Connections;

/// <summary>A machine without setsid: commands share the shell's session, and their descendants are found by parentage.</summary>
public sealed class NoSetsidTests : IDisposable
{
    private readonly DirectoryInfo _bin = Directory.CreateTempSubdirectory("fw-bin-");

    public NoSetsidTests()
    {
        foreach (var program in (string[])["sh", "sleep", "cat"])
        {
            File.CreateSymbolicLink(Path.Combine(_bin.FullName, program), Path.Combine("/usr/bin", program));
        }
    }

    public void Dispose() => _bin.Delete(recursive: true);

    [Fact]
    public async Task RunAsync_PastItsLimit_IsEndedWithItsChildrenAndTheShellGoesOn()
    {
        await using var connection = new LocalConnection(
            new ConnectionOptions(), TimeProvider.System, "sh", "-c", $"PATH={_bin.FullName}; exec sh");
        var stop = TestContext.Current.CancellationToken;

        var results = await connection.RunBatchAsync(
            [
                Command.Script("command -v setsid"),
                Command.Script("sleep 1000 & echo $!; sleep 999 & echo $!; wait") with { TimeLimit = TimeSpan.FromMilliseconds(300) },
                new Command("cat") { Input = "after"u8.ToArray() },
            ],
            stop);

        Assert.NotEqual(0, results[0].ExitCode);
        Assert.True(results[1].TimedOut);
        Assert.Equal("after", results[2].OutputText);
        foreach (var child in results[1].OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse))
        {
            Assert.True(await Processes.EndsAsync(child, TimeSpan.FromSeconds(10)));
        }
    }
}
