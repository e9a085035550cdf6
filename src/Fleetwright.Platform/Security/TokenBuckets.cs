using System.Collections.Concurrent;

namespace Fleetwright.Platform.Security;

/// <summary>Token buckets by key, in bounded memory: when there are too many, the ones that are full go, then all.</summary>
internal sealed class TokenBuckets<TKey>(double perSecond, double burst, int maxBuckets, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Bucket> _buckets = new();

    public int Count => _buckets.Count;

    /// <summary>Takes one token; false, and how long until there is one, when there is none.</summary>
    public bool TryTake(TKey key, out TimeSpan retryAfter)
    {
        var bucket = Find(key);
        lock (bucket)
        {
            Refill(bucket);
            if (bucket.Tokens >= 1)
            {
                bucket.Tokens--;
                retryAfter = TimeSpan.Zero;
                return true;
            }

            retryAfter = TimeSpan.FromSeconds((1 - bucket.Tokens) / perSecond);
            return false;
        }
    }

    /// <summary>Whether a token is there, without taking it.</summary>
    public bool Has(TKey key, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        if (!_buckets.TryGetValue(key, out var bucket))
        {
            return true;
        }

        lock (bucket)
        {
            Refill(bucket);
            retryAfter = bucket.Tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - bucket.Tokens) / perSecond);
            return bucket.Tokens >= 1;
        }
    }

    private Bucket Find(TKey key)
    {
        if (_buckets.TryGetValue(key, out var bucket))
        {
            return bucket;
        }

        if (_buckets.Count >= maxBuckets)
        {
            Shrink();
        }

        return _buckets.GetOrAdd(key, _ => new Bucket { Tokens = burst, At = time.GetTimestamp() });
    }

    private void Refill(Bucket bucket)
    {
        var now = time.GetTimestamp();
        bucket.Tokens = Math.Min(burst, bucket.Tokens + time.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond);
        bucket.At = now;
    }

    private void Shrink()
    {
        foreach (var (key, bucket) in _buckets)
        {
            lock (bucket)
            {
                Refill(bucket);
                if (bucket.Tokens >= burst)
                {
                    _buckets.TryRemove(key, out _);
                }
            }
        }

        if (_buckets.Count >= maxBuckets)
        {
            _buckets.Clear();
        }
    }

    private sealed class Bucket
    {
        public double Tokens;
        public long At;
    }
}
