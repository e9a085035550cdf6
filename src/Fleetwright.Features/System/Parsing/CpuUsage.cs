namespace Fleetwright.Features.Systems.Parsing;

/// <summary>Shares of processor time between two samples.</summary>
internal readonly record struct CpuShares(
    double Used, double User, double Nice, double System, double Interrupt, double Iowait, double Steal, double Guest, double Idle)
{
    /// <summary>Null when a counter went backwards or no time passed: then nothing is known.</summary>
    public static CpuShares? Between(CpuTicks before, CpuTicks now)
    {
        var user = now.User - before.User;
        var nice = now.Nice - before.Nice;
        var system = now.System - before.System;
        var interrupt = now.Irq - before.Irq + now.SoftIrq - before.SoftIrq;
        var steal = now.Steal - before.Steal;
        var guest = now.Guest - before.Guest + now.GuestNice - before.GuestNice;

        // idle and iowait are estimates that the kernel may take back a little on an idle tickless processor.
        var idle = Math.Max(0, now.Idle - before.Idle);
        var iowait = Math.Max(0, now.Iowait - before.Iowait);
        if (user < 0 || nice < 0 || system < 0 || interrupt < 0 || steal < 0)
        {
            return null;
        }

        double total = user + nice + system + interrupt + steal + idle + iowait;
        if (total <= 0)
        {
            return null;
        }

        guest = Math.Clamp(guest, 0, user + nice);
        var guestOfUser = Math.Clamp(now.Guest - before.Guest, 0, user);
        var guestOfNice = Math.Clamp(guest - guestOfUser, 0, nice);
        return new CpuShares(
            Used: Number.Percent(total - idle - iowait, total),
            User: Number.Percent(user - guestOfUser, total),
            Nice: Number.Percent(nice - guestOfNice, total),
            System: Number.Percent(system, total),
            Interrupt: Number.Percent(interrupt, total),
            Iowait: Number.Percent(iowait, total),
            Steal: Number.Percent(steal, total),
            Guest: Number.Percent(guestOfUser + guestOfNice, total),
            Idle: Number.Percent(idle, total));
    }
}
