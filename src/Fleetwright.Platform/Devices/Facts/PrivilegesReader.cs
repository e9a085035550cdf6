namespace Fleetwright.Platform.Devices.Facts;

/// <summary>What the user may do: id, its groups, and what sudo runs without a password.</summary>
internal static class PrivilegesReader
{
    /// <param name="found">The sections; sudo holds "all", or what sudo -n -l printed.</param>
    /// <param name="user">Three lines: number, name, groups.</param>
    public static DevicePrivileges Read(FactsText found, IReadOnlyList<string> user)
    {
        var commands = SudoCommands(found.Lines("sudo"));
        return new DevicePrivileges
        {
            User = user[1],
            IsRoot = user[0] == "0",
            PasswordlessSudo = found.First("sudo") == "all" || commands.Contains("ALL"),
            Groups = user.Count > 2 ? user[2].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [],
            SudoCommands = [.. commands.Where(command => command.StartsWith('/')).Distinct(StringComparer.Ordinal).Take(100)],
        };
    }

    //     (root) NOPASSWD: /usr/sbin/smartctl, /usr/sbin/zpool, PASSWD: /usr/bin/apt
    private static List<string> SudoCommands(IReadOnlyList<string> lines)
    {
        var commands = new List<string>();
        foreach (var line in lines.Where(line => line.StartsWith('(') && RunsAsRoot(line)))
        {
            var free = false;
            foreach (var part in line[(line.IndexOf(')', StringComparison.Ordinal) + 1)..].Split(',', StringSplitOptions.TrimEntries))
            {
                var command = part;
                // Tags stand before a command and hold for those that follow.
                for (var colon = Tag(command); colon > 0; colon = Tag(command))
                {
                    free = command[..colon] switch { "NOPASSWD" => true, "PASSWD" => false, _ => free };
                    command = command[(colon + 1)..].TrimStart();
                }

                if (free && command.Length > 0)
                {
                    commands.Add(command);
                }
            }
        }

        return commands;
    }

    private static bool RunsAsRoot(string line)
    {
        var close = line.IndexOf(')', StringComparison.Ordinal);
        var users = close < 0 ? "" : line[1..close].Split(':')[0];
        return users.Split(',', StringSplitOptions.TrimEntries).Any(user => user is "root" or "ALL");
    }

    private static int Tag(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && text[..colon].All(char.IsAsciiLetterUpper) ? colon : -1;
    }
}
