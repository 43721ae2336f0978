// /sys, and what /proc tells beside maps and status. Texts are compared where every computer has the same: the loopback, the first processor, what a process may set.
#include "cases.h"
#include <sys/ioctl.h>

static void show(const char *path) {
	char text[512];
	int fd = open(path, O_RDONLY);
	long n = fd < 0 ? -1 : read(fd, text, 511);
	if (n < 0) { say("%s: %s", path, error_name(errno)); return; }
	for (int i = 0; i < n; i++) if (text[i] < 32) text[i] = '.';
	text[n] = 0;
	say("%s: %s", path, text);
	close(fd);
}

static void mode_of(const char *path) {
	struct stat st;
	if (lstat(path, &st)) { say("%s: %s", path, error_name(errno)); return; }
	say("%s: %o, %ld bytes", path, st.st_mode, (long)st.st_size);
}

CASE(sysfs_loopback) {
	const char *names[] = { "address", "addr_len", "broadcast", "carrier", "dev_id", "dormant", "duplex", "flags", "ifalias", "ifindex", "iflink", "link_mode", "mtu", "operstate", "speed", "tx_queue_len", "type", "uevent", "netdev_group", "addr_assign_type", "none" };
	for (int i = 0; i < 21; i++) { char path[64]; snprintf(path, 64, "/sys/class/net/lo/%s", names[i]); show(path); }
	mode_of("/sys/class/net/lo/mtu");
	mode_of("/sys/class/net/lo/address");
	mode_of("/sys/class/net/lo/statistics/rx_bytes");
}

CASE(sysfs_links_and_folders) {
	char to[128];
	long n = TRY(readlink("/sys/class/net/lo", to, 127));
	to[n] = 0;
	say("%s", to);
	n = readlink("/sys/devices/virtual/net/lo/subsystem", to, 127);
	to[n] = 0;
	say("%s", to);
	TRY(access("/sys/class/net/none", F_OK));
	TRY(access("/sys/class/net/lo/../lo/address", R_OK));
	TRY(open("/sys/class/net/lo/address/x", O_RDONLY));
	TRY(open("/sys/class/net", O_RDONLY | O_DIRECTORY) >= 0);
	TRY(open("/sys/class/net/lo/mtu", O_RDONLY | O_DIRECTORY));
}

CASE(sysfs_reads_go_on_where_they_were) {
	char byte[4];
	int fd = TRY(open("/sys/class/net/lo/mtu", O_RDONLY));
	TRY(read(fd, byte, 2));
	TRY(read(fd, byte, 4));
	TRY(read(fd, byte, 4));
	TRY(lseek(fd, 1, SEEK_SET));
	TRY(read(fd, byte, 3));
	TRY(pread(fd, byte, 4, 3));
	TRY(pread(fd, byte, 4, 100));
	TRY(lseek(fd, 0, SEEK_CUR));
}

