using Fleetwright.Features.Systems.Parsing;

namespace Fleetwright.Features.Systems.Processes;

/// <summary>/proc/PID/stat as far as it is used.</summary>
internal sealed record ProcessStat(
    int Pid, string Name, char State, int ParentPid, long CpuTicks, int Threads, long StartTicks, long ResidentPages)
{
    // Fields after the name, counted from the state, which is field 3 of the manual page.
    private const int ParentField = 1, UserField = 11, SystemField = 12, ThreadsField = 17, StartField = 19, ResidentField = 21;

    /// <summary>Null when it was cut. The name stands in parentheses and may itself hold blanks, newlines and parentheses.</summary>
    public static ProcessStat? Parse(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        if (open < 2 || close < open || Number.Int(text.AsSpan(0, open)) is not { } pid)
        {
            return null;
        }

        var f = Number.Fields(text[(close + 1)..]);
        if (f.Length <= ResidentField || f[0].Length != 1 || Number.Int(f[ParentField]) is not { } parent
            || Number.Long(f[UserField]) is not { } user || Number.Long(f[SystemField]) is not { } system
            || Number.Int(f[ThreadsField]) is not { } threads || Number.Long(f[StartField]) is not { } start
            || Number.Long(f[ResidentField]) is not { } resident
            || user > long.MaxValue / 4 || system > long.MaxValue / 4)
        {
            return null;
        }

        var name = new string([.. text[(open + 1)..close].Select(static c => char.IsControl(c) ? ' ' : c)]);
        return new ProcessStat(pid, name.Length <= 64 ? name : name[..64], f[0][0], parent, user + system, threads, start, resident);
    }
}
