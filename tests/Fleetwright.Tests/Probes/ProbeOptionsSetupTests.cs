using Fleetwright.Platform.Probes;
using Microsoft.Extensions.Configuration;

namespace Fleetwright.Tests.Probes;

public class ProbeOptionsSetupTests
{
    [Theory]
    [InlineData("30", 30)]
    [InlineData("30s", 30)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5m", 90)]
    [InlineData("1h", 3600)]
    [InlineData("2D", 172800)]
    [InlineData("00:00:45", 45)]
    public void TryReadSpan_AnyForm_IsRead(string text, double seconds)
    {
        Assert.True(ProbeOptionsSetup.TryReadSpan(text, out var span));
        Assert.Equal(TimeSpan.FromSeconds(seconds), span);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("s")]
    [InlineData("-5")]
    [InlineData("5x")]
    [InlineData("soon")]
    [InlineData("1e3")]
    public void TryReadSpan_Nonsense_IsRefused(string? text) => Assert.False(ProbeOptionsSetup.TryReadSpan(text, out _));

    [Fact]
    public void Configure_GoodSettings_AreTaken()
    {
        var (options, mistakes) = Read(new()
        {
            ["Probes:Intervals:SYSTEM"] = "10",
            ["Probes:Intervals:containers"] = "off",
            ["Probes:LiveProbes"] = "system",
            ["Probes:MaxConcurrentDevices"] = "4",
            ["Probes:Jitter"] = "0.2",
        });

        Assert.Empty(mistakes);
        Assert.Equal(TimeSpan.FromSeconds(10), options.IntervalOf(new NoteProbe("system")));
        Assert.Equal(Timeout.InfiniteTimeSpan, options.IntervalOf(new NoteProbe("containers")));
        Assert.Equal(TimeSpan.FromSeconds(30), options.IntervalOf(new NoteProbe("zfs")));
        Assert.False(options.IsLive(new NoteProbe("containers")));
        Assert.Equal((4, 0.2), (options.MaxConcurrentDevices, options.Jitter));
    }

    [Fact]
    public void Validate_ManyMistakes_AreToldAtOnceByTheirKeys()
    {
        var (_, mistakes) = Read(new()
        {
            ["Probes:Intervals:sytem"] = "10",
            ["Probes:Intervals:system"] = "soon",
            ["Probes:Intervals:containers"] = "0",
            ["Probes:LiveProbes"] = "zfs",
            ["Probes:MaxConcurrentDevices"] = "2.5",
            ["Probes:Jitter"] = "3",
            ["Probes:Intervall"] = "30",
        });

        string[] keys = ["Intervals:sytem", "Intervals:system", "Intervals:containers", "LiveProbes", "MaxConcurrentDevices", "Jitter", "Intervall"];
        Assert.Equal(keys.Length, mistakes.Count);
        Assert.All(keys, key => Assert.Contains(mistakes, mistake => mistake.StartsWith($"Probes:{key}:", StringComparison.Ordinal)));
    }

    [Fact]
    public void Validate_Defaults_AreGood() => Assert.Empty(Read([]).Mistakes);

    private static (ProbeOptions Options, IReadOnlyList<string> Mistakes) Read(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var setup = new ProbeOptionsSetup([new NoteProbe("system"), new NoteProbe("containers")], configuration);
        var options = new ProbeOptions();
        setup.Configure(options);
        return (options, [.. setup.Validate(null, options).Failures ?? []]);
    }
}
