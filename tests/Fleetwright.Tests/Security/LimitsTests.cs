using System.Net;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Security;
using Fleetwright.Platform.Storage;
using Fleetwright.Tests.Operations.Mcp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fleetwright.Tests.Security;

public sealed class LimitsTests
{
    private static readonly Caller Laptop = new("laptop", ["operate"]);

    [Fact]
    public void OperationRateLimiter_WritesOverTheLimit_WaitForEachOperationAlone()
    {
        var clock = new ManualClock();
        var limiter = new OperationRateLimiter(Options.Create(new SecurityOptions { WritesPerSecond = 2 }), clock);
        Assert.All(Enumerable.Range(0, 4), _ => Assert.True(limiter.TryAcquire(Laptop, "restart", "operate", out TimeSpan _)));
        Assert.False(limiter.TryAcquire(Laptop, "restart", "operate", out var wait));
        Assert.Equal(0.5, wait.TotalSeconds, 3);
        Assert.True(limiter.TryAcquire(Laptop, "start", "operate", out _));
        Assert.True(limiter.TryAcquire(new Caller("other", ["operate"]), "restart", "operate", out _));
        Assert.True(limiter.TryAcquire(Laptop, "list", "read", out _));

        clock.Advance(wait);
        Assert.True(limiter.TryAcquire(Laptop, "restart", "operate", out _));
        Assert.False(limiter.TryAcquire(Laptop, "restart", "operate", out _));
    }

    [Fact]
    public void OperationRateLimiter_Reads_ShareOneAllowance()
    {
        var limiter = new OperationRateLimiter(Options.Create(new SecurityOptions { ReadsPerSecond = 1 }), new ManualClock());
        Assert.True(limiter.TryAcquire(Laptop, "a", "read", out _));
        Assert.True(limiter.TryAcquire(Laptop, "b", "read", out _));
        Assert.False(limiter.TryAcquire(Laptop, "c", "read", out _));
    }

    [Fact]
    public void OperationRateLimiter_DefaultAndOff_LetABenchmarkThrough()
    {
        var byDefault = new OperationRateLimiter(Options.Create(new SecurityOptions()), new ManualClock());
        Assert.All(Enumerable.Range(0, 20_000), _ => Assert.True(byDefault.TryAcquire(Laptop, "list", "read", out TimeSpan _)));
        var off = new OperationRateLimiter(Options.Create(new SecurityOptions { ReadsPerSecond = 0 }), new ManualClock());
        Assert.All(Enumerable.Range(0, 100_000), _ => Assert.True(off.TryAcquire(Laptop, "list", "read", out TimeSpan _)));
    }

    [Fact]
    public void TokenBuckets_ManyKeys_StayBounded()
    {
        var buckets = new TokenBuckets<int>(1, 2, 100, new ManualClock());
        for (var i = 0; i < 10_000; i++)
        {
            buckets.TryTake(i, out _);
        }

        Assert.InRange(buckets.Count, 1, 100);
    }

    [Fact]
    public void FailedSignIns_Ipv6_CountsTheWholeSubscriber()
    {
        var failures = new FailedSignIns(Options.Create(new SecurityOptions { FailedAttempts = 2 }), new ManualClock());
        Assert.False(failures.Note(IPAddress.Parse("2001:db8:1:2::1")));
        Assert.True(failures.Note(IPAddress.Parse("2001:db8:1:2::2")));
        Assert.True(failures.IsBlocked(IPAddress.Parse("2001:db8:1:2:3:4:5:6"), out _));
        Assert.False(failures.IsBlocked(IPAddress.Parse("2001:db8:1:3::1"), out _));
        Assert.False(failures.IsBlocked(IPAddress.Parse("192.0.2.1"), out _));
        Assert.False(failures.IsBlocked(null, out _));
    }

    [Fact]
    public void FailedSignIns_MappedIpv4_IsTheSameAddress()
    {
        var failures = new FailedSignIns(Options.Create(new SecurityOptions { FailedAttempts = 1 }), new ManualClock());
        failures.Note(IPAddress.Parse("192.0.2.1"));
        Assert.True(failures.IsBlocked(IPAddress.Parse("::ffff:192.0.2.1"), out _));
        Assert.False(failures.IsBlocked(IPAddress.Parse("192.0.2.2"), out _));
    }

    [Fact]
    public async Task AuditLog_StoreThatFails_CountsAndDoesNotThrow()
    {
        await using var audit = new AuditLog(new BrokenAuditStore(), NullLogger<AuditLog>.Instance);
        await audit.AppendAsync(Entry(null), wait: true);
        Assert.Equal(1, audit.Lost);
    }

    [Fact]
    public async Task AuditLog_StoreThatHangs_NeverBlocksACallAndCountsWhatItLoses()
    {
        var store = new HangingAuditStore();
        await using var audit = new AuditLog(store, NullLogger<AuditLog>.Instance);
        for (var i = 0; i < 11_000; i++)
        {
            Assert.True(audit.AppendAsync(Entry(null), wait: false).AsTask().IsCompleted);
        }

        Assert.InRange(audit.Lost, 11_000 - 10_000 - 64, 1_000);
        store.Release();
        await audit.DisposeAsync();
        Assert.Equal(11_000, store.Written + audit.Lost);
    }

    [Fact]
    public async Task AuditLog_SecretInArguments_IsRedacted()
    {
        var store = new HangingAuditStore();
        store.Release();
        await using var audit = new AuditLog(store, NullLogger<AuditLog>.Instance);
        await audit.AppendAsync(Entry("""{"password":"hunter2"}"""), wait: true);
        Assert.Equal("""{"password":"[redacted]"}""", store.Last?.Arguments);
    }

    private static AuditEntry Entry(string? arguments) => new()
    {
        At = DateTimeOffset.UnixEpoch, Caller = "laptop", Door = "rest", Operation = "x", Outcome = "ok", Duration = TimeSpan.Zero, Arguments = arguments,
    };

    private sealed class BrokenAuditStore : IAuditStore
    {
        public Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken) => throw new StoreException("full", "free some");

        public Task<IReadOnlyList<AuditEntry>> ListAsync(long? before, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class HangingAuditStore : IAuditStore
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _written;

        public int Written => _written;

        public AuditEntry? Last { get; private set; }

        public void Release() => _released.SetResult();

        public async Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
        {
            await _released.Task;
            Last = entry;
            Interlocked.Increment(ref _written);
        }

        public Task<IReadOnlyList<AuditEntry>> ListAsync(long? before, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
