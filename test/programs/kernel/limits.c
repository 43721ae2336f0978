/* What is bad or too much: descriptors, processes, memory and stack that run out, directories thousands of levels deep, links in circles, lengths of 2^63, wild pointers. */
#include "cases.h"
#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/xattr.h>

#define FILES 24

/* All descriptors but `left` are taken. */
static void take_descriptors(int left) {
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ FILES, FILES });
	for (int fd = 3; fd < FILES; fd++) dup2(0, fd);
	for (int i = 0; i < left; i++) close(FILES - 1 - i);
}

CASE(descriptors_run_out) {
	sigset_t none;
	int ends[2];
	sigemptyset(&none);
	take_descriptors(0);
	TRY(open("/dev/null", O_RDONLY));
	TRY(open("new", O_CREAT | O_WRONLY, 0644));
	IS(access("new", F_OK) == 0);
	TRY(dup(0));
	TRY(fcntl(0, F_DUPFD, 0));
	TRY(fcntl(0, F_DUPFD, FILES));
	TRY(dup2(0, FILES));
	TRY(dup3(0, FILES, O_CLOEXEC));
	TRY(dup2(0, FILES - 1));
	TRY(pipe(ends));
	TRY(socket(AF_UNIX, SOCK_STREAM, 0));
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	TRY(epoll_create1(0));
	TRY(eventfd(0, 0));
	TRY(timerfd_create(CLOCK_MONOTONIC, 0));
	TRY(signalfd(-1, &none, 0));
	TRY(inotify_init1(0));
	TRY(syscall(SYS_memfd_create, "m", 0));
	TRY(syscall(SYS_pidfd_open, getpid(), 0));
	TRY(syscall(SYS_openat2, AT_FDCWD, "/", (long[]){ O_PATH, 0, 0 }, 24));
}

CASE(one_descriptor_is_not_two) {
	int ends[2] = { -5, -5 };
	take_descriptors(1);
	TRY(pipe(ends));
	say("%d %d", ends[0], ends[1]);
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	TRY(open("/dev/null", O_RDONLY));
}

CASE(no_descriptor_for_a_connection) {
	struct sockaddr_un name = { AF_UNIX, "s" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(listener, (void *)&name, sizeof name);
	listen(listener, 5);
	TRY(connect(client, (void *)&name, sizeof name));
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ FILES, FILES });
	for (int fd = 5; fd < FILES; fd++) dup2(0, fd);
	TRY(accept(listener, NULL, NULL));
	close(FILES - 1);
	TRY(accept(listener, NULL, NULL));
}

CASE(descriptors_that_find_no_place_are_lost) {
	int pair[2], sent[3] = { 0, 1, 2 };
	char byte = 'x', room[CMSG_SPACE(sizeof sent)] = { 0 };
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	struct iovec vector = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };
	struct cmsghdr *control = CMSG_FIRSTHDR(&message);
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof sent);
	memcpy(CMSG_DATA(control), sent, sizeof sent);
	TRY(sendmsg(pair[0], &message, 0));
	TRY(sendmsg(pair[0], &message, 0));
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ FILES, FILES });
	for (int fd = 5; fd < FILES - 1; fd++) dup2(0, fd);
	TRY(recvmsg(pair[1], &message, 0));
	say("%d %d %d", (message.msg_flags & MSG_CTRUNC) != 0, (int)message.msg_controllen, (int)control->cmsg_len);
	message.msg_controllen = sizeof room;
	TRY(recvmsg(pair[1], &message, 0));
	say("%d %d", (message.msg_flags & MSG_CTRUNC) != 0, (int)message.msg_controllen);
}

#define DEPTH 2200

