namespace Fleetwright.Features.Systems;

/// <summary>
/// What a device is asked: three programs are started, whatever the machine (one grep over all files, one grep over the
/// mounts, one stat over the file systems), and one more pair for each remote or user-space mount.
/// </summary>
internal static class SystemScript
{
    /// <summary>
    /// 1. What the shell itself can tell. 2. Every file through one grep, which puts the path before each line; lines that
    /// are long or many and never read are left out there. 3. The file systems last, because they alone can hang: local
    /// ones, then remote and user-space ones side by side, each with a limit of its own. Disks' own sensors (drivetemp) are not read:
    /// that would keep a disk from sleeping.
    /// </summary>
    public const string Text = """
        LC_ALL=C
        export LC_ALL
        set -- /proc/[0-9]*
        printf '!processes:%s\n' $#
        for b in /sys/block/*; do printf '!block:%s\n' "${b##*/}"; done
        if [ -e /.dockerenv ]; then printf '!container:docker\n'; fi
        if [ -e /run/.containerenv ]; then printf '!container:podman\n'; fi
        set -- /proc/stat /proc/uptime /proc/diskstats /proc/net/dev /proc/loadavg /proc/meminfo /proc/vmstat \
          /proc/pressure/cpu /proc/pressure/memory /proc/pressure/io /proc/spl/kstat/zfs/arcstats /run/systemd/container \
          /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory.stat \
          /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu.stat \
          /sys/fs/cgroup/cpu.pressure /sys/fs/cgroup/memory.pressure /sys/fs/cgroup/io.pressure \
          /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory/memory.usage_in_bytes \
          /sys/fs/cgroup/memory/memory.stat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us \
          /sys/fs/cgroup/cpuacct/cpuacct.usage /sys/class/net/[!v]*/operstate /sys/class/net/vmbr*/operstate
        for h in /sys/class/hwmon/hwmon*; do
          n=
          { read -r n <"$h/name"; } 2>/dev/null
          case $n in
            drivetemp) ;;
            '') set -- "$@" "$h"/device/name "$h"/device/temp[0-9]*_input "$h"/device/temp[0-9]*_label "$h"/device/temp[0-9]*_crit ;;
            *) set -- "$@" "$h"/name "$h"/temp[0-9]*_input "$h"/temp[0-9]*_label "$h"/temp[0-9]*_crit ;;
          esac
        done
        grep -sHvE '^(intr|softirq) |^(nr_[a-su-z]|numa|workingset|thp|compact|kswapd|htlb|unevictable|balloon|swap_|direct|zone|drop|allocstall|pg[a-ln-z]|pgmig|slabs_|page_|kmem|ksm|cow_|zsw|vma_|hugetlb|kstack|percpu|sec_|sock|total_pg|total_rss|total_work)[^ ]* [0-9]|^[abd-rt-z][a-z0-9_]* +4 +[0-9]' \
          "$@" /sys/class/thermal/thermal_zone*/type /sys/class/thermal/thermal_zone*/temp
        printf '!files:1\n'
        m=$(grep -svE '^[^ ]+ ([^ ]+ (proc|sysfs|devtmpfs|devpts|cgroup2?|mqueue|hugetlbfs|debugfs|tracefs|securityfs|pstore|bpf|configfs|fusectl|binfmt_misc|autofs|rpc_pipefs|nfsd|nsfs|efivarfs|selinuxfs|squashfs|erofs|cramfs|iso9660|udf|fuse\.(gvfsd-fuse|portal|snapfuse))|/(sys|dev|run|snap)(/[^ ]*)? [^ ]+|/(var/lib/docker/(overlay2|zfs|btrfs|containers|image|rootfs|plugins|netns)|var/lib/(containers|kubelet|lxd)|var/snap)/[^ ]+ [^ ]+|/etc/(hostname|resolv\.conf) [^ ]+|/[^ ]+ (overlay|aufs|tmpfs|ramfs)) ' /proc/mounts)
        IFS='
        '
        set -f
        set --
        seen=' '
        far=
        for l in $m; do
          s=${l%% *}; r=${l#* }; p=${r%% *}; r=${r#* }; t=${r%% *}
          if [ "$p" = /etc/hosts ]; then printf '!container:hosts\n'; continue; fi
          case $t in
            fuse.lxcfs) printf '!lxcfs:%s\n' "$p"; continue ;;
            fuse*) ;;
            *) case $seen in *" $s "*) continue ;; esac; seen="$seen$s " ;;
          esac
          printf '!mount:%s\n' "$l"
          case $p in *\\012* | *\\134*) ;; *\\*) p=$(printf %b "$p") ;; esac
          case $t in
            nfs* | cifs | smb* | ceph | afs | 9p | glusterfs | fuse*) far="$far$p$IFS" ;;
            *) if [ $# -lt 64 ]; then set -- "$@" "$p"; fi ;;
          esac
        done
        if [ $# -gt 0 ]; then
          if command -v stat >/dev/null; then
            stat -f -c '!fs:%S %b %f %a %c %d %n' -- "$@" 2>&1
          else
            printf '!df:1\n'
            df -Pk -- "$@" 2>&1
          fi
        fi
        for p in $far; do
          if command -v timeout >/dev/null && command -v stat >/dev/null; then
            timeout -s KILL 2 stat -f -c '!fs:%S %b %f %a %c %d %n' -- "$p" 2>/dev/null &
          else
            printf '!unasked:%s\n' "$p"
          fi
        done
        wait
        printf '!end:1\n'
        """;
}
