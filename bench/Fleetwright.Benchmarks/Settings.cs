using System.Globalization;

namespace Fleetwright.Benchmarks;

/// <summary>What bench/run was asked for.</summary>
internal sealed record Settings
{
    private static readonly string[] All = ["ssh", "docker", "mcp", "fleet"];

    public required string Root { get; init; }

    public IReadOnlyList<string> Only { get; init; } = All;

    public IReadOnlyList<int> Devices { get; init; } = [10, 50, 200];

    public string Program => Path.Combine(Root, "bin", "fleetwright");

    /// <summary>Only a whole run replaces the kept table.</summary>
    public bool IsWhole => Only.Count == All.Length;

    public static Settings Read(string[] arguments)
    {
        var settings = new Settings { Root = Directory.GetCurrentDirectory() };
        for (var i = 0; i + 1 < arguments.Length; i += 2)
        {
            var value = arguments[i + 1];
            settings = arguments[i] switch
            {
                "--root" => settings with { Root = value },
                "--only" => settings with { Only = value.Split(',') },
                "--devices" => settings with { Devices = [.. value.Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))] },
                _ => throw new ArgumentException($"'{arguments[i]}' is none of --root, --only, --devices."),
            };
        }

        return settings;
    }

    public bool Wants(string part) => Only.Contains(part);
}
