using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Systems.Processes;

/// <summary>The processes of a device, asked only when somebody wants them: two samples half a second apart.</summary>
internal sealed class ProcessesProbe : ScriptProbe<ProcessList>
{
    // ps differs between distributions and lacks most columns in busybox; /proc is the same everywhere. `grep -a` passes the
    // zero bytes between arguments.
    private const string Text = """
        LC_ALL=C
        export LC_ALL
        grep -sH '^MemTotal' /proc/meminfo
        grep -sH '' /proc/uptime
        grep -asH '' /proc/[0-9]*/stat
        sleep 0.5 2>/dev/null || sleep 1
        printf '!again:1\n'
        grep -sH '' /proc/uptime
        grep -asH '' /proc/[0-9]*/stat
        grep -asH '' /proc/[0-9]*/cmdline
        grep -sH '^Uid:' /proc/[0-9]*/status
        grep -asH '' /etc/passwd
        printf '!page:'
        getconf PAGESIZE 2>/dev/null || printf '4096\n'
        """;

    public override string Name => "processes";

    public override TimeSpan DefaultInterval => Timeout.InfiniteTimeSpan;

    public override bool ReadsCutAnswers => true;

    public override string Script(DeviceFacts facts) => Text;

    public override Reading<ProcessList> Parse(CommandResult output, ProbeContext context) =>
        ProcessListParser.Parse(output.Output.Span) is { } list
            ? Reading.Ok(list)
            : Reading.Failed<ProcessList>(
                output.TimedOut ? "The device did not answer in time." : "The device does not show its processes in /proc.",
                output.Output.Span);
}
