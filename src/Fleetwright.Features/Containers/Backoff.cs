namespace Fleetwright.Features.Containers;

/// <summary>How long to wait before the next try; doubles with each failure.</summary>
internal readonly record struct Backoff(TimeSpan Time)
{
    public static readonly Backoff None = new(TimeSpan.Zero);

    /// <summary>An engine that ended its answer in good order is usually back at once.</summary>
    public static readonly (TimeSpan First, TimeSpan Most) Quick = (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(15));

    public static readonly (TimeSpan First, TimeSpan Most) Usual = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));

    /// <summary>Nothing changes here until somebody does something on the device.</summary>
    public static readonly (TimeSpan First, TimeSpan Most) NeedsPerson = (TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(5));

    public Backoff Longer((TimeSpan First, TimeSpan Most) range)
    {
        var doubled = Time * 2;
        return new Backoff(doubled < range.First ? range.First : doubled > range.Most ? range.Most : doubled);
    }

    /// <summary>Up to a quarter less, so that many devices do not try in step.</summary>
    public TimeSpan Jittered() => Time * (1 - (System.Security.Cryptography.RandomNumberGenerator.GetInt32(256) / 1024.0));
}
