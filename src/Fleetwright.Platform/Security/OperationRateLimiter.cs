using Fleetwright.Platform.Operations;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Security;

/// <summary>
/// How often a caller may call, through whatever door: one allowance for all that it reads, and one for each operation that
/// changes something. Twice a second's allowance may be used at once.
/// </summary>
public sealed class OperationRateLimiter
{
    private const int MaxCallers = 10_000;
    private readonly TokenBuckets<(string Caller, string Operation)>? _reads;
    private readonly TokenBuckets<(string Caller, string Operation)>? _writes;

    public OperationRateLimiter(IOptions<SecurityOptions> options, TimeProvider time)
    {
        _reads = Create(options.Value.ReadsPerSecond, time);
        _writes = Create(options.Value.WritesPerSecond, time);
    }

    /// <summary>False when the caller has to wait, and how long.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="operation">The operation's name.</param>
    /// <param name="scope">The scope it needs; what needs no more than read, reads.</param>
    /// <param name="retryAfter">Zero when it is true.</param>
    public bool TryAcquire(Caller caller, string operation, string scope, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        return scope == Scopes.Read
            ? _reads is null || _reads.TryTake((caller.Name, ""), out retryAfter)
            : _writes is null || _writes.TryTake((caller.Name, operation), out retryAfter);
    }

    private static TokenBuckets<(string Caller, string Operation)>? Create(double perSecond, TimeProvider time) =>
        perSecond == 0 ? null : new(perSecond, Math.Max(1, perSecond * 2), MaxCallers, time);
}
