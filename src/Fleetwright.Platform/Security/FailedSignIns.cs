using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Security;

/// <summary>
/// Slows down whoever tries keys: each address may fail a number of times in quick succession and then once every 6 seconds.
/// A good key works from such an address all the same, so that nobody locks out a neighbour.
/// </summary>
internal sealed class FailedSignIns(IOptions<SecurityOptions> options, TimeProvider time)
{
    private const int MaxAddresses = 10_000;
    private readonly TokenBuckets<UInt128> _buckets = new(1 / 6.0, options.Value.FailedAttempts, MaxAddresses, time);

    public bool IsBlocked(IPAddress? address, out TimeSpan retryAfter) => !_buckets.Has(KeyOf(address), out retryAfter);

    /// <summary>Notes a failure; true when the address has to wait from now on.</summary>
    public bool Note(IPAddress? address)
    {
        var key = KeyOf(address);
        _buckets.TryTake(key, out _);
        return !_buckets.Has(key, out _);
    }

    /// <summary>An IPv6 subscriber has a /64 to choose addresses from, so that is what counts.</summary>
    private static UInt128 KeyOf(IPAddress? address)
    {
        if (address is null)
        {
            return UInt128.Zero;
        }

        var one = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        one.TryWriteBytes(bytes, out _);
        if (one.AddressFamily == AddressFamily.InterNetworkV6)
        {
            bytes[8..].Clear();
            bytes[15] = 6;
        }

        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
