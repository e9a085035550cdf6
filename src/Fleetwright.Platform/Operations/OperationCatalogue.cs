using System.Reflection;
using System.Text.RegularExpressions;

namespace Fleetwright.Platform.Operations;

/// <summary>
/// Every capability, read once at start-up from the methods marked [Operation]. A mistake in any of them stops the start,
/// and all mistakes are told at once.
/// </summary>
public sealed partial class OperationCatalogue
{
    private readonly Dictionary<string, OperationDescriptor> _byName = new(StringComparer.Ordinal);

    /// <exception cref="OperationCatalogueException">An operation is described wrongly or twice.</exception>
    public OperationCatalogue(IEnumerable<OperationSource> sources)
    {
        var docs = new DocComments();
        var mistakes = new List<string>();
        foreach (var type in sources.Select(source => source.Type).Distinct())
        {
            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            {
                if (method.GetCustomAttribute<OperationAttribute>() is { } attribute)
                {
                    Add(new OperationReader(method, attribute, docs).Read(mistakes), mistakes);
                }
            }
        }

        if (mistakes.Count > 0)
        {
            throw new OperationCatalogueException(mistakes);
        }

        Operations = [.. _byName.Values.OrderBy(operation => operation.Name, StringComparer.Ordinal)];
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<OperationDescriptor> Operations { get; }

    public OperationDescriptor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <exception cref="OperationException">There is no such operation.</exception>
    public OperationDescriptor Get(string name) => Find(name) ?? throw OperationException.NotFound(
        $"there is no operation '{(name.Length > 60 ? name[..60] : name)}'.", $"Operations: {string.Join(", ", _byName.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>Whether a parameter's type is a record that travels as the request body.</summary>
    internal static bool IsBody(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain is { IsClass: true, IsArray: false } && plain != typeof(string) && !plain.IsAssignableTo(typeof(System.Collections.IEnumerable));
    }

    private void Add(OperationDescriptor? operation, List<string> mistakes)
    {
        if (operation is null)
        {
            return;
        }

        if (_byName.Values.FirstOrDefault(other => other.HttpMethod == operation.HttpMethod && SameShape(other.Route, operation.Route)) is { } twin)
        {
            mistakes.Add($"{operation.Name}: its route {operation.HttpMethod} {operation.Route} is {twin.Name}'s already.");
        }

        if (!_byName.TryAdd(operation.Name, operation))
        {
            mistakes.Add($"{operation.Name}: there are two operations of this name.");
        }
    }

    private static bool SameShape(string one, string other) =>
        RouteParameter().Replace(one, "{}") == RouteParameter().Replace(other, "{}");

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.None, 1000)]
    private static partial Regex RouteParameter();
}

/// <summary>Operations are described wrongly; the message lists every mistake.</summary>
public sealed class OperationCatalogueException(IReadOnlyList<string> mistakes)
    : Exception("The operation catalogue has mistakes:\n" + string.Join('\n', mistakes.Select(mistake => "- " + mistake)))
{
    public IReadOnlyList<string> Mistakes { get; } = mistakes;
}
