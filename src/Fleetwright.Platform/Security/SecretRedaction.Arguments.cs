namespace Fleetwright.Platform.Security;

/// <content>Command lines: well-known programs take secrets by options whose names do not say so.</content>
public static partial class SecretRedaction
{
    /// <summary>A program's arguments, its name first.</summary>
    public static IReadOnlyList<string> Arguments(IReadOnlyList<string> arguments)
    {
        var result = new string[arguments.Count];
        var program = "";
        var hideNext = false;
        for (var i = 0; i < result.Length; i++)
        {
            var argument = arguments[i];
            program = i == 0 || argument is not ['-', ..] && i < 3 && Programs.ContainsKey(Path.GetFileName(argument)) ? Path.GetFileName(argument) : program;
            if (hideNext && argument.Length > 0 && argument is not ['-', '-', ..])
            {
                result[i] = Redacted;
                hideNext = false;
                program = ""; // what follows may be another program's arguments: sshpass -p secret ssh -p 22
                continue;
            }

            var options = Programs.GetValueOrDefault(program, []);
            var glued = options.FirstOrDefault(option => option.Length == 2 && argument.Length > 2 && argument.StartsWith(option, StringComparison.Ordinal));
            result[i] = glued is not null ? glued + Redacted
                : i > 0 && arguments[i - 1] == "-c" && argument.Contains(' ', StringComparison.Ordinal) ? string.Join(' ', Arguments(argument.Split(' ')))
                : Text(argument);
            hideNext = glued is null && argument is ['-', ..] && !argument.Contains('=', StringComparison.Ordinal)
                && (options.Contains(argument, StringComparer.Ordinal) || IsSecretName(argument));
        }

        return result;
    }

    /// <summary>Programs that take a secret by a short option, apart (-p secret) or glued to it (-psecret).</summary>
    private static readonly Dictionary<string, string[]> Programs = new(StringComparer.Ordinal)
    {
        ["mysql"] = ["-p"],
        ["mysqldump"] = ["-p"],
        ["mysqladmin"] = ["-p"],
        ["mariadb"] = ["-p"],
        ["mariadb-dump"] = ["-p"],
        ["sshpass"] = ["-p"],
        ["redis-cli"] = ["-a"],
        ["curl"] = ["-u"],
        ["ldapsearch"] = ["-w"],
        ["smbclient"] = ["-U"],
        ["mosquitto_pub"] = ["-P"],
        ["mosquitto_sub"] = ["-P"],
    };
}
