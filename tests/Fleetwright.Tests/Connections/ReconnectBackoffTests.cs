using Fleetwright.Platform.Connections;

namespace Fleetwright.Tests.Connections;

public sealed class ReconnectBackoffTests
{
    private static readonly ConnectionException Refused = new(ConnectionFailure.Refused, "no", "do");
    private static readonly ConnectionException Rejected = new(ConnectionFailure.KeyRejected, "no", "do");
    private readonly ManualTime _time = new();
    private readonly ReconnectBackoff _backoff;

    public ReconnectBackoffTests() => _backoff = new ReconnectBackoff(_time, new Random(1));

    [Fact]
    public void Failed_AgainAndAgain_WaitsLongerUpToAMinute()
    {
        var expected = 1.0;
        for (var i = 0; i < 20; i++)
        {
            _backoff.Failed(Refused);

            Assert.InRange(_backoff.Remaining.TotalSeconds, expected / 2, expected);
            Assert.Same(Refused, _backoff.Holding);
            _time.Advance(_backoff.Remaining);
            Assert.Null(_backoff.Holding);
            expected = Math.Min(60, expected * 2);
        }
    }

    [Fact]
    public void Failed_OnlyAPersonCanHelp_WaitsUpToFiveMinutes()
    {
        for (var i = 0; i < 20; i++)
        {
            _backoff.Failed(Rejected);
        }

        Assert.InRange(_backoff.Remaining.TotalSeconds, 150, 300);
    }

    [Fact]
    public void Lost_AfterALongTimeUp_IsTriedAtOnceAndThenHeldBack()
    {
        _backoff.Failed(Refused);
        _backoff.Opened();
        _time.Advance(TimeSpan.FromHours(1));

        _backoff.Lost(Refused);

        Assert.Null(_backoff.Holding);
        Assert.Same(Refused, _backoff.Last);
        _backoff.Failed(Refused);
        Assert.InRange(_backoff.Remaining.TotalSeconds, 0.5, 1);
    }

    [Fact]
    public void Lost_SoonAfterOpening_GoesOnWithTheWaiting()
    {
        for (var i = 0; i < 4; i++)
        {
            _backoff.Opened();
            _time.Advance(TimeSpan.FromSeconds(1));
            _backoff.Lost(Refused);
        }

        Assert.InRange(_backoff.Remaining.TotalSeconds, 4, 8);
    }

    [Fact]
    public void Failed_TwoDevices_DoNotWaitTheSame()
    {
        var other = new ReconnectBackoff(_time, new Random(2));
        _backoff.Failed(Refused);
        other.Failed(Refused);

        Assert.NotEqual(_backoff.Remaining, other.Remaining);
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