CASE(sysfs_processors) {
	show("/sys/devices/system/cpu/offline");
	show("/sys/devices/system/cpu/cpu0/topology/core_id");
	show("/sys/devices/system/cpu/cpu0/topology/physical_package_id");
	show("/sys/devices/system/cpu/cpu0/cache/index0/coherency_line_size");
	show("/sys/devices/system/cpu/cpu0/cache/index0/type");
	show("/sys/devices/system/node/online");
	show("/sys/devices/system/node/node0/distance");
	show("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
}

CASE(proc_namespaces) {
	const char *names[] = { "cgroup", "ipc", "pid", "pid_for_children", "time", "time_for_children", "user", "uts" };
	for (int i = 0; i < 8; i++) {
		char path[64], to[64];
		snprintf(path, 64, "/proc/self/ns/%s", names[i]);
		long n = readlink(path, to, 63);
		to[n < 0 ? 0 : n] = 0;
		say("%s %.*s", names[i], (int)strcspn(to, "["), to);
		struct stat st;
		TRY(stat(path, &st));
		say("%o, the number of the link: %d", st.st_mode, strtoul(strchr(to, '[') + 1, NULL, 10) == st.st_ino);
	}
	TRY(access("/proc/self/ns/none", F_OK));
	int fd = TRY(open("/proc/self/ns/uts", O_RDONLY));
	char byte;
	TRY(read(fd, &byte, 1));
	TRY(ioctl(fd, 0xb703) == CLONE_NEWUTS);
	TRY(ioctl(fd, 0xb701));
	TRY(ioctl(fd, 0xb7ff));
	TRY(setns(fd, 0));
	TRY(setns(fd, CLONE_NEWUTS));
	TRY(setns(fd, CLONE_NEWNET));
	TRY(setns(0, 0));
	TRY(setns(-1, 0));
}

CASE(proc_identity_maps) {
	show("/proc/self/uid_map");
	show("/proc/self/gid_map");
	show("/proc/self/setgroups");
	show("/proc/self/loginuid");
	show("/proc/self/timerslack_ns");
	mode_of("/proc/self/uid_map");
	mode_of("/proc/self/io");
	mode_of("/proc/self/syscall");
	mode_of("/proc/self/ns");
	mode_of("/proc/self/net");
	mode_of("/proc/net");
	mode_of("/proc/self/mountstats");
	mode_of("/proc/self/smaps_rollup");
	mode_of("/proc/self/oom_adj");
}

CASE(proc_oom_score_adj) {
	show("/proc/self/oom_score_adj");
	show("/proc/self/oom_adj");
	int fd = TRY(open("/proc/self/oom_score_adj", O_RDWR));
	TRY(write(fd, "500\n", 4));
	show("/proc/self/oom_score_adj");
	show("/proc/self/oom_adj");
	TRY(write(fd, "1000", 4));
	show("/proc/self/oom_adj");
	TRY(write(fd, "2000", 4));
	TRY(write(fd, "-2000", 5));
	TRY(write(fd, "-1", 2));
	TRY(write(fd, "x", 1));
	TRY(write(fd, "", 0));
	TRY(write(fd, "10 x", 4));
	TRY(write(fd, " 20 ", 4));
	show("/proc/self/oom_score_adj");
	IN_CHILD("child", show("/proc/self/oom_score_adj"));
	TRY(write(fd, "0", 1));
	show("/proc/self/oom_score_adj");
}

CASE(proc_sys_entries) {
	const char *names[] = { "kernel/ostype", "kernel/cap_last_cap", "kernel/ngroups_max", "kernel/msgmax", "kernel/msgmnb", "kernel/sem", "kernel/shmmni", "kernel/domainname", "kernel/overflowuid", "fs/nr_open", "fs/pipe-max-size", "fs/mqueue/msg_max", "fs/lease-break-time", "net/core/somaxconn", "net/ipv4/ip_local_port_range", "net/ipv4/tcp_fin_timeout", "net/ipv4/ip_default_ttl", "net/unix/max_dgram_qlen", "vm/overcommit_memory", "vm/swappiness", "vm/overcommit_ratio", "vm/none" };
	for (int i = 0; i < 22; i++) { char path[64]; snprintf(path, 64, "/proc/sys/%s", names[i]); show(path); mode_of(path); }
	TRY(open("/proc/sys/vm/swappiness", O_WRONLY));
	TRY(open("/proc/sys/vm", O_RDONLY | O_DIRECTORY) >= 0);
}

/* The lines of /proc/locks that are this process's, without their number and the file's place. */
static void own_locks(void) {
	char text[65536];
	int fd = dup2(open("/proc/locks", O_RDONLY), UNCOMPARED);
	long length = 0, n;
	while ((n = read(fd, text + length, sizeof text - 1 - length)) > 0) length += n;
	text[length] = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char kind[16], how[16], what[16], place[64], start[32], end[32];
		int pid;
		if (sscanf(line, "%*d: %15s %15s %15s %d %63s %31s %31s", kind, how, what, &pid, place, start, end) == 7 && pid == getpid()) say("%s %s %s %s %s", kind, how, what, start, end);
	}
}

CASE(proc_locks) {
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	own_locks();
	fcntl(fd, F_SETLK, &(struct flock){ F_WRLCK, SEEK_SET, 10, 5 });
	own_locks();
	fcntl(fd, F_SETLK, &(struct flock){ F_RDLCK, SEEK_SET, 12, 0 });
	own_locks();
	fcntl(fd, F_SETLK, &(struct flock){ F_UNLCK, SEEK_SET, 0, 0 });
	own_locks();
}
