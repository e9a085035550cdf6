using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fleetwright.Platform.Storage;

/// <summary>Makes the roll-ups and keeps the retention while the server runs. A command beside it leaves that to the server.</summary>
internal sealed partial class StoreMaintenance(IPointStore points, TimeProvider time, ILogger<StoreMaintenance> logger) : BackgroundService
{
    // The finest roll-up has windows of this width.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await MaintainAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was cut off is done by the next run.
        }
    }

    private async Task MaintainAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            await points.MaintainAsync(time.GetUtcNow(), cancellationToken);
            var took = time.GetElapsedTime(started);
            LogMaintained(logger, took);
        }
        catch (StoreException exception)
        {
            LogFailed(logger, exception.Message, exception.NextStep);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The store was maintained in {Duration}")]
    private static partial void LogMaintained(ILogger logger, TimeSpan duration);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store could not be maintained, and is tried again in 5 minutes: {Reason} {NextStep}")]
    private static partial void LogFailed(ILogger logger, string reason, string nextStep);
}
