using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fleetwright.Platform.Operations;

/// <summary>Calls the C# method behind an operation with arguments that came as JSON.</summary>
internal sealed class OperationMethod
{
    private readonly MethodInvoker _invoker;
    private readonly ParameterInfo[] _parameters;
    private readonly Func<Task, object?> _result;

    public OperationMethod(MethodInfo method, Type resultType)
    {
        Info = method;
        _invoker = MethodInvoker.Create(method);
        _parameters = method.GetParameters();
        _result = typeof(OperationMethod).GetMethod(nameof(ResultOf), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(resultType).CreateDelegate<Func<Task, object?>>();
    }

    public MethodInfo Info { get; }

    /// <summary>Binds the arguments; the body record takes the arguments that are its properties.</summary>
    /// <exception cref="OperationException">An argument is missing, unknown or of another type.</exception>
    public object?[] Bind(OperationDescriptor operation, JsonObject arguments)
    {
        foreach (var (name, _) in arguments)
        {
            if (!operation.Parameters.Any(parameter => parameter.Name == name))
            {
                throw OperationException.Invalid(name, $"{operation.Name} has no such argument.", Known(operation));
            }
        }

        foreach (var parameter in operation.Parameters)
        {
            if (parameter.Required && arguments[parameter.Name] is null)
            {
                throw OperationException.Invalid(parameter.Name, "this argument is required.", parameter.Description);
            }
        }

        var bound = new object?[_parameters.Length];
        for (var i = 0; i < _parameters.Length; i++)
        {
            var parameter = _parameters[i];
            if (parameter.ParameterType == typeof(CancellationToken))
            {
                continue;
            }

            bound[i] = OperationCatalogue.IsBody(parameter.ParameterType)
                ? BindBody(operation, parameter.ParameterType, arguments)
                : BindOne(parameter, arguments[parameter.Name!]);
        }

        return bound;
    }

    public async Task<object?> InvokeAsync(object target, object?[] arguments, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _parameters.Length; i++)
        {
            if (_parameters[i].ParameterType == typeof(CancellationToken))
            {
                arguments[i] = cancellationToken;
            }
        }

        var task = (Task)_invoker.Invoke(target, arguments.AsSpan())!;
        await task;
        return _result(task);
    }

    private static object? ResultOf<T>(Task task) => ((Task<T>)task).Result;

    private static object? BindOne(ParameterInfo parameter, JsonNode? node)
    {
        if (node is null)
        {
            return parameter.HasDefaultValue ? parameter.DefaultValue : null;
        }

        return Read(parameter.Name!, node, parameter.ParameterType);
    }

    private static object? BindBody(OperationDescriptor operation, Type type, JsonObject arguments)
    {
        // Property by property first, so that a mistake is told by its argument's name.
        var body = new JsonObject();
        foreach (var parameter in operation.Parameters.Where(parameter => parameter.Place == ParameterPlace.Body))
        {
            if (arguments[parameter.Name] is { } node)
            {
                Read(parameter.Name, node, parameter.Type);
                body[parameter.Name] = node.DeepClone();
            }
        }

        return Read("body", body, type);
    }

    private static object? Read(string name, JsonNode node, Type type)
    {
        try
        {
            return node.Deserialize(type, Json.Options);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw OperationException.Invalid(name, $"{Shown(node)} is not {Kind(type)}.", Expected(type));
        }
    }

    private static string Shown(JsonNode node)
    {
        var text = node.ToJsonString(Json.Options);
        return text.Length > 80 ? text[..80] + "…" : text;
    }

    private static string Kind(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(int) || plain == typeof(long) ? "a whole number"
            : plain == typeof(double) ? "a number"
            : plain == typeof(bool) ? "true or false"
            : plain == typeof(string) ? "a string"
            : plain == typeof(PointInTime) || plain == typeof(DateTimeOffset) ? "a time"
            : plain.IsEnum ? "one of the values"
            : plain.IsArray ? "a list"
            : "an object of the right form";
    }

    private static string Expected(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsEnum
            ? $"Use one of {string.Join(", ", Enum.GetNames(plain).Select(JsonNamingPolicy.CamelCase.ConvertName))}."
            : plain == typeof(PointInTime) ? "Write 2026-07-01T12:00:00Z, or 15m, 2h, 7d for how long ago."
            : plain == typeof(DateTimeOffset) ? "Write 2026-07-01T12:00:00Z."
            : "See the operation's schema.";
    }

    private static string Known(OperationDescriptor operation) => operation.Parameters.Count == 0
        ? "It takes none."
        : $"It takes {string.Join(", ", operation.Parameters.Select(parameter => parameter.Name))}.";
}
