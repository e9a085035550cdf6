using System.Globalization;
using System.Text.Json.Nodes;

namespace Fleetwright.Platform.Operations;

/// <summary>Turns the text of a query string, a route or a command line into the JSON that the argument's type reads.</summary>
public static class ArgumentText
{
    /// <summary>Several values of one argument are a list.</summary>
    /// <exception cref="OperationException">The text is not of the argument's type.</exception>
    public static JsonNode? Read(OperationParameter parameter, IReadOnlyList<string> values)
    {
        if (parameter.IsList)
        {
            return new JsonArray([.. values.SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(value => (JsonNode)value)]);
        }

        if (values.Count > 1)
        {
            throw OperationException.Invalid(parameter.Name, "this argument was given more than once.", "Give it once.");
        }

        return ReadOne(parameter, values[0]);
    }

    /// <summary>JSON can escape half a character; nothing that works with text, the audit log included, can take it.</summary>
    /// <exception cref="OperationException">An argument holds one.</exception>
    public static void RequireUnicode(JsonObject arguments)
    {
        try
        {
            arguments.ToJsonString();
        }
        catch (InvalidOperationException)
        {
            throw new OperationException(OperationError.Invalid, "an argument holds half of a surrogate pair, which is no character.", "Send whole characters.");
        }
    }

    private static JsonNode? ReadOne(OperationParameter parameter, string text)
    {
        var type = Nullable.GetUnderlyingType(parameter.Type) ?? parameter.Type;
        if (type == typeof(bool))
        {
            return text is "" or "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase) ? true
                : text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) ? false
                : throw OperationException.Invalid(parameter.Name, $"'{Shown(text)}' is not true or false.", "Write true or false.");
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw OperationException.Invalid(parameter.Name, $"'{Shown(text)}' is not a whole number.", parameter.Description);
        }

        if (type == typeof(double))
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? number
                : throw OperationException.Invalid(parameter.Name, $"'{Shown(text)}' is not a number.", parameter.Description);
        }

        return text;
    }

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
