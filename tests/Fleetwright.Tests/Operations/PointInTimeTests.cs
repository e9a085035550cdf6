using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Operations;

public sealed class PointInTimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("90s", "2026-07-01T11:58:30Z")]
    [InlineData("15m", "2026-07-01T11:45:00Z")]
    [InlineData("1.5h", "2026-07-01T10:30:00Z")]
    [InlineData("7d", "2026-06-24T12:00:00Z")]
    [InlineData("2w", "2026-06-17T12:00:00Z")]
    [InlineData("2026-06-30", "2026-06-30T00:00:00Z")]
    [InlineData("2026-06-30T10:00:00+02:00", "2026-06-30T08:00:00Z")]
    [InlineData("2026-06-30T10:00:00", "2026-06-30T10:00:00Z")]
    public void TryParse_Time_ResolvesAgainstNow(string text, string expected)
    {
        Assert.True(PointInTime.TryParse(text, null, out var time));
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), time.Resolve(Now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("-5m")]
    [InlineData("5")]
    [InlineData("5y")]
    [InlineData("99999999999999d")]
    [InlineData("m")]
    [InlineData("1e9d")]
    public void TryParse_Nonsense_IsRefused(string text) => Assert.False(PointInTime.TryParse(text, null, out _));
}
