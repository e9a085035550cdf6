namespace Fleetwright.Platform.Probes;

/// <summary>How a probe's question was answered. Absent is never zero, and not permitted is never absent.</summary>
public enum ReadingStatus
{
    /// <summary>The device answered and the answer was understood.</summary>
    Ok,

    /// <summary>There is nothing of that kind on the device.</summary>
    NoData,

    /// <summary>It is there, and the user may not read it; the remedy is the exact command that permits it.</summary>
    NotPermitted,

    /// <summary>It could not be asked, or the answer could not be understood.</summary>
    Failed,
}

/// <summary>What a probe found on one device at one moment.</summary>
public sealed record Reading<T>
    where T : class
{
    public required ReadingStatus Status { get; init; }

    /// <summary>Set when, and only when, the status is <see cref="ReadingStatus.Ok"/>.</summary>
    public T? Value { get; init; }

    /// <summary>Why there is no value; for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do about it: for <see cref="ReadingStatus.NotPermitted"/> the exact command.</summary>
    public string? Remedy { get; init; }

    /// <summary>The first kilobyte of an answer that was not understood, for diagnosis.</summary>
    public string? RawExcerpt { get; init; }

    /// <summary>Set by the runner: when the device answered.</summary>
    public DateTimeOffset ObservedAt { get; init; }

    /// <summary>Set by the runner: how long the question took on the device.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>The four ways a reading can turn out.</summary>
public static class Reading
{
    private const int ExcerptLength = 1024;

    public static Reading<T> Ok<T>(T value)
        where T : class => new() { Status = ReadingStatus.Ok, Value = value };

    public static Reading<T> NoData<T>(string reason)
        where T : class => new() { Status = ReadingStatus.NoData, Reason = reason };

    public static Reading<T> NotPermitted<T>(string reason, string remedy)
        where T : class => new() { Status = ReadingStatus.NotPermitted, Reason = reason, Remedy = remedy };

    public static Reading<T> Failed<T>(string reason, ReadOnlySpan<byte> raw = default, string? remedy = null)
        where T : class => new()
        {
            Status = ReadingStatus.Failed,
            Reason = reason,
            Remedy = remedy,
            RawExcerpt = raw.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, ExcerptLength)]),
        };
}
