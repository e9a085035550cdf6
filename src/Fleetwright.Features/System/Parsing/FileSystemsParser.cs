using System.Text;

namespace Fleetwright.Features.Systems.Parsing;

/// <summary>
/// The script's own lines: "!mount:" and a line of /proc/mounts for each file system that was chosen; "!fs:" and the answer
/// of `stat -f -c '%S %b %f %a %c %d %n'` (fundamental block size, blocks, free, available, inodes, free inodes, mount
/// point; GNU coreutils and busybox); "!df:1" before an answer of `df -Pk` where there is no stat.
/// </summary>
internal static class FileSystemsParser
{
    private const int MaxFileSystems = 64;

    public static IReadOnlyList<FileSystemMetrics> Parse(ScriptOutput output, out bool cut)
    {
        var answers = Answers(output);
        var unasked = output.Of("!unasked").Select(Unescape).ToHashSet(StringComparer.Ordinal);
        var byMountPoint = new Dictionary<string, FileSystemMetrics>(StringComparer.Ordinal);
        cut = false;
        foreach (var line in output.Of("!mount"))
        {
            if (Number.Fields(line) is not [var device, var escaped, var type, var options, ..] || type.Length > 64)
            {
                continue;
            }

            var mountPoint = Unescape(escaped);
            if (byMountPoint.Count >= MaxFileSystems && !byMountPoint.ContainsKey(mountPoint))
            {
                cut = true;
                break;
            }

            var metrics = new FileSystemMetrics
            {
                MountPoint = mountPoint,
                Device = Unescape(device),
                Type = type,
                ReadOnly = options.Split(',').Contains("ro", StringComparer.Ordinal),
                Options = options.Length <= 512 ? options : options[..512] + "…",
            };

            // What is mounted later at the same place hides what was there.
            byMountPoint[mountPoint] = answers.TryGetValue(mountPoint, out var answer)
                ? answer.Into(metrics)
                : metrics with { Reason = WhyNot(mountPoint, unasked, output) };
        }

        return [.. byMountPoint.Values];
    }

    private static Dictionary<string, Answer> Answers(ScriptOutput output)
    {
        var answers = new Dictionary<string, Answer>(StringComparer.Ordinal);
        foreach (var line in output.Of("!fs"))
        {
            // The name comes last and may hold blanks.
            var f = line.Split(' ', 7);
            if (f.Length == 7 && Number.Long(f[0]) is { } unit && unit > 0
                && Number.Times(Number.Long(f[1]), unit) is { } size && Number.Times(Number.Long(f[2]), unit) is { } free)
            {
                // The kernel counts what is available below zero as a number near 2^64 when root used the reserve.
                var available = Number.Times(Number.Long(f[3]), unit) is { } a && a <= size ? a : 0;
                answers[f[6]] = new Answer(size, free, available, Number.Long(f[4]), Number.Long(f[5]));
            }
        }

        if (output.Has("!df"))
        {
            foreach (var (mountPoint, answer) in DfParser.Parse(output.Plain))
            {
                answers.TryAdd(mountPoint, new Answer(answer.SizeBytes, answer.FreeBytes, answer.AvailableBytes, null, null));
            }
        }

        return answers;
    }

    private static string WhyNot(string mountPoint, HashSet<string> unasked, ScriptOutput output)
    {
        if (unasked.Contains(mountPoint))
        {
            return "Not asked: it is remote or in user space and could hang, and the device has no timeout command.";
        }

        var quoted = $"'{mountPoint}'";
        var error = output.Plain.FirstOrDefault(line =>
            line.Contains("stat:", StringComparison.Ordinal)
            && (line.Contains(quoted, StringComparison.Ordinal) || line.Contains(mountPoint + ":", StringComparison.Ordinal)));
        return error is null
            ? "It did not answer in time, or this user may not ask it."
            : "The device says: " + (error.Length <= 200 ? error : error[..200]);
    }

    /// <summary>/proc/mounts writes blanks, tabs, newlines and backslashes as three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                result.Append((char)(((text[i + 1] - '0') * 64) + ((text[i + 2] - '0') * 8) + (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    private readonly record struct Answer(long Size, long Free, long Available, long? Inodes, long? FreeInodes)
    {
        public FileSystemMetrics Into(FileSystemMetrics metrics)
        {
            if (Size == 0 || Free > Size)
            {
                return metrics with { Reason = "It does not say how large it is." };
            }

            var used = Size - Free;
            var inodes = Inodes is > 0 && FreeInodes is { } free && free <= Inodes ? Inodes : null;
            var inodesUsed = inodes - FreeInodes;
            return metrics with
            {
                SizeBytes = Size,
                UsedBytes = used,
                AvailableBytes = Available,
                UsedPercent = Number.Percent(used, (double)used + Available),
                Inodes = inodes,
                InodesUsed = inodesUsed,
                InodesUsedPercent = inodesUsed is { } count ? Number.Percent(count, inodes!.Value) : null, // set together
            };
        }
    }
}
