using Fleetwright.Platform.Storage;
using Microsoft.Data.Sqlite;
using static Fleetwright.Tests.Storage.StoreSamples;

namespace Fleetwright.Tests.Storage;

/// <summary>Several processes on one SQLite store, and processes that die.</summary>
public sealed class SqliteProcessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KilledAtRandomMoments_LosesNothingThatWasAcknowledged()
    {
        await using var store = new SqliteStoreUnderTest();
        await store.CloseAsync();
        var acknowledged = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 0; round < 12; round++)
        {
            await using var child = StoreChild.StartWriter(store.Folder, $"r{round}", 1_000_000);
            var until = Random.Shared.Next(1, 50);
            for (var i = 0; i < until && await child.ReadLineAsync() is { } line; i++)
            {
                acknowledged.Add(line);
            }

            child.Kill();
            acknowledged.UnionWith(await child.ReadToEndAsync());

            await using var reopened = new SqliteStoreUnderTest(folder: store.Folder);
            await reopened.Store.OpenAsync(Cancel);
            var found = (await reopened.Devices.ListAsync(Cancel)).Select(device => "device " + device.Device.Id)
                .Concat((await reopened.Keys.ListAsync(Cancel)).Select(key => "key " + key.Id))
                .ToHashSet(StringComparer.Ordinal);
            Assert.Empty(acknowledged.Except(found));
            Assert.Equal(["ok"], Pragma(store, "integrity_check"));
            Assert.Empty(Pragma(store, "foreign_key_check"));
        }

        Assert.True(acknowledged.Count >= 24, $"{acknowledged.Count} writes are too few to say anything.");
    }

    [Fact]
    public async Task SeveralProcesses_WriteAtOnce_AndAllIsThere()
    {
        await using var store = new SqliteStoreUnderTest();
        await using var first = StoreChild.StartWriter(store.Folder, "a", 60);
        await using var second = StoreChild.StartWriter(store.Folder, "b", 60);
        var here = Task.Run(
            async () =>
            {
                for (var i = 0; i < 60; i++)
                {
                    await store.Devices.SaveAsync(Device($"c-{i:00000}"), Cancel);
                }
            },
            Cancel);
        var lines = await Task.WhenAll(first.ReadToEndAsync(), second.ReadToEndAsync());
        await here;

        Assert.All(lines, acknowledged => Assert.Equal(80, acknowledged.Count));
        Assert.Equal(180, (await store.Devices.ListAsync(Cancel)).Count);
        Assert.Equal(40, (await store.Keys.ListAsync(Cancel)).Count);
        Assert.Equal(["ok"], Pragma(store, "integrity_check"));

        // What was pending when a process ended in order was written.
        Assert.Single(await store.Readings.ListAsync("a-00059", Cancel));
        Assert.Single(await store.Points.ListSeriesAsync("b-00059", null, Cancel));
    }

    [Fact]
    public async Task DeviceRemovedElsewhere_ItsSeriesIsNotWrittenToAgain()
    {
        await using var here = new SqliteStoreUnderTest();
        await using var there = new SqliteStoreUnderTest(folder: here.Folder);
        await here.Devices.SaveAsync(Device("nas"), Cancel);
        await here.Points.AppendAsync([Point("nas", Noon, 1)], Cancel);
        var old = Assert.Single(await here.Points.ListSeriesAsync("nas", null, Cancel));

        await there.Devices.RemoveAsync("nas", Cancel);
        await there.Devices.SaveAsync(Device("nas"), Cancel);
        await here.Points.AppendAsync([Point("nas", Noon.AddMinutes(1), 2)], Cancel);

        var series = Assert.Single(await here.Points.ListSeriesAsync("nas", null, Cancel));
        Assert.NotEqual(old.Id, series.Id);
        Assert.Equal(2, Assert.Single(await here.Points.QueryAsync(series.Id, Noon, Noon.AddHours(1), 10, Cancel)).Average);
    }

    [Fact]
    public async Task HeldByAnother_AWriteWaitsAndThenSucceeds()
    {
        await using var store = new SqliteStoreUnderTest();
        await store.Store.OpenAsync(Cancel);
        Task save;
        using (var other = Connect(store))
        {
            Execute(other, "BEGIN IMMEDIATE");
            save = store.Devices.SaveAsync(Device("nas"), Cancel);
            Assert.Empty(await store.Devices.ListAsync(Cancel));
            Assert.False(save.IsCompleted);
            Execute(other, "COMMIT");
        }

        await save;
        Assert.Single(await store.Devices.ListAsync(Cancel));
    }

    [Fact]
    public async Task HeldByAnotherForTooLong_SaysSoAndKeepsPointsForLater()
    {
        await using var store = new SqliteStoreUnderTest(options => options.BusyTimeout = TimeSpan.FromMilliseconds(100));
        await store.Devices.SaveAsync(Device("nas"), Cancel);
        using (var other = Connect(store))
        {
            Execute(other, "BEGIN IMMEDIATE");
            var failure = await Assert.ThrowsAsync<StoreException>(() => store.Devices.SaveAsync(Device("pve"), Cancel));
            Assert.Contains("another process", failure.Message, StringComparison.Ordinal);
            await store.Points.AppendAsync([Point("nas", Noon, 1)], Cancel);
            Assert.Empty(await store.Points.ListSeriesAsync("nas", null, Cancel));
            var health = await store.Store.HealthAsync(Cancel);
            Assert.False(health.Healthy);
            Assert.Equal(1, health.PendingWrites);
            Execute(other, "COMMIT");
        }

        Assert.Single(await store.Points.ListSeriesAsync("nas", null, Cancel));
        Assert.True((await store.Store.HealthAsync(Cancel)).Healthy);
    }

    [Theory]
    [InlineData(SqliteLibraryChoice.Auto)]
    [InlineData(SqliteLibraryChoice.Bundled)]
    public async Task Library_OfChoice_IsUsed(SqliteLibraryChoice choice)
    {
        await using var store = new SqliteStoreUnderTest();
        await using var child = StoreChild.StartLibrary(store.Folder, choice);
        var line = Assert.Single(await child.ReadToEndAsync());
        var hasSystem = System.Runtime.InteropServices.NativeLibrary.TryLoad("libsqlite3.so.0", out _);
        Assert.StartsWith(choice == SqliteLibraryChoice.Auto && hasSystem ? "system sqlite 3." : "bundled sqlite 3.35.", line, StringComparison.Ordinal);
    }

    private static List<string> Pragma(SqliteStoreUnderTest store, string pragma)
    {
        using var connection = Connect(store);
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Words of this file.
        command.CommandText = "PRAGMA " + pragma;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetValue(0).ToString() ?? "");
        }

        return rows;
    }

    private static SqliteConnection Connect(SqliteStoreUnderTest store)
    {
        var connection = new SqliteConnection($"Data Source={store.DatabaseFile};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Words of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
