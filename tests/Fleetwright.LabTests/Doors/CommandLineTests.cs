using Fleetwright.LabTests.Lab;

namespace Fleetwright.LabTests.Doors;

/// <summary>What the built program says to wrong use: one line of what is wrong, one of what to do, and exit code 2.</summary>
public sealed class CommandLineTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("fleetwright-cli-");

    public void Dispose() => _data.Delete(recursive: true);

    [Theory]
    [InlineData("error: Unrecognized command or argument 'srve'.", "srve")]
    [InlineData("error: device: this argument is required.", "call", "get_system_metrics")]
    [InlineData("error: there is no parser 'nope'", "parse", "nope")]
    [InlineData("error: name: a slash", "devices", "add", "a/b", "--ssh", "nas.invalid")]
    public async Task Run_WrongUse_SaysWhatAndWhatNext(string expected, params string[] arguments)
    {
        var said = await RunAsync(arguments);

        Assert.Equal(2, said.ExitCode);
        Assert.StartsWith(expected, said.Error, StringComparison.Ordinal);
        Assert.Contains("\nnext: ", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SettingOfAWrongType_IsNamedWithoutAStackTrace()
    {
        await File.WriteAllTextAsync(Path.Combine(_data.FullName, "fleetwright.json"), """{"Security":{"MaxConnections":"many"}}""");

        var said = await RunAsync("serve", "--urls", "http://127.0.0.1:0");

        Assert.Equal(2, said.ExitCode);
        Assert.Contains("Security:MaxConnections", said.Error, StringComparison.Ordinal);
        Assert.Contains("\nnext: ", said.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_DeviceThatIsAway_ExitsWithFour()
    {
        // Nothing listens at port 1.
        Assert.Equal(0, (await RunAsync("devices", "add", "away", "--ssh", "nobody@127.0.0.1:1")).ExitCode);

        var said = await RunAsync("devices", "test", "away", "--json");

        Assert.Equal(4, said.ExitCode);
        Assert.False(System.Text.Json.JsonElement.Parse(said.Output).GetProperty("reached").GetBoolean());
    }

    [Fact]
    public async Task Call_HelpOfAnOperation_TellsItsArguments()
    {
        var said = await RunAsync("call", "get_container_logs", "--help");

        Assert.Equal(0, said.ExitCode);
        Assert.Contains("--tail", said.Output, StringComparison.Ordinal);
        Assert.Contains("fleetwright call [<operation>]", (await RunAsync("call", "--help")).Output, StringComparison.Ordinal);
    }

    private Task<LabResult> RunAsync(params string[] arguments) => LabProcess.RunAsync(
        "/usr/bin/env", [$"FLEETWRIGHT_DATA={_data.FullName}", BuiltProgram.File, .. arguments], Limit);
}
