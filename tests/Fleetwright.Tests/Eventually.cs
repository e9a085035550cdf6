using System.Diagnostics;

namespace Fleetwright.Tests;

/// <summary>Waits for what other threads bring about, with a guard against waiting for ever.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);

    public static async Task IsTrue(Func<bool> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < Guard, $"Waited {Guard.TotalSeconds} s in vain until {what}.");
            await Task.Delay(2);
        }
    }
}