CASE(directories_thousands_of_levels_deep) {
	static char path[3 * DEPTH + 2], buffer[8192];
	for (int i = 0; i < DEPTH; i++) if (mkdir("dd", 0755) || chdir("dd")) say("level %d: %s", i, error_name(errno));
	TRY(syscall(SYS_getcwd, buffer, 4096));
	TRY(syscall(SYS_getcwd, buffer, sizeof buffer));
	TRY(readlink("/proc/self/cwd", buffer, sizeof buffer));
	TRY(open("file", O_CREAT | O_WRONLY, 0644));
	TRY(access("../dd/file", F_OK));
	TRY(unlink("file"));
	for (int i = 0; i < DEPTH; i++) memcpy(path + 3 * i, "../", 3);
	TRY(chdir(path));
	for (int i = 0; i < DEPTH; i++) if (chdir("..") || rmdir("dd")) say("level %d: %s", i, error_name(errno));
	TRY(access("dd", F_OK));
	for (int i = 0; i < DEPTH; i++) memcpy(path + 3 * i, "dd/", 3);
	TRY(mkdir(path, 0755));
	path[4095] = 0;
	TRY(mkdir(path, 0755));
	path[4096] = 'x';
	TRY(access(path, F_OK));
}

CASE(links_in_circles) {
	char name[16], target[16];
	struct stat status;
	symlink("self", "self");
	symlink("b", "a");
	symlink("a", "b");
	close(open("end", O_CREAT | O_WRONLY, 0644));
	symlink("end", "l0");
	for (int i = 1; i < 42; i++) {
		snprintf(name, sizeof name, "l%d", i);
		snprintf(target, sizeof target, "l%d", i - 1);
		symlink(target, name);
	}
	TRY(open("self", O_RDONLY));
	TRY(open("self/x", O_RDONLY));
	TRY(open("self", O_CREAT | O_WRONLY, 0644));
	TRY(open("self", O_RDONLY | O_NOFOLLOW));
	TRY(open("self", O_PATH | O_NOFOLLOW));
	TRY(stat("a", &status));
	TRY(lstat("a", &status));
	TRY(access("l39", F_OK));
	TRY(access("l40", F_OK));
	TRY(chdir("self"));
	TRY(truncate("self", 0));
	TRY(rename("self/x", "y"));
	TRY(link("self", "second"));
	TRY(linkat(AT_FDCWD, "self", AT_FDCWD, "third", AT_SYMLINK_FOLLOW));
	TRY(unlink("self/x"));
	TRY(mkdir("self/x", 0755));
	TRY(chmod("self", 0644));
	TRY(execl("self", "self", NULL));
	TRY(unlink("self"));
}

CASE(a_fork_bomb) {
	pthread_t thread;
	setrlimit(RLIMIT_NPROC, &(struct rlimit){ 1, 1 });
	TRY(fork());
	TRY(vfork());
	TRY(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	IS(pthread_create(&thread, NULL, (void *)abort, NULL) == EAGAIN);
}

CASE(address_space_runs_out) {
	setrlimit(RLIMIT_AS, &(struct rlimit){ 64 << 20, 64 << 20 });
	GIVES(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	TRY(mmap(NULL, 128 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	TRY(mmap(NULL, 128 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
	IS(malloc(100 << 20) == NULL);
	void *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TRY(mremap(page, PAGE, 100 << 20, MREMAP_MAYMOVE));
	setrlimit(RLIMIT_DATA, &(struct rlimit){ 0, 0 });
	TRY(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	void *end = sbrk(0);
	IS(syscall(SYS_brk, (char *)end + PAGE) == (long)end);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 10, 10 });
	signal(SIGXFSZ, SIG_IGN);
	int file = open("file", O_CREAT | O_RDWR, 0644);
	TRY(write(file, "twelve bytes", 12));
	TRY(write(file, "more", 4));
	TRY(ftruncate(file, 100));
	TRY(posix_fallocate(file, 0, 100));
}

static volatile sig_atomic_t caught;
static void *volatile deepest;

__attribute__((noinline)) static long deeper(long n) {
	volatile char room[4096];
	room[0] = n;
	deepest = (void *)room;
	return n > 1 << 24 ? 0 : deeper(n + 1) + room[0];
}

static void on_segv(int signo) { caught = signo; _exit(7); }
static void on_usr1(int signo) { caught++; if (caught < 3) raise(SIGUSR1); }
static void overflowing(int signo) { (void)signo; deeper(0); }

CASE(a_stack_runs_over) {
	setrlimit(RLIMIT_STACK, &(struct rlimit){ 1 << 20, 1 << 20 });
	IN_CHILD("without a handler", deeper(0));
	IN_CHILD("a handler on the same stack", signal(SIGSEGV, on_segv); deeper(0));
	IN_CHILD("a handler on a stack of its own",
		static char room[16384];
		sigaltstack(&(stack_t){ room, 0, sizeof room }, NULL);
		sigaction(SIGSEGV, &(struct sigaction){ .sa_handler = on_segv, .sa_flags = SA_ONSTACK }, NULL);
		deeper(0));
}

CASE(signals_in_handlers_on_a_full_stack) {
	setrlimit(RLIMIT_STACK, &(struct rlimit){ 1 << 20, 1 << 20 });
	IN_CHILD("a handler whose own stack runs over",
		char *room = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		mprotect(room, PAGE, PROT_NONE);
		sigaltstack(&(stack_t){ room + PAGE, 0, 4 * PAGE }, NULL);
		sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = overflowing, .sa_flags = SA_ONSTACK }, NULL);
		raise(SIGUSR1));
	IN_CHILD("a stack that is not there",
		sigaltstack(&(stack_t){ (void *)0x10000000, 0, 4 * PAGE }, NULL);
		sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_usr1, .sa_flags = SA_ONSTACK }, NULL);
		raise(SIGUSR1));
	IN_CHILD("three handlers in each other",
		sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_usr1, .sa_flags = SA_NODEFER }, NULL);
		raise(SIGUSR1);
		_exit(caught));
	IN_CHILD("a blocked fault", sigset_t all; sigfillset(&all); signal(SIGSEGV, on_segv); sigprocmask(SIG_BLOCK, &all, NULL); *(volatile int *)8 = 0);
	IN_CHILD("an ignored fault", signal(SIGSEGV, SIG_IGN); *(volatile int *)8 = 0);
}

