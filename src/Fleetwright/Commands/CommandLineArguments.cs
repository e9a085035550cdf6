using System.Text;
using System.Text.Json.Nodes;
using Fleetwright.Platform.Operations;

namespace Fleetwright.Commands;

/// <summary>--name VALUE, --name=VALUE, and --name alone for true, as an operation's arguments. Names may be kebab-case.</summary>
internal static class CommandLineArguments
{
    /// <exception cref="OperationException">A name is unknown, or a value is not of its type.</exception>
    public static JsonObject Read(OperationDescriptor operation, IReadOnlyList<string> tokens)
    {
        var values = new Dictionary<OperationParameter, List<string>>();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (!tokens[i].StartsWith("--", StringComparison.Ordinal))
            {
                throw new OperationException(OperationError.Invalid, $"'{tokens[i]}' does not follow an --argument.", Usage(operation));
            }

            var equals = tokens[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? tokens[i][2..] : tokens[i][2..equals];
            var parameter = operation.Parameters.FirstOrDefault(known => Kebab(known.Name) == name || known.Name == name)
                ?? throw new OperationException(OperationError.Invalid, $"{operation.Name} has no argument --{name}.", Usage(operation));
            var type = Nullable.GetUnderlyingType(parameter.Type) ?? parameter.Type;
            var value = equals >= 0 ? tokens[i][(equals + 1)..]
                : type == typeof(bool) && (i + 1 >= tokens.Count || tokens[i + 1].StartsWith("--", StringComparison.Ordinal)) ? "true"
                : i + 1 < tokens.Count ? tokens[++i]
                : throw new OperationException(OperationError.Invalid, $"--{name} needs a value.", Usage(operation));
            if (!values.TryGetValue(parameter, out var list))
            {
                values[parameter] = list = [];
            }

            list.Add(value);
        }

        var arguments = new JsonObject();
        foreach (var (parameter, given) in values)
        {
            arguments[parameter.Name] = ArgumentText.Read(parameter, given);
        }

        return arguments;
    }

    public static string Usage(OperationDescriptor operation)
    {
        var text = new StringBuilder($"fleetwright call {operation.Name}");
        foreach (var parameter in operation.Parameters)
        {
            var option = $"--{Kebab(parameter.Name)} {Kebab(parameter.Name).ToUpperInvariant()}";
            text.Append(' ').Append(parameter.Required ? option : $"[{option}]");
        }

        text.Append("\n\n").Append(operation.Description);
        foreach (var parameter in operation.Parameters)
        {
            text.Append($"\n  --{Kebab(parameter.Name),-18} {parameter.Description}");
        }

        return text.ToString();
    }

    private static string Kebab(string camelCase) =>
        string.Concat(camelCase.Select(c => char.IsAsciiLetterUpper(c) ? "-" + char.ToLowerInvariant(c) : c.ToString()));
}
