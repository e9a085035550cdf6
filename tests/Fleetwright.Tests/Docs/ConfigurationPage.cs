using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Fleetwright.Platform.Operations;
using Fleetwright.Platform.Probes;
using Fleetwright.Platform.Settings;

namespace Fleetwright.Tests.Docs;

/// <summary>docs/configuration.md, made of the options classes: their names, doc comments and defaults.</summary>
internal static class ConfigurationPage
{
    private const string Introduction = """
        # Configuration

        Written from the options classes by a test; edit their doc comments in `src/`, not this page (see `CONTRIBUTING.md`).

        Nothing needs to be configured. What you want otherwise goes into `fleetwright.json` in the data folder, or into the
        environment; the environment goes before the file. Both are read at the start. A mistake in them stops the server,
        and it names all that it finds.

        ```json
        {
          "Probes": { "Intervals": { "system": "1m" } },
          "Access": { "AllowedHosts": ["fleet.example.org"] }
        }
        ```

        The same in the environment:

            FLEETWRIGHT_PROBES__INTERVALS__SYSTEM=1m FLEETWRIGHT_ACCESS__ALLOWEDHOSTS__0=fleet.example.org fleetwright serve

        A time is written `hours:minutes:seconds`, with days before it where there are any: `00:00:30`, `2.00:00:00`. Write
        all three parts: outside the section `Probes` a bare `30` is thirty days. In the section `Probes` a number is
        seconds, and `500ms`, `30s`, `5m`, `1h` and `1d` are read as well.

        ## Where things are

        | variable | option | default | what |
        |---|---|---|---|
        | `FLEETWRIGHT_DATA` | `--data` | `~/.local/share/fleetwright` (or in `XDG_DATA_HOME`, where that is set) | the data folder: store, keys, known hosts, `fleetwright.json` |
        | `FLEETWRIGHT_URLS` | `serve --urls` | `http://127.0.0.1:8470` | where the server listens, several divided by semicolons |

        The path of the data folder may have no blanks, quotes, `%` or `$`, and at most about 90 characters (its control
        socket must fit into 107). The option goes before the variable. `make up` and `make down` read `FLEETWRIGHT_DATA` and `FLEETWRIGHT_URLS`, but not
        `XDG_DATA_HOME`.

        """;

    public static string Write()
    {
        var docs = new DocComments();
        var page = new StringBuilder(Introduction);
        foreach (var (section, type) in Sections())
        {
            page.Append($"\n## {section}\n\n{docs.Of(type)}\n\n| key | default | environment | what |\n|---|---|---|---|\n");
            var defaults = Activator.CreateInstance(type);
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                var what = docs.Of(property) ?? throw new InvalidOperationException($"{type.Name}.{property.Name} has no doc comment.");
                page.Append($"| `{property.Name}` | {Default(property.GetValue(defaults))} | `{Variable(section, property)}` | {OperationsPage.Cell(what)} |\n");
            }
        }

        page.Append("\n## The probes\n\nThe names that `Probes:Intervals` and `Probes:LiveProbes` take.\n\n| probe | interval unless configured |\n|---|---|\n");
        foreach (var probe in Probes().OrderBy(probe => probe.Name, StringComparer.Ordinal))
        {
            page.Append($"| `{probe.Name}` | {(probe.DefaultInterval == Timeout.InfiniteTimeSpan ? "off: asked only when somebody wants its answer" : Default(probe.DefaultInterval))} |\n");
        }

        return page.ToString();
    }

    // The tests have options classes of their own.
    private static IEnumerable<(string Section, Type Type)> Sections() => SettingsDescription.Sections()
        .Where(found => found.Type.Assembly != typeof(ConfigurationPage).Assembly)
        .OrderBy(found => found.Section, StringComparer.Ordinal);

    private static string Variable(string section, PropertyInfo property) =>
        $"FLEETWRIGHT_{section}__{property.Name}".ToUpperInvariant() + (
            property.PropertyType.IsAssignableTo(typeof(IEnumerable<KeyValuePair<string, TimeSpan>>)) ? "__NAME"
            : property.PropertyType.IsAssignableTo(typeof(IList<string>)) ? "__0"
            : "");

    private static string Default(object? value) => value switch
    {
        null => "none",
        string text => $"`{text}`",
        TimeSpan span => $"`{span:c}`",
        bool flag => flag ? "`true`" : "`false`",
        IEnumerable<string> texts when texts.Any() => $"`{string.Join(',', texts)}`",
        IEnumerable => "empty",
        _ => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    // Name and interval are constants of the class: no probe needs to be made as the program makes it.
    private static IEnumerable<IProbe> Probes() =>
        from assembly in (Assembly[])[typeof(IProbe).Assembly, Assembly.Load("Fleetwright.Features")]
        from type in assembly.GetTypes()
        where type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IProbe))
        select (IProbe)RuntimeHelpers.GetUninitializedObject(type);
}
