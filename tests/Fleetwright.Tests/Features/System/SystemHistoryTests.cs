using Fleetwright.Features.Systems;
using Fleetwright.Features.Systems.Parsing;

namespace Fleetwright.Tests.Features.Systems;

public sealed class SystemHistoryTests
{
    [Fact]
    public void BaselineFor_AskedTwiceWithinASecond_UsesTheSampleBefore()
    {
        var history = SystemHistory.Empty.With(At(100)).With(At(130));

        Assert.Equal(100, history.BaselineFor(At(130.2))!.UptimeSeconds);
        Assert.Equal(130, history.BaselineFor(At(131))!.UptimeSeconds);
    }

    [Fact]
    public void With_ManyCallsInARow_KeepsAWindowOfASecond()
    {
        var history = SystemHistory.Empty.With(At(100));
        for (var uptime = 100.01; uptime < 110; uptime += 0.01)
        {
            history = history.With(At(uptime));
            if (uptime > 101)
            {
                Assert.InRange(uptime + 0.01 - history.BaselineFor(At(uptime + 0.01))!.UptimeSeconds, 1, 2.1);
            }
        }
    }

    [Fact]
    public void BaselineFor_OneSampleAMomentAgo_IsNone() => Assert.Null(SystemHistory.Empty.With(At(100)).BaselineFor(At(100.1)));

    [Fact]
    public void With_DeviceBooted_ForgetsWhatWasBefore()
    {
        var history = SystemHistory.Empty.With(At(100)).With(At(130)).With(At(5));

        Assert.Null(history.Older);
        Assert.Equal(5, history.Newer!.UptimeSeconds);
        Assert.Null(SystemHistory.Empty.With(At(130)).BaselineFor(At(5)));
    }

    private static SystemSample At(double uptime) => new()
    {
        UptimeSeconds = uptime,
        Stat = ProcStatParser.Parse([]),
        Disks = new Dictionary<string, DiskCounters>(),
        Interfaces = new Dictionary<string, NetCounters>(),
    };
}
