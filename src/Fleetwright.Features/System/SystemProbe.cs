using Fleetwright.Features.Systems.Parsing;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Systems;

/// <summary>How a machine is doing: one script over /proc and /sys, a few milliseconds on the device.</summary>
internal sealed class SystemProbe : ScriptProbe<SystemMetrics>
{
    public override string Name => "system";

    public override TimeSpan DefaultInterval => TimeSpan.FromSeconds(30);

    public override bool ReadsCutAnswers => true;

    public override string Script(DeviceFacts facts) => SystemScript.Text;

    public override Reading<SystemMetrics> Parse(CommandResult output, ProbeContext context)
    {
        var history = context.Memory.Get<SystemHistory>() ?? SystemHistory.Empty;

        // A file system that hangs must not cost the rest: what was printed before the time limit counts.
        if (SystemMetricsParser.Parse(ScriptOutput.Read(output.Output.Span), history, context.Facts.Virtualization) is not { } parsed)
        {
            return Reading.Failed<SystemMetrics>(
                output.TimedOut ? "The device did not answer in time." : "The device shows neither /proc/meminfo nor /proc/uptime.",
                output.Output.Span);
        }

        if (parsed.Sample is not null)
        {
            context.Memory.Set(history.With(parsed.Sample));
        }

        return Reading.Ok(parsed.Metrics);
    }

    public override IEnumerable<Point> PointsOf(SystemMetrics value) => SystemPoints.Of(value);
}
