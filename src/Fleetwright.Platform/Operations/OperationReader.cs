using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fleetwright.Platform.Operations;

/// <summary>Reads one method marked [Operation] into its descriptor, or says all that is wrong with it.</summary>
internal sealed partial class OperationReader(MethodInfo method, OperationAttribute attribute, DocComments docs)
{
    private static readonly string[] HttpMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    public OperationDescriptor? Read(List<string> mistakes)
    {
        var before = mistakes.Count;
        void Wrong(string what) => mistakes.Add($"{attribute.Name} ({method.DeclaringType!.Name}.{method.Name}): {what}");

        if (!SnakeCase().IsMatch(attribute.Name))
        {
            Wrong("its name is not snake_case.");
        }

        var space = attribute.Route.IndexOf(' ', StringComparison.Ordinal);
        var http = space > 0 ? attribute.Route[..space] : "";
        var route = attribute.Route[(space + 1)..];
        if (!HttpMethods.Contains(http) || !route.StartsWith("/api/", StringComparison.Ordinal))
        {
            Wrong($"its route '{attribute.Route}' is not METHOD /api/….");
        }

        var reads = http == "GET";
        var effect = attribute.Effect == OperationEffect.Undeclared && reads ? OperationEffect.Reads : attribute.Effect;
        var repeat = attribute.Repeat == OperationRepeat.Undeclared && reads ? OperationRepeat.Safe : attribute.Repeat;
        var scope = attribute.Scope ?? (reads ? Scopes.Read : null);
        if (scope is null || !Scopes.All.Contains(scope))
        {
            Wrong($"it must declare its Scope: {string.Join(", ", Scopes.All)}.");
        }

        if (effect == OperationEffect.Undeclared || repeat == OperationRepeat.Undeclared)
        {
            Wrong("it must declare its Effect and its Repeat.");
        }

        if (effect != OperationEffect.Reads && scope == Scopes.Read)
        {
            Wrong("it changes something, so the scope read is not enough.");
        }

        var description = docs.Of(method);
        if (description is null)
        {
            Wrong("it has no doc comment; that is what callers choose it by.");
        }

        var result = method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>)
            ? method.ReturnType.GetGenericArguments()[0]
            : null;
        if (result is null || !OperationCatalogue.IsBody(result))
        {
            Wrong("it must return Task<a record>: a list goes into a Page.");
        }

        var parameters = Parameters(route, http, Wrong);
        if (mistakes.Count > before)
        {
            return null;
        }

        return new OperationDescriptor
        {
            Name = attribute.Name,
            Title = attribute.Title ?? Titled(attribute.Name),
            Description = description!,
            Scope = scope!,
            Effect = effect,
            Repeat = repeat,
            Toolset = attribute.Toolset,
            HttpMethod = http,
            Route = route,
            Parameters = parameters,
            InputSchema = Input(parameters),
            OutputSchema = OperationSchemas.Of(result!),
            ResultType = result!,
            Method = new OperationMethod(method, result!),
        };
    }

    private List<OperationParameter> Parameters(string route, string http, Action<string> wrong)
    {
        var found = new List<OperationParameter>();
        var all = method.GetParameters();
        if (all.Length == 0 || all[^1].ParameterType != typeof(CancellationToken))
        {
            wrong("its last parameter must be a CancellationToken.");
        }

        foreach (var parameter in all.Where(parameter => parameter.ParameterType != typeof(CancellationToken)))
        {
            if (OperationCatalogue.IsBody(parameter.ParameterType))
            {
                if (http is "GET" or "DELETE")
                {
                    wrong($"{http} carries no body, so {parameter.Name} cannot be a record.");
                }

                found.AddRange(BodyParameters(parameter.ParameterType, wrong));
                continue;
            }

            var inRoute = route.Contains($"{{{parameter.Name}}}", StringComparison.Ordinal);
            found.Add(new OperationParameter
            {
                Name = parameter.Name!,
                Type = parameter.ParameterType,
                Description = docs.Of(method, parameter.Name!) ?? Missing(parameter.Name!, wrong),
                Required = inRoute || (!parameter.HasDefaultValue && !IsNullable(new NullabilityInfoContext().Create(parameter), parameter.ParameterType)),
                Place = inRoute ? ParameterPlace.Route : ParameterPlace.Query,
                Schema = OperationSchemas.OfArgument(parameter.ParameterType),
            });
        }

        foreach (Match match in RouteParameter().Matches(route))
        {
            if (!found.Any(parameter => parameter.Place == ParameterPlace.Route && parameter.Name == match.Groups["name"].Value))
            {
                wrong($"its route names {match.Value}, and the method has no such parameter.");
            }
        }

        foreach (var twice in found.GroupBy(parameter => parameter.Name).Where(group => group.Count() > 1))
        {
            wrong($"the argument {twice.Key} is there twice.");
        }

        return found;
    }

    private IEnumerable<OperationParameter> BodyParameters(Type body, Action<string> wrong)
    {
        foreach (var property in body.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            yield return new OperationParameter
            {
                Name = name,
                Type = property.PropertyType,
                Description = docs.Of(property) ?? Missing(name, wrong),
                Required = property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null,
                Place = ParameterPlace.Body,
                Schema = OperationSchemas.OfArgument(property.PropertyType),
            };
        }
    }

    private static string Missing(string parameter, Action<string> wrong)
    {
        wrong($"the argument {parameter} has no description.");
        return "";
    }

    private static bool IsNullable(NullabilityInfo nullability, Type type) =>
        Nullable.GetUnderlyingType(type) is not null || (!type.IsValueType && nullability.WriteState == NullabilityState.Nullable);

    private static JsonObject Input(List<OperationParameter> parameters)
    {
        var properties = new JsonObject();
        foreach (var parameter in parameters)
        {
            var schema = (JsonObject)parameter.Schema.DeepClone();
            schema["description"] = parameter.Description;
            properties[parameter.Name] = schema;
        }

        var input = new JsonObject { ["type"] = "object", ["properties"] = properties };
        var required = parameters.Where(parameter => parameter.Required).Select(parameter => (JsonNode)parameter.Name).ToArray();
        if (required.Length > 0)
        {
            input["required"] = new JsonArray(required);
        }

        return input;
    }

    private static string Titled(string name)
    {
        var words = name.Replace('_', ' ');
        return char.ToUpperInvariant(words[0]) + words[1..];
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SnakeCase();

    [GeneratedRegex(@"\{(?<name>[^}]*)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RouteParameter();
}
