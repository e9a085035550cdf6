namespace Fleetwright.Platform.Devices.Facts;

/// <summary>
/// One script for bash, dash and busybox ash that prints what a machine is and has. It only reads, starts nothing slow and
/// asks each tool at most 2 seconds.
/// </summary>
/// <remarks>
/// Its own framing: "= NAME" opens a section, "|TEXT" is one line of it, whatever the text is, and the last line is "= end".
/// As every line that a tool printed gets the bar in front, no tool can open a section.
/// Versions are asked of tools that answer within milliseconds: not of those in Perl and Python (qm, pct, borg, dnf), nor
/// of those that go to a daemon or a card first (docker version, nvidia-smi).
/// </remarks>
internal static class FactsScript
{
    public const string Text = """
        LC_ALL=C; LANG=C; export LC_ALL LANG
        unset OMP_NUM_THREADS OMP_THREAD_LIMIT
        PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"; export PATH
        exec 2>/dev/null </dev/null
        bar() { sed 's/^/|/'; echo; }
        say() { printf '= %s\n' "$1"; shift; "$@" | bar; }
        # Some busybox want "timeout -t SECONDS"; where there is none, tools are found and not asked.
        if timeout 1 true; then lim() { timeout 2 "$@"; }
        elif timeout -t 1 true; then lim() { timeout -t 2 "$@"; }
        else lim() { false; }; fi

        say clock date +%s.%N
        say uptime cat /proc/uptime
        say btime sed -n 's/^btime //p' /proc/stat
        say uname sh -c 'uname -n; uname -r; uname -m'
        if [ -r /etc/os-release ]; then say os cat /etc/os-release; else say os cat /usr/lib/os-release; fi
        say unraid cat /etc/unraid-version
        say debian head -n 1 /etc/debian_version
        say alpine head -n 1 /etc/alpine-release
        pve() { [ -d /etc/pve ] || command -v pveversion || return; echo yes; lim dpkg-query -W -f '${Version}\n' pve-manager; }
        say proxmox pve

        cpu() { sed -n '/^model name/{p;q;}' /proc/cpuinfo; sed -n '/^Hardware/{p;q;}' /proc/cpuinfo
            grep -q '^model name' /proc/cpuinfo || lim lscpu | grep '^Model name'; }
        say cpu cpu
        say nproc nproc
        say cpus grep -c '^processor' /proc/cpuinfo
        say cpuset sh -c 'cat /sys/fs/cgroup/cpuset.cpus.effective || cat /sys/fs/cgroup/cpuset/cpuset.cpus'
        quota() { cat /sys/fs/cgroup/cpu.max && return
            for d in cpu cpu,cpuacct; do
                [ -r /sys/fs/cgroup/$d/cpu.cfs_quota_us ] || continue
                echo "$(cat /sys/fs/cgroup/$d/cpu.cfs_quota_us) $(cat /sys/fs/cgroup/$d/cpu.cfs_period_us)"; return
            done; }
        say cpuquota quota
        say memory sed -n '/^MemTotal/p' /proc/meminfo
        say memorylimit sh -c 'cat /sys/fs/cgroup/memory.max || cat /sys/fs/cgroup/memory/memory.limit_in_bytes'

        virt() {
            echo "detected $(lim systemd-detect-virt | head -n 1)"
            echo "environ $(tr '\0' '\n' </proc/1/environ | sed -n 's/^container=//p' | head -n 1)"
            echo "systemd $(head -n 1 /run/systemd/container)"
            echo "manager $(head -n 1 /run/host/container-manager)"
            [ -e /.dockerenv ] && echo "file docker"
            [ -e /run/.containerenv ] && echo "file podman"
            grep -q ' /proc/[a-z]* .* - fuse.lxcfs ' /proc/self/mountinfo && echo "file lxc"
            [ -d /proc/vz ] && [ ! -d /proc/bc ] && echo "file openvz"
            echo "vendor $(head -n 1 /sys/class/dmi/id/sys_vendor)"
            echo "product $(head -n 1 /sys/class/dmi/id/product_name)"
            grep -q '^flags.* hypervisor' /proc/cpuinfo && echo "hypervisor yes"
        }
        say virt virt

        identity() {
            echo "machine-id $(head -n 1 /etc/machine-id)"
            echo "dbus $(head -n 1 /var/lib/dbus/machine-id)"
            echo "dmi $(head -n 1 /sys/class/dmi/id/product_uuid)"
            for f in /etc/ssh/ssh_host_ed25519_key.pub /etc/ssh/ssh_host_ecdsa_key.pub /etc/ssh/ssh_host_rsa_key.pub; do
                [ -r "$f" ] && echo "hostkey $(head -n 1 "$f")" && break
            done
            for d in /sys/class/net/*; do
                [ -e "$d/device" ] && echo "mac $(head -n 1 "$d/address")"
            done
        }
        say identity identity

        say user sh -c 'id -u; id -un; id -Gn'
        sockets() {
            u=$(id -u)
            case "${DOCKER_HOST:-}" in unix://*) h=${DOCKER_HOST#unix://} ;; *) h= ;; esac
            for s in "$h" /var/run/docker.sock /run/docker.sock "${XDG_RUNTIME_DIR:-/run/user/$u}/docker.sock" /run/podman/podman.sock \
                "${XDG_RUNTIME_DIR:-/run/user/$u}/podman/podman.sock"; do
                [ -n "$s" ] && [ -S "$s" ] || continue
                if [ -r "$s" ] && [ -w "$s" ]; then echo "open $s"; else echo "closed $s"; fi
            done
        }
        say sockets sockets
        tools() {
            for t in docker podman containerd dockerd kubectl k3s virsh qm pct pvesh pvesm pveversion vzdump pvecm ceph lxc-info \
                zpool zfs smartctl nvme mdadm btrfs lvs hdparm sensors ipmitool nvidia-smi lsblk systemctl journalctl rc-service \
                logread dmesg apt-get apt dnf yum apk pacman zypper snap flatpak needrestart restic borg borgmatic rclone rsync \
                tailscale wg ip ss nft iptables ufw fail2ban-client timedatectl chronyc upsc apcaccess mdcmd plugin mover \
                sudo ps ionice curl systemd-detect-virt; do
                # An applet of a busybox shell is there by its name alone.
                p=$(command -v $t) && case $p in /*|$t) echo "$t $p" ;; esac
            done
        }
        say tools tools
        say clockend date +%s.%N
        # What runs something that could hang comes last, and is given up altogether after eight seconds.
        began=$(date +%s)
        priv() {
            [ "$(id -u)" = 0 ] && return
            command -v sudo >/dev/null || return
            if lim sudo -n true >/dev/null; then echo all; else lim sudo -n -l; fi
        }
        say sudo priv
        ask() { command -v "$1" >/dev/null && [ $(($(date +%s) - began)) -lt 8 ] || return; echo "= version $1"; lim "$@" 2>&1 | head -n 5 | bar; }
        for t in docker podman containerd virsh smartctl mdadm systemctl journalctl apt-get apk rsync lsblk sensors btrfs wg; do ask $t --version; done
        for t in restic rclone nvme tailscale zpool; do ask $t version; done
        for t in ip hdparm ipmitool; do ask $t -V; done
        printf '= end\n'
        """;
}
