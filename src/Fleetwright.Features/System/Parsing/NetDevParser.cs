using System.Text.RegularExpressions;

namespace Fleetwright.Features.Systems.Parsing;

/// <summary>An interface's counters since it came up.</summary>
internal readonly record struct NetCounters(
    long ReceiveBytes, long ReceivePackets, long TransmitBytes, long TransmitPackets, long Errors, long Drops);

/// <summary>/proc/net/dev: two header lines, then "name: 8 receive counters, 8 transmit counters".</summary>
internal static partial class NetDevParser
{
    public static Dictionary<string, NetCounters> Parse(IReadOnlyList<string> lines)
    {
        var interfaces = new Dictionary<string, NetCounters>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            // The name may stand right against its first number: "eth0:12345".
            var colon = line.LastIndexOf(':');
            if (colon <= 0)
            {
                continue;
            }

            var name = line[..colon].Trim();
            var f = Number.Fields(line[(colon + 1)..]);
            if (f.Length < 16 || name.Length == 0 || Virtual().IsMatch(name))
            {
                continue;
            }

            if (Number.Long(f[0]) is { } receiveBytes && Number.Long(f[1]) is { } receivePackets
                && Number.Long(f[2]) is { } receiveErrors && Number.Long(f[3]) is { } receiveDrops
                && Number.Long(f[8]) is { } transmitBytes && Number.Long(f[9]) is { } transmitPackets
                && Number.Long(f[10]) is { } transmitErrors && Number.Long(f[11]) is { } transmitDrops
                && receiveErrors <= long.MaxValue - transmitErrors && receiveDrops <= long.MaxValue - transmitDrops)
            {
                interfaces[name] = new NetCounters(
                    receiveBytes, receivePackets, transmitBytes, transmitPackets,
                    receiveErrors + transmitErrors, receiveDrops + transmitDrops);
            }
        }

        return interfaces;
    }

    public static NetworkInterfaceMetrics Rates(string name, string? state, NetCounters now, NetCounters? before, double? seconds)
    {
        var metrics = new NetworkInterfaceMetrics { Name = name, State = state, Errors = now.Errors, Drops = now.Drops };
        if (before is not { } b || seconds is not { } s || s <= 0)
        {
            return metrics;
        }

        return metrics with
        {
            ReceiveBytesPerSecond = Number.Rate(now.ReceiveBytes, b.ReceiveBytes, s),
            TransmitBytesPerSecond = Number.Rate(now.TransmitBytes, b.TransmitBytes, s),
            ReceivePacketsPerSecond = Number.Rate(now.ReceivePackets, b.ReceivePackets, s),
            TransmitPacketsPerSecond = Number.Rate(now.TransmitPackets, b.TransmitPackets, s),
            ErrorsPerSecond = Number.Rate(now.Errors, b.Errors, s),
            DropsPerSecond = Number.Rate(now.Drops, b.Drops, s),
        };
    }

    /// <summary>
    /// Loopback, the host's ends of containers and virtual machines, the bridges that Docker and libvirt make, and the
    /// tunnels the kernel makes by itself. Real bridges (br0, vmbr0), bonds, VLANs and VPNs stay.
    /// </summary>
    [GeneratedRegex(
        "^(lo$|veth|docker[0-9]|br-[0-9a-f]{12}$|virbr|vnet|tap[0-9]|fwbr|fwpr|fwln|cali|flannel|cni[0-9]|lxc|lxdbr|vif[0-9]|ifb[0-9]|dummy|sit[0-9]|tunl[0-9]|ip6tnl|gre[0-9]|gretap|erspan|ip_vti|ip6_vti|ip6gre|teql|nlmon|kube-|nodelocaldns)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Virtual();
}
