using Fleetwright.Platform.Events.Live;
using Microsoft.Extensions.DependencyInjection;

namespace Fleetwright.Features.Logs;

/// <summary>The system log of a device: journald's where it runs, else the syslog file, else busybox's buffer.</summary>
public static class LogsFeature
{
    public static IServiceCollection AddLogs(this IServiceCollection services) => services
        .AddSingleton<SystemLogFollower>()
        .AddLiveChannel<SystemLogChannel>();
}
