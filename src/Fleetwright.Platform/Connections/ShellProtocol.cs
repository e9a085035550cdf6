using System.Security.Cryptography;
using System.Text;

namespace Fleetwright.Platform.Connections;

/// <summary>
/// What is written to a kept POSIX sh, and which markers come back. Every marker carries a nonce of 128 random
/// bits that goes only through the shell's standard input into an unexported variable, so nothing a command can
/// print (its arguments, its environment, the process table) holds it.
/// <list type="number">
/// <item>Hello: functions are defined once; <c>r</c> on both streams says that the shell listens.</item>
/// <item>A batch runs in a background subshell, so the shell goes on reading and can be told to kill.
/// <c>s</c> on both streams opens it; what came before is noise.</item>
/// <item>Each command runs under setsid, as a session of its own. <c>b PID</c> says that it runs (it may stand
/// between bytes the command has already written), <c>e CODE [x]</c> on standard output and <c>e 0 [x]</c> on
/// standard error that it ended. An x says that it left children behind: they may still write to the streams,
/// so the batch stops there, and the caller goes on with another shell.</item>
/// <item>At a time limit <c>fw_k SIGNAL PID</c> is written: it kills the process, its descendants, and every
/// session they opened, by reading /proc. An abandoned batch is killed as a whole; <c>d</c> confirms.</item>
/// <item>When standard input closes (connection lost, server killed) the exit trap kills a batch that runs.</item>
/// </list>
/// Checked on bash, dash and busybox ash: only built-ins, setsid and the commands themselves are executed.
/// </summary>
internal static class ShellProtocol
{
    public const char Ready = 'r';
    public const char Started = 's';
    public const char Begun = 'b';
    public const char Ended = 'e';
    public const char Abandoned = 'd';

    private const int InputChunkBytes = 16 * 1024;

    // A trapped (not ignored) signal is as by default in commands, but leaves the shells alive to clean up when
    // nobody reads them any more or the terminal of a local Fleetwright closes. Ordinary users' PATH lacks
    // sbin on Debian, where zpool and smartctl live. A hello that is repeated late must not forget the batch that runs.
    private const string Setup = """
        LC_ALL=C;export LC_ALL;PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin;export PATH;cd /;
        fw_b=${fw_b-};fw_s=;command -v setsid >/dev/null 2>&1&&fw_s=setsid;
        fw_1(){ kill -s "$1" "$2" 2>/dev/null||{ [ -d "/proc/$2" ]&&sudo -n kill -s "$1" "$2" </dev/null;} >/dev/null 2>&1;};
        fw_k(){ fw_t=" $2 ";[ "$1" = KILL ]&&fw_1 STOP "$2";while :;do fw_f=;for fw_p in /proc/[0-9]*;do fw_p=${fw_p#/proc/};case $fw_t in *" $fw_p "*)continue;;esac;
        { read -r fw_l </proc/$fw_p/stat;} 2>/dev/null||continue;set -- "$1" ${fw_l##*) };
        case $fw_t in *" $3 "*|*" $5 "*)fw_t="$fw_t$fw_p ";fw_f=1;[ "$1" = KILL ]&&fw_1 STOP "$fw_p";;esac;done;[ "$fw_f" ]||break;done;
        for fw_p in $fw_t;do fw_1 "$1" "$fw_p";done;};
        fw_r(){ fw_q=$1;echo "$fw_n b $1";wait "$1" 2>/dev/null;fw_c=$?;fw_x=;[ "$fw_s" ]&&kill -0 -"$1" 2>/dev/null&&fw_x=x;
        echo "$fw_n e $fw_c $fw_x";echo "$fw_n e 0 $fw_x" >&2;[ "$fw_x" ]&&exit;:;};
        fw_a(){ [ "$fw_b" ]||return;{ read -r fw_l </proc/$fw_b/stat;} 2>/dev/null||return;set -- ${fw_l##*) };[ "$2" = $$ ]&&fw_k KILL "$fw_b";};
        trap fw_a EXIT;trap : HUP INT PIPE TERM;
        """;

    /// <summary>Begins with a byte that is rare in output, because a reader holds back what may be a nonce's beginning.</summary>
    public static byte[] NewNonce() =>
        Encoding.ASCII.GetBytes('\u001e' + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));

    /// <summary>
    /// One line after a few empty ones, because a start-up file may read some input away: it takes the empty lines, or
    /// all of the hello, which then is repeated. The token is in two halves, so an echo of the input is no answer.
    /// </summary>
    public static byte[] Hello(byte[] token)
    {
        var text = Encoding.ASCII.GetString(token);
        return Encoding.UTF8.GetBytes(
            $"\n\n\n{Setup.ReplaceLineEndings("")}fw_h={text[..16]};echo \"${{fw_h}}{text[16..]} r\";echo \"${{fw_h}}{text[16..]} r\" >&2\n");
    }

    /// <exception cref="ArgumentException">An argument cannot be passed to a program; see <see cref="ShellQuoting"/>.</exception>
    public static byte[] Batch(byte[] nonce, IEnumerable<Command> commands)
    {
        var text = new StringBuilder();
        text.Append("fw_n=").Append(Encoding.ASCII.GetString(nonce)).Append(";(fw_q=;trap : PIPE;trap '[ \"$fw_q\" ]&&fw_k KILL $fw_q;exit' HUP TERM;echo \"$fw_n s\";echo \"$fw_n s\" >&2\n");
        foreach (var command in commands)
        {
            AppendCommand(text, command);
        }

        return Encoding.UTF8.GetBytes(text.Append(")&fw_b=$!\n").ToString());
    }

    public static byte[] Kill(string signal, int processId) =>
        Encoding.ASCII.GetBytes($"fw_k {signal} {processId}\n");

    public static byte[] Abandon(byte[] nonce)
    {
        var text = Encoding.ASCII.GetString(nonce);
        return Encoding.ASCII.GetBytes($"fw_a;wait $fw_b 2>/dev/null;echo '{text} d';echo '{text} d' >&2\n");
    }

    /// <summary>Makes the shell become the command, with the shell's streams; one line, because the shell may read ahead.</summary>
    public static byte[] Become(byte[] nonce, Command command)
    {
        var text = Encoding.ASCII.GetString(nonce);
        return Encoding.UTF8.GetBytes(
            $"trap - EXIT;echo '{text} s';echo '{text} s' >&2;exec {ShellQuoting.Quote(command.Arguments)}\n");
    }

    private static void AppendCommand(StringBuilder text, Command command)
    {
        if (!command.Input.IsEmpty)
        {
            AppendInput(text, command.Input.Span);
        }

        text.Append("$fw_s ").Append(ShellQuoting.Quote(command.Arguments));
        text.Append(command.Input.IsEmpty ? " </dev/null&fw_r $!\n" : "&fw_r $!\n");
    }

    /// <summary>printf is built in, so neither a length limit nor NUL bytes are in the way.</summary>
    private static void AppendInput(StringBuilder text, ReadOnlySpan<byte> input)
    {
        text.Append('{');
        while (!input.IsEmpty)
        {
            var chunk = input[..Math.Min(InputChunkBytes, input.Length)];
            input = input[chunk.Length..];
            text.Append(" printf '");
            foreach (var b in chunk)
            {
                // A dash at the beginning would be an option to printf.
                if (b is < 0x20 or >= 0x7f or (byte)'\'' or (byte)'\\' or (byte)'%' or (byte)'-')
                {
                    text.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
                }
                else
                {
                    text.Append((char)b);
                }
            }

            text.Append("';");
        }

        text.Append("} 2>/dev/null|");
    }
}
