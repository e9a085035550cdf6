namespace Fleetwright.Features.Systems.Parsing;

/// <summary>
/// /proc/pressure/* and a control group's *.pressure: "some avg10=0.00 avg60=0.00 avg300=0.00 total=0";
/// https://docs.kernel.org/accounting/psi.html. Before 5.13 the processor has no "full" line.
/// </summary>
internal static class PressureParser
{
    public static PressureResource? Parse(IReadOnlyList<string> lines)
    {
        var resource = new PressureResource();
        var any = false;
        foreach (var line in lines)
        {
            var fields = Number.Fields(line);
            if (fields.Length == 0 || Share(fields, "avg10=") is not { } ten)
            {
                continue;
            }

            var sixty = Share(fields, "avg60=");
            var threeHundred = Share(fields, "avg300=");
            if (fields[0] == "some")
            {
                resource = resource with { SomePercent10s = ten, SomePercent60s = sixty, SomePercent300s = threeHundred };
                any = true;
            }
            else if (fields[0] == "full")
            {
                resource = resource with { FullPercent10s = ten, FullPercent60s = sixty, FullPercent300s = threeHundred };
                any = true;
            }
        }

        return any ? resource : null;
    }

    private static double? Share(string[] fields, string name)
    {
        foreach (var field in fields)
        {
            if (field.StartsWith(name, StringComparison.Ordinal))
            {
                return Number.Double(field.AsSpan(name.Length)) is { } percent and <= 100 ? percent : null;
            }
        }

        return null;
    }
}
