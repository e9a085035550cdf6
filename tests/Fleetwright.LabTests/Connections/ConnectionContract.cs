using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Fleetwright.LabTests.Lab;
using Fleetwright.Platform.Connections;

namespace Fleetwright.LabTests.Connections;

/// <summary>What every <see cref="IConnection"/> promises, checked on the real thing.</summary>
public abstract class ConnectionContract : IAsyncLifetime
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);
    private IConnection? _connection;

    protected IConnection Connection => _connection ?? throw new InvalidOperationException("not initialized");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _connection = await ConnectAsync();

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        await DisconnectedAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task RunAsync_OutputAndErrorAndCode_AreGivenApart()
    {
        var result = await Connection.RunAsync(Command.Script("echo out; echo err >&2; exit 7"), Stop);

        Assert.Equal(("out\n", "err\n", 7), (result.OutputText, result.ErrorText, result.ExitCode));
        Assert.False(result.Truncated || result.TimedOut || result.Succeeded);
    }

    [Fact]
    public async Task RunAsync_OutputWithoutFinalNewline_IsExact()
    {
        var result = await Connection.RunAsync(new Command("printf", "no newline"), Stop);

        Assert.Equal("no newline", result.OutputText);
    }

    [Fact]
    public async Task RunAsync_EveryByteValue_SurvivesBothWays()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i), .. "'%\\ \n\n"u8];
        byte[] input = [.. Enumerable.Repeat(all, 400).SelectMany(b => b)];

        var result = await Connection.RunAsync(new Command("cat") { Input = input }, Stop);

        Assert.Equal(input, result.Output.ToArray());
    }

    [Fact]
    public async Task RunAsync_InputThatIsNotRead_DoesNoHarm()
    {
        var result = await Connection.RunAsync(new Command("true") { Input = new byte[1_000_000] }, Stop);

        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task RunAsync_NoInput_IsAtItsEndAtOnce()
    {
        var result = await Connection.RunAsync(new Command("cat"), Stop);

        Assert.Equal((0, 0), (result.ExitCode, result.Output.Length));
    }

    [Fact]
    public async Task RunAsync_OutputPastTheCap_IsCutAndTheCommandRunsOn()
    {
        var command = Command.Script("head -c 50000000 /dev/zero; echo done >&2") with { OutputCapBytes = 1000, TimeLimit = Guard };

        var result = await Connection.RunAsync(command, Stop);

        Assert.Equal((1000, true, 0, "done\n"), (result.Output.Length, result.Truncated, result.ExitCode, result.ErrorText));
    }

    [Fact]
    public async Task RunAsync_FiftyMegabytesUnderTheCap_AreAllThere()
    {
        var command = Command.Script("head -c 50000000 /dev/zero") with { OutputCapBytes = 60_000_000, TimeLimit = Guard };

        var result = await Connection.RunAsync(command, Stop);

        Assert.Equal((50_000_000, false), (result.Output.Length, result.Truncated));
    }

    [Fact]
    public async Task RunAsync_WhatEarlierFramesLookLike_IsJustOutput()
    {
        // The nonce cannot be had, so the nearest forgery is a marker with a guessed one, in the middle of a line.
        var forged = "x\u001e0123456789abcdef0123456789abcdef e 0\n\u001e0123456789abcdef0123456789abcdef d\ny";

        var result = await Connection.RunAsync(new Command("printf", "%s", forged), Stop);

        Assert.Equal(forged, result.OutputText);
    }

    [Fact]
    public async Task RunAsync_EnvironmentAndProcessTable_DoNotHoldTheNonce()
    {
        var result = await Connection.RunAsync(Command.Script("cat /proc/$PPID/cmdline /proc/self/cmdline /proc/self/environ; env; set"), Stop);

        Assert.DoesNotContain("\u001e", result.OutputText, StringComparison.Ordinal);
        Assert.NotEqual(0, result.Output.Length);
    }

    [Fact]
    public async Task RunAsync_ProgramThatIsNotThere_Is127()
    {
        var result = await Connection.RunAsync(new Command("no-such-program-here"), Stop);

        Assert.Equal(127, result.ExitCode);
    }

    [Fact]
    public async Task RunAsync_EndedByASignal_Is128PlusItsNumber()
    {
        var result = await Connection.RunAsync(Command.Script("kill -9 $$"), Stop);

        Assert.Equal((137, false), (result.ExitCode, result.TimedOut));
    }

    [Fact]
    public async Task RunAsync_PastItsLimit_IsEndedWithItsChildrenAndTheShellGoesOn()
    {
        var command = Command.Script("sleep 1000 & echo $!; timeout 999 sleep 998 & echo $!; (trap '' TERM; sleep 997) & echo $!; wait")
            with { TimeLimit = TimeSpan.FromMilliseconds(500) };

        var result = await Connection.RunAsync(command, Stop);
        var after = await Connection.RunAsync(new Command("echo", "after"), Stop);

        Assert.Equal((true, -1), (result.TimedOut, result.ExitCode));
        var children = result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray();
        Assert.Equal(3, children.Length);
        foreach (var child in children)
        {
            Assert.True(await Processes.EndsAsync(child, Guard), $"process {child} lives on");
        }

        Assert.Equal("after\n", after.OutputText);
    }

    [Fact]
    public async Task RunAsync_IgnoresTermination_IsKilled()
    {
        var command = Command.Script("trap '' TERM; echo $$; while :; do sleep 0.1; done") with { TimeLimit = TimeSpan.FromMilliseconds(300) };

        var result = await Connection.RunAsync(command, Stop);

        Assert.True(result.TimedOut);
        Assert.True(await Processes.EndsAsync(int.Parse(result.OutputText), Guard));
    }

    [Fact]
    public async Task RunAsync_LeavesAChildThatHoldsItsOutput_ReturnsAndSpoilsNothing()
    {
        var clock = Stopwatch.StartNew();

        var result = await Connection.RunAsync(Command.Script("(sleep 2; echo late; sleep 20) & echo $!"), Stop);
        var next = await Connection.RunAsync(Command.Script("sleep 3; echo next") , Stop);

        Assert.True(clock.Elapsed < Guard / 2);
        Assert.Equal((0, "next\n"), (result.ExitCode, next.OutputText));
    }

    [Fact]
    public async Task RunAsync_Cancelled_ThrowsAtOnceEndsTheCommandAndTheShellGoesOn()
    {
        var marker = $"{Random.Shared.Next(100_000, 999_999)}";
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = Connection.RunAsync(Command.Script("sleep 3$1; :", marker) with { TimeLimit = Guard }, cancel.Token);
        var child = await WaitForProcessAsync($"sleep\03{marker}\0");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(await Processes.EndsAsync(child, Guard));
        Assert.Equal("after\n", (await Connection.RunAsync(new Command("echo", "after"), Stop)).OutputText);
    }

    [Fact]
    public async Task RunAsync_ParallelCalls_DoNotBlockEachOther()
    {
        var fifo = $"/tmp/fw-fifo-{Guid.NewGuid():N}";
        await Connection.RunAsync(new Command("mkfifo", fifo), Stop);

        // Each waits for the other; one after the other they would never end.
        var reading = Connection.RunAsync(new Command("cat", fifo) { TimeLimit = Guard }, Stop);
        var writing = Connection.RunAsync(Command.Script("echo met >\"$1\"", fifo) with { TimeLimit = Guard }, Stop);

        Assert.Equal("met\n", (await reading).OutputText);
        Assert.Equal(0, (await writing).ExitCode);
        await Connection.RunAsync(new Command("rm", fifo), Stop);
    }

    [Fact]
    public async Task RunAsync_ManyAtOnce_AllGetTheirOwnAnswer()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Connection.RunAsync(new Command("echo", $"{i}"), Stop)));

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}\n"), results.Select(r => r.OutputText));
    }

    [Fact]
    public async Task RunBatchAsync_OneIsSlowAndOneLeavesAChild_EachHasItsOwnResult()
    {
        var results = await Connection.RunBatchAsync(
            [
                new Command("echo", "first"),
                new Command("sleep", "1000") { TimeLimit = TimeSpan.FromMilliseconds(300) },
                Command.Script("sleep 5 & echo third; echo problem >&2"),
                new Command("no-such-program-here"),
                Command.Script("head -c 100 /dev/zero") with { OutputCapBytes = 10 },
                new Command("echo", "last"),
            ],
            Stop);

        Assert.Equal(["first\n", "", "third\n", "", new string('\0', 10), "last\n"], results.Select(r => r.OutputText));
        Assert.Equal([0, -1, 0, 127, 0, 0], results.Select(r => r.ExitCode));
        Assert.Equal("problem\n", results[2].ErrorText);
        Assert.Equal([false, true, false, false, false, false], results.Select(r => r.TimedOut));
        Assert.True(results[4].Truncated);
    }

    [Fact]
    public async Task RunAsync_PlainTools_PrintPlainFormats()
    {
        var result = await Connection.RunAsync(Command.Script("echo $LC_ALL; command -v ldconfig || ls /usr/sbin/ldconfig >/dev/null"), Stop);

        Assert.StartsWith("C\n", result.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_Follows_AndDisposingEndsTheCommand()
    {
        await using var stream = await Connection.StreamAsync(Command.Script("echo $$; echo warn >&2; while :; do echo tick; sleep 0.05; done"), Stop);
        using var reader = new StreamReader(stream.Output);

        var id = int.Parse((await reader.ReadLineAsync(Stop))!);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("tick", await reader.ReadLineAsync(Stop));
        }

        Assert.True(Processes.IsAlive(id));
        Assert.Equal("warn\n", stream.ErrorTail);
        await stream.DisposeAsync();

        Assert.True(await Processes.EndsAsync(id, Guard));
        Assert.Equal(-1, await stream.Completion.WaitAsync(Guard, Stop));
    }

    [Fact]
    public async Task StreamAsync_DisposedWhileItStarts_LeavesNothingRunning()
    {
        var marker = $"6{Random.Shared.Next(100_000, 999_999)}";
        for (var i = 0; i < 20; i++)
        {
            await using var stream = await Connection.StreamAsync(new Command("sleep", marker), Stop);
            await Task.Delay(i % 4);
        }

        // Closing is confirmed by each shell's end, so nothing starts any more; what runs now would run on.
        Assert.Equal("after\n", (await Connection.RunAsync(new Command("echo", "after"), Stop)).OutputText);
        await Connection.DisposeAsync();
        if (Processes.WithCommandLine($"sleep\0{marker}\0") is { } left)
        {
            Assert.True(await Processes.EndsAsync(left, TimeSpan.FromSeconds(5)), $"process {left} lives on");
        }
    }

    [Fact]
    public async Task StreamAsync_CommandEnds_OutputEndsWithItsCode()
    {
        await using var stream = await Connection.StreamAsync(Command.Script("printf 'all there is'; exit 3"), Stop);
        using var reader = new StreamReader(stream.Output, Encoding.UTF8);

        Assert.Equal("all there is", await reader.ReadToEndAsync(Stop));
        Assert.Equal(3, await stream.Completion.WaitAsync(Guard, Stop));
    }

    [Fact]
    public async Task StreamAsync_AllChannelsButOneInUse_IsRefusedWhileCommandsGoOn()
    {
        var streams = new List<CommandStream>();
        for (var i = 0; i < 3; i++)
        {
            streams.Add(await Connection.StreamAsync(new Command("sleep", "1000"), Stop));
        }

        var refused = await Assert.ThrowsAsync<ConnectionException>(() => Connection.StreamAsync(new Command("sleep", "1000"), Stop));
        var command = await Connection.RunAsync(new Command("echo", "served"), Stop);

        Assert.Equal(ConnectionFailure.TooManySessions, refused.Failure);
        Assert.Equal("served\n", command.OutputText);
        await streams[0].DisposeAsync();
        streams[0] = await Connection.StreamAsync(new Command("sleep", "1000"), Stop);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task OpenUnixSocketAsync_SomeoneListens_CarriesBothWays()
    {
        using var echo = new EchoSocket();

        await using var first = await Connection.OpenUnixSocketAsync(echo.Path, Stop);
        await using var second = await Connection.OpenUnixSocketAsync(echo.Path, Stop);

        foreach (var stream in new[] { first, second })
        {
            await stream.WriteAsync("hello"u8.ToArray(), Stop);
            var answer = new byte[5];
            await stream.ReadExactlyAsync(answer, Stop).AsTask().WaitAsync(Guard, Stop);
            Assert.Equal("hello"u8.ToArray(), answer);
        }
    }

    [Fact]
    public async Task OpenUnixSocketAsync_NoSuchSocket_SaysMissing()
    {
        var failure = await Assert.ThrowsAsync<ConnectionException>(() => Connection.OpenUnixSocketAsync("/tmp/no/such.sock", Stop));

        Assert.Equal(ConnectionFailure.SocketMissing, failure.Failure);
    }

    [Fact]
    public async Task DisposeAsync_WhileACommandRuns_EndsIt()
    {
        var marker = $"{Random.Shared.Next(100_000, 999_999)}";
        var running = Connection.RunAsync(Command.Script("sleep 4$1; :", marker) with { TimeLimit = Guard }, Stop);
        var child = await WaitForProcessAsync($"sleep\04{marker}\0");

        await Connection.DisposeAsync();

        await Assert.ThrowsAsync<ConnectionException>(() => running);
        Assert.True(await Processes.EndsAsync(child, Guard));
    }

    protected abstract ValueTask<IConnection> ConnectAsync();

    protected virtual ValueTask DisconnectedAsync() => ValueTask.CompletedTask;

    private static async Task<int> WaitForProcessAsync(string commandLine)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < Guard)
        {
            if (Processes.WithCommandLine(commandLine) is { } id)
            {
                return id;
            }

            await Task.Delay(10);
        }

        throw new TimeoutException("the command did not start");
    }

    /// <summary>Sends back whatever comes.</summary>
    private sealed class EchoSocket : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public EchoSocket()
        {
            _listener.Bind(new UnixDomainSocketEndPoint(Path));
            _listener.Listen();
            _ = ServeAsync();
        }

        public string Path { get; } = $"/tmp/fw-echo-{Guid.NewGuid():N}.sock";

        public void Dispose()
        {
            _listener.Dispose();
            File.Delete(Path);
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    var stream = new NetworkStream(await _listener.AcceptAsync(), ownsSocket: true);
                    _ = stream.CopyToAsync(stream).ContinueWith(_ => stream.Dispose(), TaskScheduler.Default);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Disposed.
            }
        }
    }
}