CASE(lengths_of_two_to_the_63) {
	static const unsigned long lengths[] = { 1UL << 63, LONG_MAX, -1UL, -4096UL };
	char buffer[16];
	int file = open("file", O_CREAT | O_RDWR, 0644), ends[2], pair[2];
	pipe(ends);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	for (int i = 0; i < 4; i++) {
		unsigned long n = lengths[i];
		TRY(read(file, buffer, n));
		TRY(write(file, buffer, n));
		TRY(pread(file, buffer, n, 0));
		TRY(pwrite(file, buffer, n, 0));
		TRY(readv(file, &(struct iovec){ buffer, n }, 1));
		TRY(writev(file, &(struct iovec){ buffer, n }, 1));
		TRY(write(ends[1], buffer, n));
		TRY(sendto(pair[0], buffer, n, MSG_DONTWAIT, NULL, 0));
		TRY(recvfrom(pair[1], buffer, n, MSG_DONTWAIT, NULL, NULL));
		TRY(sendfile(ends[1], file, NULL, n));
		TRY(splice(file, NULL, ends[1], NULL, n, SPLICE_F_NONBLOCK));
		TRY(syscall(SYS_copy_file_range, file, NULL, file, NULL, n, 0));
		TRY(syscall(SYS_getcwd, NULL, n));
		TRY(readlink("/proc/self/exe", NULL, n));
		TRY(syscall(SYS_getrandom, BAD_POINTER, n, 0));
		TRY(getxattr("file", "user.a", NULL, n));
		TRY(setxattr("file", "user.a", NULL, n, 0));
		TRY(listxattr("file", NULL, n));
		TRY(munmap((void *)0x10000000, n));
		TRY(mprotect((void *)0x10000000, n, PROT_READ));
		TRY(mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		TRY(msync((void *)0x10000000, n, MS_SYNC));
		TRY(ftruncate(file, n));
		TRY(fallocate(file, 0, 0, n));
		TRY(lseek(file, n, SEEK_SET));
		TRY(posix_fadvise(file, 0, n, 0));
		TRY(syscall(SYS_poll, NULL, n, 0));
		TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, n));
		TRY(syscall(SYS_sched_setaffinity, 0, n, NULL));
		TRY(syscall(SYS_prlimit64, 0, n, NULL, NULL));
		TRY(getgroups(n, NULL));
		TRY(syscall(SYS_msgsnd, -1, buffer, n, 0));
		TRY(syscall(SYS_shmget, IPC_PRIVATE, n, 0));
		TRY(syscall(SYS_semop, -1, buffer, n));
		TRY(syscall(SYS_process_vm_readv, getpid(), NULL, n, NULL, n, 0));
	}
}

