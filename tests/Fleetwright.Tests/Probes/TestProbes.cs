using System.Globalization;
using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Probes;

namespace Fleetwright.Tests.Probes;

internal sealed record Note
{
    public required string Text { get; init; }

    /// <summary>How often its probe ran on the device as far as the probe remembers.</summary>
    public int Run { get; init; }
}

/// <summary>Its script is its own name; it reads what was printed as a note, and remembers how often it did.</summary>
internal sealed class NoteProbe(string name, TimeSpan? interval = null) : ScriptProbe<Note>
{
    private sealed record Count(int Runs);

    public Func<CommandResult, Reading<Note>>? Reader { get; init; }

    public Func<DeviceFacts, Reading<Note>?> Known { get; init; } = _ => null;

    public bool ReadsCut { get; init; }

    public override bool ReadsCutAnswers => ReadsCut;

    public override string Name => name;

    public override TimeSpan DefaultInterval => interval ?? TimeSpan.FromSeconds(30);

    public override Reading<Note>? WithoutAsking(DeviceFacts facts) => Known(facts);

    public override string Script(DeviceFacts facts) => name;

    public override Reading<Note> Parse(CommandResult output, ProbeContext context)
    {
        var runs = (context.Memory.Get<Count>()?.Runs ?? 0) + 1;
        context.Memory.Set(new Count(runs));
        return Reader?.Invoke(output) ?? Reading.Ok(new Note { Text = output.OutputText, Run = runs });
    }

    public override IEnumerable<Point> PointsOf(Note value) => [new Point($"{name}.run", value.Run), new Point($"{name}.unknown", double.NaN)];
}

internal sealed class SocketNoteProbe(string name, Func<CancellationToken, Task<Reading<Note>>> ask) : SocketProbe<Note>
{
    public override string Name => name;

    public override TimeSpan DefaultInterval => TimeSpan.FromSeconds(30);

    public override Task<Reading<Note>> AskAsync(IConnection connection, ProbeContext context, CancellationToken cancellationToken) => ask(cancellationToken);
}

/// <summary>Facts out of one line: the boot time in Unix seconds.</summary>
internal sealed class TestFactsProbe : ScriptProbe<DeviceFacts>
{
    public override string Name => DeviceRegistry.FactsProbeName;

    public override TimeSpan DefaultInterval => TimeSpan.FromHours(1);

    public override string Script(DeviceFacts facts) => "facts";

    public override Reading<DeviceFacts> Parse(CommandResult output, ProbeContext context) =>
        long.TryParse(output.OutputText, CultureInfo.InvariantCulture, out var boot)
            ? Reading.Ok(new DeviceFacts
            {
                Type = DeviceType.Debian,
                Privileges = new DevicePrivileges { User = "root" },
                BootTime = DateTimeOffset.FromUnixTimeSeconds(boot),
            })
            : Reading.Failed<DeviceFacts>("no boot time", output.Output.Span);
}
