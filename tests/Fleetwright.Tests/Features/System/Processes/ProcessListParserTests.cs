using System.Text;
using Fleetwright.Features.Systems.Processes;

namespace Fleetwright.Tests.Features.Systems.Processes;

public sealed class ProcessListParserTests
{
    [Fact]
    public void Parse_TwoSamples_GivesSharesOfOneProcessor()
    {
        var list = Parse(
            Stat(1, "init", 'S', 10, 10, 1, 100) + Stat(50, "busy", 'R', 1000, 100, 500, 2560),
            Stat(1, "init", 'S', 10, 10, 1, 100) + Stat(50, "busy", 'R', 1060, 115, 500, 2560) + Stat(60, "new", 'S', 5, 0, 10010, 10),
            "/proc/50/cmdline:/usr/bin/busy\0--password\0hunter2\0--url=https://me:pw@host/\0\n/proc/50/status:Uid:\t1000\t1000\t1000\t1000\n/etc/passwd:joe:x:1000:1000::/home/joe:/bin/sh\n");

        Assert.Equal(3, list.Total);
        Assert.Equal(0.5, list.IntervalSeconds);
        var busy = list.Processes.Single(p => p.Pid == 50);
        Assert.Equal((150, 10L << 20, 10, 3), (busy.CpuPercent, busy.MemoryBytes, busy.MemoryPercent, busy.Threads));
        Assert.Equal(("running", "joe", 96), (busy.State, busy.User, busy.RunningSeconds));
        Assert.Equal("/usr/bin/busy --password [redacted] --url=https://me:[redacted]@host/", busy.CommandLine);
        Assert.Equal(0, list.Processes.Single(p => p.Pid == 1).CpuPercent);
        Assert.Null(list.Processes.Single(p => p.Pid == 1).CommandLine);
        Assert.Equal(10, list.Processes.Single(p => p.Pid == 60).CpuPercent);
        Assert.Null(list.Notes);
    }

    [Fact]
    public void Parse_NameWithNewlineAndParentheses_IsOneProcess()
    {
        var list = Parse("", "/proc/1/stat:1 (a) R 1 (\n/proc/1/stat:b) S 0" + Tail(1, 1, 1, 10) + "\n", "");

        var process = Assert.Single(list.Processes);
        Assert.Equal(("a) R 1 ( b", "sleeping", 0), (process.Name, process.State, process.ParentPid));
    }

    [Fact]
    public void Parse_PidUsedAgain_DoesNotMixTwoProcesses()
    {
        var list = Parse(Stat(7, "old", 'R', 50_000, 0, 100, 10), Stat(7, "new", 'R', 10, 0, 10020, 10), "");

        Assert.Equal(20, Assert.Single(list.Processes).CpuPercent);
    }

    [Fact]
    public void Parse_FirstProcessMissing_SaysThatOthersAreHidden() =>
        Assert.Contains("hidden", Assert.Single(Parse("", Stat(7, "mine", 'R', 10, 0, 10020, 10), "").Notes!), StringComparison.Ordinal);

    [Fact]
    public void Parse_LongCommandLine_IsCutNotLost()
    {
        var process = Assert.Single(Parse("", Stat(1, "java", 'S', 1, 1, 1, 1), "/proc/1/cmdline:java\0-cp\0" + new string('x', 100_000) + "\0\n").Processes);

        Assert.StartsWith("java -cp xxx", process.CommandLine, StringComparison.Ordinal);
        Assert.True(process.CommandLine!.Length <= 1001);
    }

    [Fact]
    public void Parse_MarkerInsideACommandLine_IsNoMarker()
    {
        // grep puts the path before every line, so this is what a process named so looks like.
        var list = Parse("", Stat(1, "x", 'S', 1, 1, 1, 1), "/proc/1/cmdline:a\n/proc/1/cmdline:!again:1\n/proc/1/cmdline:!page:1\n");

        Assert.Equal("a !again:1 !page:1", Assert.Single(list.Processes).CommandLine);
    }

    private static ProcessList Parse(string first, string second, string rest)
    {
        var list = ProcessListParser.Parse(Encoding.UTF8.GetBytes(
            $"/proc/meminfo:MemTotal: 102400 kB\n/proc/uptime:100.00 50.00\n{first}!again:1\n/proc/uptime:100.50 50.10\n{second}{rest}!page:4096\n"));
        Assert.NotNull(list);
        return list;
    }

    private static string Stat(int pid, string name, char state, int user, int system, int start, int pages) =>
        $"/proc/{pid}/stat:{pid} ({name}) {state} 0" + Tail(user, system, start, pages) + "\n";

    private static string Tail(int user, int system, int start, int pages) =>
        $" 1 1 0 -1 4194560 0 0 0 0 {user} {system} 0 0 20 0 3 0 {start} 0 {pages} 0 0";
}
