namespace Fleetwright.Features.Logs;

/// <summary>
/// What follows a device's system log: journald where it keeps a journal, else a syslog file, else the buffer of busybox
/// syslogd. The first line says which: "journal", "file PATH", "logread", "denied PATH" or "none".
/// </summary>
internal static class SystemLogScript
{
    /// <summary>$1 lines of the past; $2 unit, or empty; $3 and $4 yes when sudo runs journalctl, or anything.</summary>
    public const string Text =
        """
        run() { if [ "$sudo" = yes ]; then exec sudo -n "$@"; else exec "$@"; fi; }
        journals() { for d in /run/log/journal/*/ /var/log/journal/*/; do [ -d "$d" ] && return 0; done; return 1; }
        if command -v journalctl >/dev/null 2>&1 && journals; then
          echo journal
          sudo=$3
          if [ -n "$2" ]; then run journalctl -f -q -o json --no-pager -n "$1" -u "$2"; fi
          run journalctl -f -q -o json --no-pager -n "$1"
        fi
        sudo=$4
        for f in /var/log/syslog /var/log/messages; do
          if [ -e "$f" ]; then
            if [ "$sudo" != yes ] && [ ! -r "$f" ]; then echo "denied $f"; exit 0; fi
            echo "file $f"
            run tail -n "$1" -F "$f"
          fi
        done
        if command -v logread >/dev/null 2>&1 && logread >/dev/null 2>&1; then
          echo logread
          if [ "$1" -gt 0 ]; then logread | tail -n "$1"; fi
          exec logread -f
        fi
        echo none
        """;
}
