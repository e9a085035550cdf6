using System.Reflection;
using System.Text;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Tests.Docs;

/// <summary>docs/operations.md, made of the catalogue.</summary>
internal static class OperationsPage
{
    private const string Introduction = """
        # Operations

        Written from the catalogue by a test; edit the doc comments in `src/`, not this page (see `CONTRIBUTING.md`).

        Each operation is served as a REST route, as an MCP tool of the same name, and by `fleetwright call NAME`. On the
        command line an argument is written in kebab case (`keyFile` is `--key-file`). Arguments of the body are JSON
        properties over REST. A scope includes the ones before it: `read`, `operate`, `admin`. MCP offers the toolset
        `core` unless the server's `Mcp:Toolsets` or the client's address (`/mcp?toolsets=core,maintenance`) says otherwise;
        `all` stands for every toolset. `/openapi/v1.json` holds the results' schemas.

        """;

    public static string Write()
    {
        var catalogue = new OperationCatalogue(OperationTypes().Select(type => new OperationSource(type)));
        var page = new StringBuilder(Introduction);
        page.Append("\n| operation | scope | effect | toolset | route |\n|---|---|---|---|---|\n");
        foreach (var operation in catalogue.Operations)
        {
            page.Append($"| [`{operation.Name}`](#{operation.Name}) | {operation.Scope} | {Text(operation.Effect)} | {operation.Toolset} | `{operation.HttpMethod} {operation.Route}` |\n");
        }

        foreach (var operation in catalogue.Operations)
        {
            page.Append($"\n## {operation.Name}\n\n{operation.Description}\n");
            if (operation.Parameters.Count > 0)
            {
                page.Append("\n| argument | in | required | what |\n|---|---|---|---|\n");
            }

            foreach (var parameter in operation.Parameters)
            {
                page.Append($"| `{parameter.Name}` | {Text(parameter.Place)} | {(parameter.Required ? "yes" : "no")} | {Cell(parameter.Description)} |\n");
            }
        }

        return page.ToString();
    }

    /// <summary>A text as one cell of a table.</summary>
    internal static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Text(Enum value) => value.ToString().ToLowerInvariant();

    private static IEnumerable<Type> OperationTypes() =>
        ((Assembly[])[typeof(OperationCatalogue).Assembly, Assembly.Load("Fleetwright.Features")])
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Any(method => method.GetCustomAttribute<OperationAttribute>() is not null));
}
