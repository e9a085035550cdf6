namespace Fleetwright.LabTests.Lab;

/// <summary>Waits for a condition of the outside world, which sends no signal, by asking again and again.</summary>
public static class Eventually
{
    /// <summary>Returns the first value that fits; fails with the last one when none did within the limit.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> fits, TimeSpan limit)
    {
        long start = TimeProvider.System.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            T value = await read();
            if (fits(value))
            {
                return value;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < limit, $"not within {limit.TotalSeconds} s; the last value was {value}");
            await timer.WaitForNextTickAsync();
        }
    }
}
