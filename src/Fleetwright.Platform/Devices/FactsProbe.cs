using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices.Facts;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Platform.Devices;

/// <summary>What a device is and has; asked on first contact and hourly.</summary>
public sealed class FactsProbe : ScriptProbe<DeviceFacts>
{
    public override string Name => DeviceRegistry.FactsProbeName;

    public override TimeSpan DefaultInterval => TimeSpan.FromHours(1);

    /// <summary>The script gives up on tools that hang after eight seconds itself.</summary>
    public override TimeSpan TimeLimit => TimeSpan.FromSeconds(20);

    /// <summary>The question; the same for every device.</summary>
    internal Command Question => Command.Script(FactsScript.Text) with { TimeLimit = TimeLimit, OutputCapBytes = 256 * 1024 };

    public override bool ReadsCutAnswers => true;

    public override string Script(DeviceFacts facts) => FactsScript.Text;

    public override Reading<DeviceFacts> Parse(CommandResult output, ProbeContext context) =>
        Parse(output, context.Now);

    internal static Reading<DeviceFacts> Parse(CommandResult output, DateTimeOffset askedAt) =>
        FactsParser.Parse(output.Output.Span, askedAt, output.Duration) is { } facts
            ? Reading.Ok(facts)
            : Reading.Failed<DeviceFacts>(
                output.TimedOut ? "The device did not finish telling what it is within the limit."
                    : "The device's answer does not tell what it is: the script did not run to its end.",
                output.Output.Span,
                output.ErrorText is { Length: > 0 } said ? "It said: " + DeviceValidation.Shown(said.Trim()) : null);
}
