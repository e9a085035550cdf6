using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Fleetwright.Platform.Probes;

/// <summary>
/// Reads <see cref="ProbeOptions"/> and reports every mistake at once, by its key. By hand, because the usual binder takes
/// "30" for thirty days.
/// </summary>
internal sealed class ProbeOptionsSetup(IEnumerable<IProbe> probes, IConfiguration? configuration = null)
    : IConfigureOptions<ProbeOptions>, IValidateOptions<ProbeOptions>
{
    private static readonly TimeSpan MostInterval = TimeSpan.FromDays(7);

    private readonly List<string> _mistakes = [];

    public void Configure(ProbeOptions options)
    {
        _mistakes.Clear();
        foreach (var child in configuration?.GetSection(ProbeOptions.Section).GetChildren() ?? [])
        {
            Read(options, child);
        }
    }

    public ValidateOptionsResult Validate(string? name, ProbeOptions options)
    {
        List<string> mistakes = [.. _mistakes];
        foreach (var (probe, interval) in options.Intervals)
        {
            if (interval != Timeout.InfiniteTimeSpan)
            {
                Within(mistakes, $"Intervals:{probe}", interval, TimeSpan.FromSeconds(1), MostInterval);
            }
        }

        Within(mistakes, nameof(options.LiveInterval), options.LiveInterval, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));
        Within(mistakes, nameof(options.RetryInterval), options.RetryInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Within(mistakes, nameof(options.UnreachableRetryInterval), options.UnreachableRetryInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Within(mistakes, nameof(options.StartSpread), options.StartSpread, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        Within(mistakes, nameof(options.MaxConcurrentDevices), options.MaxConcurrentDevices, 1, 1000);
        Within(mistakes, nameof(options.MaxConcurrentRunsPerDevice), options.MaxConcurrentRunsPerDevice, 1, 8);
        Within(mistakes, nameof(options.Jitter), options.Jitter, 0, 0.5);
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }

    /// <summary>"30", "500ms", "30s", "5m", "1h", "1d" or "00:00:30".</summary>
    internal static bool TryReadSpan(string? text, out TimeSpan span)
    {
        span = default;
        text = text?.Trim() ?? "";
        var letters = text.Length;
        while (letters > 0 && char.IsAsciiLetter(text[letters - 1]))
        {
            letters--;
        }

        double? seconds = text[letters..].ToLowerInvariant() switch
        {
            "" or "s" => 1,
            "ms" => 0.001,
            "m" => 60,
            "h" => 3600,
            "d" => 86400,
            _ => null,
        };
        if (seconds is { } unit && double.TryParse(text[..letters], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            // Longer than any limit here; TimeSpan itself would overflow.
            var total = Math.Min(number * unit, TimeSpan.FromDays(36500).TotalSeconds);
            span = TimeSpan.FromSeconds(total);
            return true;
        }

        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span);
    }

    private void Read(ProbeOptions options, IConfigurationSection child)
    {
        switch (child.Key.ToUpperInvariant())
        {
            case "INTERVALS": options.Intervals = ReadIntervals(child); break;
            case "LIVEINTERVAL": options.LiveInterval = Span(child, options.LiveInterval); break;
            case "LIVEPROBES": options.LiveProbes = ReadNames(child); break;
            case "MAXCONCURRENTDEVICES": options.MaxConcurrentDevices = (int)Number(child, options.MaxConcurrentDevices, whole: true); break;
            case "MAXCONCURRENTRUNSPERDEVICE": options.MaxConcurrentRunsPerDevice = (int)Number(child, options.MaxConcurrentRunsPerDevice, whole: true); break;
            case "JITTER": options.Jitter = Number(child, options.Jitter, whole: false); break;
            case "RETRYINTERVAL": options.RetryInterval = Span(child, options.RetryInterval); break;
            case "UNREACHABLERETRYINTERVAL": options.UnreachableRetryInterval = Span(child, options.UnreachableRetryInterval); break;
            case "STARTSPREAD": options.StartSpread = Span(child, options.StartSpread); break;
            default: _mistakes.Add($"{child.Path}: there is no such option."); break;
        }
    }

    private Dictionary<string, TimeSpan> ReadIntervals(IConfigurationSection section)
    {
        var intervals = new Dictionary<string, TimeSpan>(StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (Known(child.Path, child.Key))
            {
                intervals[child.Key] = "off".Equals(child.Value?.Trim(), StringComparison.OrdinalIgnoreCase)
                    ? Timeout.InfiniteTimeSpan
                    : Span(child, MostInterval);
            }
        }

        return intervals;
    }

    private List<string> ReadNames(IConfigurationSection section)
    {
        var names = section.Value is { } joined
            ? joined.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [.. section.GetChildren().Select(c => c.Value ?? "")];
        return [.. names.Where(n => Known(section.Path, n))];
    }

    private bool Known(string path, string name)
    {
        if (probes.Any(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            return true;
        }

        _mistakes.Add($"{path}: there is no probe '{name}'; there are {string.Join(", ", probes.Select(p => p.Name).Order(StringComparer.Ordinal))}.");
        return false;
    }

    private TimeSpan Span(IConfigurationSection section, TimeSpan otherwise)
    {
        if (TryReadSpan(section.Value, out var span))
        {
            return span;
        }

        _mistakes.Add($"{section.Path}: '{section.Value}' is not a time; write seconds (30), a number with a unit (30s, 5m, 1h) or 00:00:30.");
        return otherwise;
    }

    private double Number(IConfigurationSection section, double otherwise, bool whole)
    {
        if (double.TryParse(section.Value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) < int.MaxValue && (!whole || Math.Truncate(number) == number))
        {
            return number;
        }

        _mistakes.Add($"{section.Path}: '{section.Value}' is not {(whole ? "a whole number" : "a number")}.");
        return otherwise;
    }

    private static void Within<TNumber>(List<string> mistakes, string key, TNumber value, TNumber least, TNumber most)
        where TNumber : IComparable<TNumber>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            mistakes.Add($"{ProbeOptions.Section}:{key}: {value} is not within {least} and {most}.");
        }
    }
}
