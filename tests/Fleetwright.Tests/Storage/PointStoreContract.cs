using Fleetwright.Platform.Storage;
using static Fleetwright.Tests.Storage.StoreSamples;

namespace Fleetwright.Tests.Storage;

public abstract class PointStoreContract(StoreEngine engine)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Append_LabelsInAnyOrder_AreOneSeries()
    {
        await using var store = await WithDeviceAsync();
        KeyValuePair<string, string> a = new("a", "1"), b = new("b", "ü\"x");
        await store.Points.AppendAsync(
            [Point("nas", Noon, 1, "m", a, b), Point("nas", Noon.AddSeconds(1), 2, "m", b, a), Point("nas", Noon, 3, "m", a), Point("nas", Noon, 4, "other")],
            Cancel);
        await store.ReopenAsync();

        Assert.Equal(3, (await store.Points.ListSeriesAsync("nas", null, Cancel)).Count);
        var series = await store.Points.ListSeriesAsync("nas", "m", Cancel);
        Assert.Equal(2, series.Count);
        var both = Assert.Single(series, one => one.Labels.Count == 2);
        Assert.Equal("ü\"x", both.Labels["b"]);
        Assert.Equal(2, (await store.Points.QueryAsync(both.Id, Noon, Noon.AddMinutes(1), 100, Cancel)).Count);
    }

    [Fact]
    public async Task Append_NotFinite_IsLeftOut()
    {
        await using var store = await WithDeviceAsync();
        await store.Points.AppendAsync(
            [Point("nas", Noon, double.NaN), Point("nas", Noon, double.PositiveInfinity), Point("nas", Noon.AddSeconds(1), 0)], Cancel);
        var bucket = Assert.Single(await AllAsync(store, Noon, Noon.AddMinutes(1), 60));
        Assert.Equal(new SeriesBucket(Noon.AddSeconds(1), 0, 0, 0, 1), bucket);
    }

    [Fact]
    public async Task Append_UnknownDevice_IsLeftOut()
    {
        await using var store = await WithDeviceAsync();
        await store.Points.AppendAsync([Point("gone", Noon, 1), Point("nas", Noon, 1)], Cancel);
        Assert.Empty(await store.Points.ListSeriesAsync("gone", null, Cancel));
        Assert.Single(await store.Points.ListSeriesAsync("nas", null, Cancel));
    }

    [Fact]
    public async Task Append_SameTimeTwice_KeepsTheLaterValue()
    {
        await using var store = await WithDeviceAsync();
        await store.Points.AppendAsync([Point("nas", Noon, 1)], Cancel);
        await store.Points.AppendAsync([Point("nas", Noon, 5)], Cancel);
        Assert.Equal(new SeriesBucket(Noon, 5, 5, 5, 1), Assert.Single(await AllAsync(store, Noon, Noon.AddMinutes(1), 1)));
    }

    [Fact]
    public async Task Query_Buckets_HoldMinMaxAverageAndCount()
    {
        await using var store = await WithDeviceAsync();
        await store.Points.AppendAsync([.. Enumerable.Range(0, 10).Select(i => Point("nas", Noon.AddSeconds(i), i))], Cancel);
        var buckets = await AllAsync(store, Noon, Noon.AddSeconds(10), 2);
        Assert.Equal([new SeriesBucket(Noon, 0, 4, 2, 5), new SeriesBucket(Noon.AddSeconds(5), 5, 9, 7, 5)], buckets);
    }

    [Fact]
    public async Task Query_EmptyRangeOrUnknownSeries_IsEmpty()
    {
        await using var store = await WithDeviceAsync();
        Assert.Empty(await store.Points.QueryAsync(12345, Noon, Noon.AddDays(1), 10, Cancel));
        await store.Points.AppendAsync([Point("nas", Noon, 1)], Cancel);
        Assert.Empty(await AllAsync(store, Noon.AddHours(1), Noon, 10));
        Assert.Empty(await AllAsync(store, Noon.AddHours(1), Noon.AddHours(2), 10));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(100)]
    [InlineData(24)]
    public async Task Query_BeforeAndAfterMaintenance_TellsTheSame(int maxPoints)
    {
        await using var store = await WithDeviceAsync(options => options.RawRetention = TimeSpan.FromDays(10));
        var day = Noon.AddHours(-12);
        await store.Points.AppendAsync([.. Enumerable.Range(0, 1440).Select(i => Point("nas", day.AddMinutes(i), i % 97))], Cancel);
        var before = await AllAsync(store, day, day.AddDays(1), maxPoints);

        await store.Points.MaintainAsync(day.AddDays(1).AddMinutes(-30), Cancel);

        var after = await AllAsync(store, day, day.AddDays(1), maxPoints);
        Assert.True(after.Count <= maxPoints);
        Assert.Equal(before.Sum(bucket => bucket.Count), after.Sum(bucket => bucket.Count));
        Assert.Equal(before.Min(bucket => bucket.Min), after.Min(bucket => bucket.Min));
        Assert.Equal(before.Max(bucket => bucket.Max), after.Max(bucket => bucket.Max));
        Assert.Equal(before.Sum(bucket => bucket.Average * bucket.Count), after.Sum(bucket => bucket.Average * bucket.Count), 3);
        if (maxPoints == 24)
        {
            // Whole hours: the same buckets, drawn from the roll-ups.
            Assert.Equal(before.Select(Rounded), after.Select(Rounded));
        }
    }

    [Fact]
    public async Task Maintain_PastRetention_KeepsCoarserHistoryAndCountsNothingTwice()
    {
        await using var store = await WithDeviceAsync(options =>
        {
            options.RawRetention = TimeSpan.FromHours(2);
            options.FiveMinuteRetention = TimeSpan.FromHours(6);
            options.HourRetention = TimeSpan.FromHours(12);
        });
        await store.Points.AppendAsync([.. Enumerable.Range(0, 1440).Select(i => Point("nas", Noon.AddMinutes(i - 1440), i))], Cancel);

        await store.Points.MaintainAsync(Noon, Cancel);
        await store.Points.MaintainAsync(Noon, Cancel);

        // 12 hours remain: 6 by the hour, 4 by five minutes, 2 by the minute.
        var all = await AllAsync(store, Noon.AddDays(-2), Noon, 100_000);
        Assert.Equal(6 + 4 * 12 + 2 * 60, all.Count);
        Assert.Equal(720, all.Sum(bucket => bucket.Count));
        Assert.Equal(720, all[0].Min);
        Assert.Equal(Enumerable.Range(720, 720).Sum(), all.Sum(bucket => bucket.Average * bucket.Count), 3);
        Assert.Equal(12, (await AllAsync(store, Noon.AddHours(-12), Noon, 12)).Count);
    }

    [Fact]
    public async Task Maintain_SeriesWithNothingLeft_IsRemoved()
    {
        await using var store = await WithDeviceAsync();
        await store.Points.AppendAsync([Point("nas", Noon, 1, "old")], Cancel);
        await store.Points.MaintainAsync(Noon.AddHours(1), Cancel);
        await store.Points.AppendAsync([Point("nas", Noon.AddDays(401), 1, "new")], Cancel);
        await store.Points.MaintainAsync(Noon.AddDays(402), Cancel);
        Assert.Equal("new", Assert.Single(await store.Points.ListSeriesAsync("nas", null, Cancel)).Name);

        await store.Points.AppendAsync([Point("nas", Noon.AddDays(402), 7, "old")], Cancel);
        var again = Assert.Single(await store.Points.ListSeriesAsync("nas", "old", Cancel));
        Assert.Single(await store.Points.QueryAsync(again.Id, Noon, Noon.AddDays(500), 10, Cancel));
    }

    [Fact]
    public async Task Append_AfterItsWindowWasRolledUp_IsSeenAfterTheNextMaintenance()
    {
        await using var store = await WithDeviceAsync();
        await store.Points.AppendAsync([Point("nas", Noon, 1)], Cancel);
        await store.Points.MaintainAsync(Noon.AddHours(3), Cancel);
        await store.Points.AppendAsync([Point("nas", Noon.AddMinutes(1), 3), Point("nas", Noon.AddHours(1), 10)], Cancel);
        await store.Points.MaintainAsync(Noon.AddHours(3).AddMinutes(10), Cancel);

        var hours = await AllAsync(store, Noon, Noon.AddHours(2), 2);
        Assert.Equal([new SeriesBucket(Noon, 1, 3, 2, 2), new SeriesBucket(Noon.AddHours(1), 10, 10, 10, 1)], hours);
    }

    [Fact]
    public async Task Health_AfterWrites_IsHealthyAndCountsSeries()
    {
        await using var store = await WithDeviceAsync();
        await store.Points.AppendAsync([Point("nas", Noon, 1, "a"), Point("nas", Noon, 1, "b")], Cancel);
        _ = await store.Points.ListSeriesAsync("nas", null, Cancel);
        var health = await store.Store.HealthAsync(Cancel);
        Assert.True(health.Healthy);
        Assert.Null(health.Reason);
        Assert.Equal(2, health.Series);
        Assert.Equal(0, health.PendingWrites);
        Assert.True(health.SizeBytes > 0);
    }

    private static SeriesBucket Rounded(SeriesBucket bucket) => bucket with { Average = Math.Round(bucket.Average, 6) };

    private static async Task<IReadOnlyList<SeriesBucket>> AllAsync(StoreUnderTest store, DateTimeOffset from, DateTimeOffset until, int maxPoints)
    {
        var series = Assert.Single(await store.Points.ListSeriesAsync("nas", null, Cancel));
        return await store.Points.QueryAsync(series.Id, from, until, maxPoints, Cancel);
    }

    private async Task<StoreUnderTest> WithDeviceAsync(Action<StorageOptions>? configure = null)
    {
        var store = await engine.CreateAsync(configure);
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        return store;
    }
}