/* Calls that end the program, sleep, start others, or take away what is under it. */
static int is_drastic(int nr) {
	static const short drastic[] = { SYS_exit, SYS_exit_group, SYS_fork, SYS_vfork, SYS_clone, SYS_pause, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_munmap, SYS_mremap, SYS_mmap, SYS_brk, SYS_arch_prctl, SYS_close, SYS_dup2, SYS_dup3,
		SYS_shmat, SYS_execve, SYS_select, SYS_pselect6, SYS_setrlimit, SYS_prlimit64, SYS_vhangup, SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_ptrace, SYS_syslog, SYS_sync, SYS_prctl, SYS_personality,
		SYS_setsid, SYS_setpgid, SYS_times, SYS_time, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getpgrp, SYS_getpgid, SYS_getsid, SYS_umask, SYS_restart_syscall, SYS_set_tid_address, SYS_inotify_init, SYS_uselib, SYS__sysctl,
		SYS_modify_ldt, SYS_ustat, SYS_lookup_dcookie, SYS_nfsservctl, SYS_io_setup, SYS_io_destroy, SYS_io_getevents, SYS_io_submit, SYS_io_cancel, SYS_set_mempolicy, SYS_get_mempolicy, SYS_mbind, SYS_migrate_pages, SYS_move_pages,
		SYS_add_key, SYS_request_key, SYS_keyctl, SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_quotactl, SYS_acct, SYS_perf_event_open, SYS_bpf, SYS_userfaultfd, SYS_finit_module, SYS_init_module, SYS_delete_module,
		SYS_kexec_load, SYS_kexec_file_load, SYS_unshare, SYS_fanotify_init, SYS_fanotify_mark, SYS_rseq, SYS_sysinfo, SYS_getcpu, SYS_sched_yield, SYS_gettimeofday, SYS_settimeofday, SYS_mlockall, SYS_munlockall, SYS_setfsuid,
		SYS_setfsgid, SYS_seccomp, SYS_pkey_alloc, SYS_pkey_free, SYS_pkey_mprotect, SYS_mprotect, SYS_alarm, SYS_epoll_create1, SYS_timerfd_create, SYS_eventfd, SYS_eventfd2, SYS_epoll_create, SYS_dup, SYS_swapon, SYS_swapoff,
		SYS_iopl, SYS_ioperm, SYS_reboot, SYS_chroot, SYS_pivot_root, SYS_setns, SYS_futex, SYS_sysfs, SYS_shmdt, SYS_mlock, SYS_munlock, SYS_mlock2, SYS_madvise, SYS_msync, SYS_mincore, SYS_remap_file_pages, SYS_set_robust_list, SYS_shmget, SYS_shmctl,
		SYS_semget, SYS_semctl, SYS_msgget, SYS_msgctl, SYS_splice,
		SYS_socket, SYS_socketpair, SYS_fcntl, SYS_mount, SYS_membarrier, SYS_sched_setaffinity, SYS_sethostname, SYS_setdomainname };
	for (int i = 0; i < (int)(sizeof drastic / sizeof *drastic); i++) if (drastic[i] == nr) return 1;
	return nr == 134 || nr == 156 || nr >= 174 && nr <= 185 && nr != SYS_gettid || nr >= 205 && nr <= 215 || nr == 236 || nr == 333;
}

/* Every call of the first 335 with a wild pointer everywhere: what it looks at first is what it refuses. */
static void wild(unsigned long pointer) {
	for (int nr = 0; nr < 335; nr++) {
		if (is_drastic(nr)) continue;
		errno = 0;
		long result = syscall(nr, pointer, pointer, pointer, pointer, pointer, pointer);
		say("%d: %s", nr, result == -1 ? error_name(errno) : "done");
	}
}

CASE(kernel_pointers_everywhere) { wild(0xffff888000000000); }
CASE(pointers_beyond_user_memory_everywhere) { wild(0x7ffffffffffe); }
