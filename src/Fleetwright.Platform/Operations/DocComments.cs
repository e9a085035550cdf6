using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Fleetwright.Platform.Operations;

/// <summary>
/// The doc comments of our own assemblies, read from the XML files that the compiler writes beside them, so that what is
/// written once above a method is what OpenAPI, MCP and the command line say.
/// </summary>
internal sealed partial class DocComments
{
    private readonly Dictionary<string, XElement> _members = new(StringComparer.Ordinal);
    private readonly HashSet<Assembly> _loaded = [];

    /// <summary>The summary of a method, on one line; null when there is none.</summary>
    public string? Of(MethodInfo method) => Text(Member(method.DeclaringType!, MethodKey(method))?.Element("summary"));

    public string? Of(MethodInfo method, string parameter) => Text(Member(method.DeclaringType!, MethodKey(method))?
        .Elements("param").FirstOrDefault(element => element.Attribute("name")?.Value == parameter));

    public string? Of(Type type) => Text(Member(type, "T:" + TypeName(type))?.Element("summary"));

    /// <summary>The summary of a property, or of the record parameter it was made of.</summary>
    public string? Of(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        return Text(Member(type, $"P:{TypeName(type)}.{property.Name}")?.Element("summary"))
            ?? Text(Member(type, "T:" + TypeName(type))?.Elements("param")
                .FirstOrDefault(element => element.Attribute("name")?.Value == property.Name));
    }

    private XElement? Member(Type type, string key)
    {
        lock (_members)
        {
            if (_loaded.Add(type.Assembly))
            {
                Load(type.Assembly);
            }

            return _members.GetValueOrDefault(key);
        }
    }

    private void Load(Assembly assembly)
    {
        var file = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        if (!File.Exists(file))
        {
            return;
        }

        foreach (var member in XDocument.Load(file).Descendants("member"))
        {
            if (member.Attribute("name")?.Value is { } name)
            {
                _members[name] = member;
            }
        }
    }

    private static string MethodKey(MethodInfo method)
    {
        var parameters = method.GetParameters();
        var list = parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(p => ParameterTypeName(p.ParameterType)))})";
        return $"M:{TypeName(method.DeclaringType!)}.{method.Name}{list}";
    }

    private static string TypeName(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string ParameterTypeName(Type type)
    {
        if (type.IsArray)
        {
            return ParameterTypeName(type.GetElementType()!) + "[]";
        }

        if (!type.IsGenericType)
        {
            return type.FullName!.Replace('+', '.');
        }

        var name = TypeName(type);
        return $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}{{{string.Join(',', type.GetGenericArguments().Select(ParameterTypeName))}}}";
    }

    private static string? Text(XElement? element)
    {
        if (element is null)
        {
            return null;
        }

        var text = new StringBuilder();
        foreach (var node in element.DescendantNodes())
        {
            if (node is XText plain)
            {
                text.Append(plain.Value);
            }
            else if (node is XElement reference && !reference.HasElements && string.IsNullOrEmpty(reference.Value))
            {
                var target = reference.Attribute("cref")?.Value ?? reference.Attribute("langword")?.Value ?? reference.Attribute("name")?.Value ?? "";
                text.Append(target[(target.LastIndexOfAny(['.', ':']) + 1)..]);
            }
        }

        var line = Whitespace().Replace(text.ToString(), " ").Trim();
        return line.Length == 0 ? null : line;
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Whitespace();
}
