#! needs: grep awk
## /proc/self/status has Linux's lines in Linux's order
cut -d: -f1 /proc/self/status | grep -v 'Speculation\|Seccomp_filters\|x86_Thread'
## /proc/self/stat and statm have Linux's fields
awk '{print NF}' /proc/self/stat /proc/self/statm
## /proc/self/smaps has Linux's lines
head -25 /proc/self/smaps | tail -24 | cut -d: -f1 | grep -v 'ProtectionKey\|VmFlags' | sort | uniq -c; grep -c Rss /proc/self/smaps >/dev/null; awk '/^Rss/ {rss += $2} /^Pss:/ {pss += $2} END {print rss > 0, pss <= rss}' /proc/self/smaps
## /proc/self/limits is laid out as Linux does
(ulimit -Sn 100; head -1 /proc/self/limits; grep 'open files' /proc/self/limits | cut -c1-46)
## /proc/self/fdinfo tells position and flags
exec 5</etc/passwd; read -n 3 x <&5; head -2 /proc/self/fdinfo/5 | grep flags; exec 6>>f; grep flags /proc/self/fdinfo/6; cut -d: -f1 /proc/self/fdinfo/6
## mounts and mountinfo name /proc, /dev and /dev/shm
for m in /proc /dev /dev/pts /dev/shm; do awk -v m=$m '$2 == m {print $2, $3}' /proc/mounts | tail -1 | sed 's/ devtmpfs\| tmpfs/ tmpfs/'; awk -v m=$m '$5 == m {print $5, NF > 8}' /proc/self/mountinfo | tail -1; done
## cmdline, environ, comm, cwd of another process
sleep 100 & p=$!; sleep 0.1; tr '\0' ' ' </proc/$p/cmdline; echo; cat /proc/$p/comm; [ $(readlink /proc/$p/cwd) = $PWD ] && echo same; tr '\0' '\n' </proc/$p/environ | grep ^TZ; grep State /proc/$p/status; kill $p; wait $p 2>/dev/null; ls /proc/$p 2>&1 | sed s/$p/PID/
## meminfo, uptime, loadavg, version, cpuinfo, stat
grep -c '^MemTotal: .* kB$' /proc/meminfo; awk '{print NF}' /proc/uptime /proc/loadavg; grep -o '^Linux version' /proc/version; grep -c ^processor /proc/cpuinfo | awk '{print $1 > 0}'; grep -c ^btime /proc/stat; grep -c proc /proc/filesystems; [ "$(cat /proc/sys/kernel/random/uuid)" != "$(cat /proc/sys/kernel/random/uuid)" ] && echo random; [ "$(cat /proc/sys/kernel/random/boot_id)" = "$(cat /proc/sys/kernel/random/boot_id)" ] && echo stable
