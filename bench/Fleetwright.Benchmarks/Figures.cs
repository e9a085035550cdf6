using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Fleetwright.Benchmarks;

/// <summary>The table: what was measured, its target, and whether it was met.</summary>
internal sealed class Figures
{
    private readonly List<Figure> _rows = [];

    /// <summary>A figure with a target.</summary>
    public void Add(string what, double value, string unit, double target, bool lowerIsBetter = true, string note = "")
    {
        var met = lowerIsBetter ? value <= target : value >= target;
        var off = Math.Abs(value - target) / target * 100;
        Add(new Figure(what, $"{Shown(value)} {unit}", $"{(lowerIsBetter ? "≤" : "≥")} {Shown(target)} {unit}", met ? "met" : $"missed by {off:0} %", note));
    }

    /// <summary>A figure to compare others with.</summary>
    public void Add(string what, double value, string unit, string note = "") => Add(new Figure(what, $"{Shown(value)} {unit}", "", "", note));

    /// <summary>What could not be measured, and why.</summary>
    public void Skip(string what, string why) => Add(new Figure(what, "not measured", "", "", why));

    public string ToMarkdown()
    {
        var text = new StringBuilder("| what | figure | target | | note |\n|---|---|---|---|---|\n");
        foreach (var row in _rows)
        {
            text.Append("| ").AppendJoin(" | ", row.What, row.Value, row.Target, row.Verdict, row.Note).Append(" |\n");
        }

        return text.ToString();
    }

    public string ToReadme() => $"""
        # Benchmarks

        `make bench` measures the built program on real sshd devices, and what it is compared with in the same run on the same
        machine; then it replaces the table below. `bench/run --only ssh,fleet` measures a part. All traffic is on loopback.

        - *Kept shell* is the floor: `true` in an open remote shell, without Fleetwright's probes, stores and doors.
        - *asyncssh* is the usual way: a new connection for every command (`bench/peers/asyncssh_peer.py`), with the same script.
        - Figures of the processor and of memory are the server process's own, from `/proc`; its ssh clients are told apart.

        Measured on {Machine()}.

        {ToMarkdown()}
        """;

    private static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return $"{Environment.ProcessorCount} × {model ?? "unknown processor"}, {memory:0} GB, {RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.FrameworkDescription}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}; load average at the end {load}";
    }

    private void Add(Figure figure)
    {
        _rows.Add(figure);
        Console.WriteLine($"{figure.What}: {figure.Value} {figure.Verdict} {figure.Note}");
    }

    private static string Shown(double value) => value.ToString(value < 10 ? "0.##" : value < 100 ? "0.#" : "#,0", CultureInfo.InvariantCulture);

    private sealed record Figure(string What, string Value, string Target, string Verdict, string Note);
}

/// <summary>Times of one thing done many times, in milliseconds.</summary>
internal sealed class Timings(IEnumerable<double> milliseconds)
{
    private readonly double[] _sorted = [.. milliseconds.Order()];

    public double Median => At(0.5);

    public double P99 => At(0.99);

    public static async Task<Timings> MeasureAsync(int rounds, Func<Task> round)
    {
        var times = new double[rounds];
        for (var i = 0; i < rounds; i++)
        {
            var start = TimeProvider.System.GetTimestamp();
            await round();
            times[i] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        }

        return new Timings(times);
    }

    private double At(double share) => _sorted[Math.Min(_sorted.Length - 1, (int)(share * _sorted.Length))];
}
