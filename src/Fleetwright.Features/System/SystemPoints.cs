using Fleetwright.Platform.Probes;

namespace Fleetwright.Features.Systems;

/// <summary>
/// The numbers of a reading that are kept as history, under the names of OpenTelemetry's semantic conventions. What is a
/// counter there is kept as its rate per second, and shares are 0 to 1. Few by construction: one set a device, disk,
/// interface, file system and sensor, and none a processor core.
/// </summary>
internal static class SystemPoints
{
    public static IEnumerable<Point> Of(SystemMetrics metrics) =>
        Cpu(metrics.Cpu)
            .Concat(Memory(metrics.Memory, metrics.Swap))
            .Concat(Load(metrics))
            .Concat(metrics.FileSystems.SelectMany(FileSystem))
            .Concat(metrics.Disks.SelectMany(Disk))
            .Concat(metrics.NetworkInterfaces.SelectMany(Interface))
            .Concat(metrics.Temperatures.Select(static sensor => new Point(
                "hw.temperature", sensor.TemperatureCelsius, Label("hw.name", sensor.Chip), Label("hw.sensor_location", sensor.Label))));

    private static IEnumerable<Point> Cpu(CpuMetrics cpu)
    {
        // Without a mode: all that is in use.
        if (cpu.UsedPercent is { } used)
        {
            yield return new Point("system.cpu.utilization", used / 100);
        }

        foreach (var (mode, percent) in new[]
        {
            ("user", cpu.UserPercent), ("nice", cpu.NicePercent), ("system", cpu.SystemPercent), ("interrupt", cpu.InterruptPercent),
            ("iowait", cpu.IowaitPercent), ("steal", cpu.StealPercent), ("guest", cpu.GuestPercent), ("idle", cpu.IdlePercent),
        })
        {
            if (percent is { } known)
            {
                yield return new Point("system.cpu.utilization", known / 100, Label("cpu.mode", mode));
            }
        }
    }

    private static IEnumerable<Point> Memory(MemoryMetrics? memory, SwapMetrics? swap)
    {
        if (memory is not null)
        {
            yield return new Point("system.memory.limit", memory.TotalBytes);
            yield return new Point("system.linux.memory.available", memory.AvailableBytes);
            yield return new Point("system.memory.utilization", memory.UsedPercent / 100, Label("system.memory.state", "used"));
            foreach (var (state, bytes) in new (string, long?)[]
            {
                ("used", memory.UsedBytes), ("free", memory.FreeBytes), ("buffers", memory.BuffersBytes),
                ("cached", memory.CachedBytes), ("shared", memory.SharedBytes), ("zfs_arc", memory.ZfsArcBytes),
            })
            {
                if (bytes is { } known)
                {
                    yield return new Point("system.memory.usage", known, Label("system.memory.state", state));
                }
            }
        }

        if (swap is not null)
        {
            yield return new Point("system.paging.usage", swap.UsedBytes, Label("system.paging.state", "used"));
            yield return new Point("system.paging.utilization", swap.UsedPercent / 100, Label("system.paging.state", "used"));
            foreach (var point in Known("system.paging.operations", ("system.paging.direction", "in", swap.InPagesPerSecond), ("system.paging.direction", "out", swap.OutPagesPerSecond)))
            {
                yield return point;
            }
        }
    }

    private static IEnumerable<Point> Load(SystemMetrics metrics)
    {
        if (metrics.Load is { } load)
        {
            yield return new Point("system.cpu.load_average.1m", load.OneMinute);
            yield return new Point("system.cpu.load_average.5m", load.FiveMinutes);
            yield return new Point("system.cpu.load_average.15m", load.FifteenMinutes);
        }

        if (metrics.UptimeSeconds is { } uptime)
        {
            yield return new Point("system.uptime", uptime);
        }

        if (metrics.Processes?.Total is { } processes)
        {
            yield return new Point("system.process.count", processes);
        }

        // OpenTelemetry has no name for pressure.
        foreach (var (resource, pressure) in new[] { ("cpu", metrics.Pressure?.Cpu), ("memory", metrics.Pressure?.Memory), ("io", metrics.Pressure?.Io) })
        {
            foreach (var (kind, percent) in new[] { ("some", pressure?.SomePercent60s), ("full", pressure?.FullPercent60s) })
            {
                if (percent is { } known)
                {
                    yield return new Point("fleetwright.pressure.utilization", known / 100, Label("resource", resource), Label("kind", kind));
                }
            }
        }
    }

    private static IEnumerable<Point> FileSystem(FileSystemMetrics fileSystem)
    {
        var place = Label("system.filesystem.mountpoint", fileSystem.MountPoint);
        if (fileSystem is { UsedBytes: { } used, AvailableBytes: { } available, UsedPercent: { } percent })
        {
            yield return new Point("system.filesystem.usage", used, place, Label("system.filesystem.state", "used"));
            yield return new Point("system.filesystem.usage", available, place, Label("system.filesystem.state", "free"));
            yield return new Point("system.filesystem.utilization", percent / 100, place);
        }

        if (fileSystem.InodesUsedPercent is { } inodes)
        {
            yield return new Point("fleetwright.filesystem.inodes.utilization", inodes / 100, place);
        }
    }

    private static IEnumerable<Point> Disk(DiskMetrics disk)
    {
        var device = Label("system.device", disk.Name);
        return Known("system.disk.io", ("disk.io.direction", "read", disk.ReadBytesPerSecond), ("disk.io.direction", "write", disk.WriteBytesPerSecond))
            .Concat(Known("system.disk.operations", ("disk.io.direction", "read", disk.ReadsPerSecond), ("disk.io.direction", "write", disk.WritesPerSecond)))
            .Select(point => point with { Labels = [device, .. point.Labels] })
            .Concat(disk.BusyPercent is { } busy ? [new Point("system.disk.io_time", busy / 100, device)] : []);
    }

    private static IEnumerable<Point> Interface(NetworkInterfaceMetrics item)
    {
        var name = Label("network.interface.name", item.Name);
        return Known("system.network.io", ("network.io.direction", "receive", item.ReceiveBytesPerSecond), ("network.io.direction", "transmit", item.TransmitBytesPerSecond))
            .Select(point => point with { Labels = [name, .. point.Labels] })
            .Concat(item.ErrorsPerSecond is { } errors ? [new Point("system.network.errors", errors, name)] : [])
            .Concat(item.DropsPerSecond is { } drops ? [new Point("system.network.packet.dropped", drops, name)] : []);
    }

    private static IEnumerable<Point> Known(string metric, params (string Label, string Value, double? Number)[] series)
    {
        foreach (var (label, value, number) in series)
        {
            if (number is { } known)
            {
                yield return new Point(metric, known, Label(label, value));
            }
        }
    }

    private static KeyValuePair<string, string> Label(string name, string value) => new(name, value);
}
