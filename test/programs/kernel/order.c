/* What a call says where more than one thing is wrong: Linux's order of checks. */
#include "cases.h"
#include <linux/capability.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/xattr.h>

static char *pages;
static int file, directory, path_only, ends[2], stream[2];

/* A file of 100 bytes, a directory, both ends of a pipe, a pair of sockets, and two pages that can be written before one that can be read and one that cannot. */
static void setup(void) {
	char text[100];
	memset(text, 'x', sizeof text);
	file = open("file", O_RDWR | O_CREAT, 0644);
	write(file, text, sizeof text);
	directory = open(".", O_RDONLY | O_DIRECTORY);
	path_only = open(".", O_PATH);
	pipe2(ends, O_NONBLOCK);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, stream);
	pages = mmap((void *)0x20000000, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mprotect(pages + 2 * PAGE, PAGE, PROT_READ);
	mprotect(pages + 3 * PAGE, PAGE, PROT_NONE);
}

CASE(what_has_no_place_can_be_sought_in_all_the_same) {
	sigset_t set;
	sigemptyset(&set);
	TRY(lseek(eventfd(0, 0), 5, SEEK_END));
	TRY(lseek(signalfd(-1, &set, 0), 5, SEEK_SET));
	TRY(lseek(timerfd_create(CLOCK_MONOTONIC, 0), 5, SEEK_CUR));
	TRY(lseek(epoll_create1(0), -1, SEEK_HOLE));
	TRY(lseek(syscall(SYS_pidfd_open, getpid(), 0), 0, SEEK_SET));
	TRY(pread(syscall(SYS_pidfd_open, getpid(), 0), pages, 1, 0));
	TRY(pread(eventfd(0, 0), pages, 8, 0));
	int status = open("/proc/self/status", O_RDONLY);
	TRY(lseek(status, 0, SEEK_END));
	TRY(lseek(status, 0, SEEK_DATA));
	TRY(lseek(status, 3, SEEK_CUR));
}

CASE(a_queue_tells_of_itself_by_read) {
	char text[100] = "";
	mqd_t queue = mq_open("/ringside-order", O_RDWR | O_CREAT, 0600, &(struct mq_attr){ .mq_maxmsg = 3, .mq_msgsize = 32 });
	mq_unlink("/ringside-order");
	mq_send(queue, "twelve bytes", 12, 1);
	TRY(read(queue, text, sizeof text));
	say("%s", text);
	TRY(pread(queue, text, 6, 2));
	TRY(write(queue, "x", 1));
	TRY(pwrite(queue, "x", 1, 5));
	TRY(lseek(queue, 0, SEEK_SET));
}

CASE(vectors_are_looked_at_whole) {
	setup();
	struct iovec negative[] = { { (void *)-1, 1 }, { pages, -1 } };
	TRY(readv(file, negative, 2));
	struct iovec kernel[] = { { pages, 1 }, { (void *)-4096, 1 } };
	TRY(writev(file, kernel, 2));
	struct iovec nothing[] = { { pages, 0 }, { BAD_POINTER, 0 } };
	TRY(writev(socket(AF_UNIX, SOCK_STREAM, 0), nothing, 2));
	TRY(preadv(directory, nothing, 2, 0));
	TRY(writev(timerfd_create(CLOCK_MONOTONIC, 0), kernel, 2));
	TRY(vmsplice(file, nothing, 2, 0));
	TRY(vmsplice(file, negative, 2, 0));
	TRY(vmsplice(file, &(struct iovec){ pages, 1 }, 1, 0));
	TRY(read(ends[0], BAD_POINTER, 0));
	TRY(getrandom(pages, 1UL << 63, 0) > 2 * PAGE);
	TRY(read(file, pages, 1UL << 63));
}

CASE(sendfile_and_splice) {
	setup();
	off_t offset = 0, negative = -1;
	TRY(sendfile(file, stream[0], &offset, 10));
	TRY(sendfile(ends[1], stream[0], NULL, 10));
	TRY(sendfile(ends[1], file, &negative, 10));
	TRY(sendfile(path_only, file, &negative, 10));
	TRY(sendfile(stream[0], file, NULL, -1));
	TRY(sendfile(stream[0], directory, NULL, 10));
	TRY(sendfile(stream[0], eventfd(1, 0), NULL, 10));
	TRY(sendfile(eventfd(1, 0), file, &offset, 8));
	memset(pages + 2 * PAGE - 8, 0, 8);
	mprotect(pages, 2 * PAGE, PROT_READ);
	TRY(sendfile(-1, -1, (off_t *)(pages + 8), 10));
	TRY(splice(ends[1], &offset, directory, NULL, 10, 0));
	TRY(splice(ends[0], NULL, directory, BAD_POINTER, 10, 0));
	TRY(splice(ends[0], NULL, ends[1], NULL, 10, 0));
	TRY(splice(eventfd(1, 0), NULL, ends[1], NULL, 10, 0));
	TRY(splice(file, &negative, ends[1], NULL, 10, 0));
}

CASE(addresses_are_read_before_descriptors_are_judged) {
	setup();
	struct sockaddr_un name = { AF_UNIX, "none" };
	TRY(connect(file, BAD_POINTER, sizeof name));
	TRY(connect(file, (void *)&name, 1000));
	TRY(connect(file, (void *)&name, sizeof name));
	TRY(bind(file, BAD_POINTER, sizeof name));
	TRY(accept4(-1, NULL, NULL, 5));
	TRY(accept4(path_only, NULL, NULL, 5));
	TRY(accept4(file, NULL, NULL, 5));
	TRY(accept4(file, NULL, NULL, 0));
	TRY(socketpair(AF_INET, SOCK_STREAM, 0, BAD_POINTER));
	TRY(socketpair(AF_INET, SOCK_STREAM, 0, ends));
	struct msghdr many = { .msg_iov = BAD_POINTER, .msg_iovlen = 5000, .msg_name = BAD_POINTER, .msg_namelen = 4 };
	TRY(sendmsg(stream[0], &many, 0));
	many.msg_name = NULL;
	TRY(sendmsg(stream[0], &many, 0));
	TRY(recvmsg(stream[0], &many, 0));
	TRY(sendmsg(-1, &many, 0x80000000));
	TRY(recvmsg(-1, &many, 0x80000000));
	struct msghdr empty = { .msg_name = BAD_POINTER, .msg_namelen = 0 };
	TRY(write(stream[1], "x", 1));
	TRY(recvmsg(stream[0], &empty, 0));
}

CASE(a_program_is_opened_before_its_arguments_are_read) {
	char *const none[] = { NULL };
	TRY(execve("none", BAD_POINTER, BAD_POINTER));
	TRY(execve(".", BAD_POINTER, none));
	TRY(execve("/bin/true", BAD_POINTER, none));
	close(open("plain", O_CREAT | O_WRONLY, 0644));
	TRY(execve("plain", none, BAD_POINTER));
	TRY(syscall(SYS_execveat, -1, "plain", BAD_POINTER, none, 0));
}

CASE(signals_and_processes) {
	siginfo_t info = { .si_signo = SIGCHLD };
	TRY(kill(4000000, 65));
	TRY(kill(-4000000, 65));
	TRY(kill(getpid(), 65));
	TRY(syscall(SYS_tkill, 4000000, 65));
	TRY(waitid(-1, 0, NULL, 0));
	TRY(waitid(-1, 0, BAD_POINTER, 0));
	TRY(waitid(P_ALL, 0, &info, WEXITED));
	TRY(info.si_signo);
	TRY(waitid(P_ALL, 0, BAD_POINTER, WEXITED));
	TRY(syscall(SYS_pidfd_send_signal, 0, SIGUSR1, NULL, -1));
	stack_t same = { 0 };
	TRY(sigaltstack(&same, NULL));
	same.ss_size = 1;
	TRY(sigaltstack(&same, NULL));
	TRY(syscall(SYS_sched_getaffinity, 4000000, 7, NULL));
	TRY(getgroups(4, BAD_POINTER));
}

CASE(waiting_and_watching) {
	setup();
	struct epoll_event event = { EPOLLIN };
	int epoll = epoll_create1(0);
	TRY(epoll_ctl(epoll, 99, path_only, &event));
	TRY(epoll_ctl(epoll, EPOLL_CTL_ADD, path_only, &event));
	TRY(epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event));
	struct timeval zero = { 0, 0 };
	TRY(syscall(SYS_select, 0, NULL, NULL, NULL, &zero));
	struct timespec late = { 0, 1 }, wrong = { 0, -1 };
	TRY(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &late, NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &wrong, NULL));
	TRY(syscall(SYS_clock_nanosleep, -6, TIMER_ABSTIME, BAD_POINTER, NULL));
	TRY(syscall(SYS_clock_nanosleep, -6, TIMER_ABSTIME, &late, NULL));
	TRY(syscall(SYS_clock_nanosleep, -2, TIMER_ABSTIME, &late, NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, TIMER_ABSTIME, BAD_POINTER, NULL));
	TRY(syscall(SYS_semop, -1, NULL, 1000));
	TRY(syscall(SYS_semop, -1, NULL, 0));
	TRY(syscall(SYS_semop, -1, BAD_POINTER, 1));
}

static void *spin(void *until) {
	while (!*(volatile int *)until);
	return NULL;
}

CASE(a_sleep_on_processor_time_lasts_as_long_as_others_work) {
	volatile int isOver = 0;
	pthread_t thread;
	struct timespec before, after, span = { 0, 20000000 };
	pthread_create(&thread, NULL, spin, (void *)&isOver);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	int error = clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &span, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	isOver = 1;
	pthread_join(thread, NULL);
	say("%d", error);
	IS((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 20000000);
}

CASE(ranges_of_memory_and_of_files) {
	setup();
	TRY(mlock(pages, -4096));
	TRY(mlock(pages, -1));
	TRY(munlock(pages, -4096));
	TRY(munlock((void *)0xffffffffff600000, 1));
	TRY(mlock((void *)0x7fffffffffff0000, 1));
	TRY(msync(pages, -1, MS_SYNC));
	TRY(msync(pages + 8 * PAGE, -1, 0));
	GIVES(mremap(pages, -PAGE, PAGE, 0));
	GIVES(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, -PAGE));
	GIVES(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, directory, -PAGE));
	GIVES(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, file, 0));
	TRY(sync_file_range(stream[0], 0, 0, 99));
	TRY(sync_file_range(stream[0], -1, 0, 0));
	TRY(sync_file_range(stream[0], 0, 0, 0));
	TRY(posix_fadvise(stream[0], 0, -1, POSIX_FADV_WILLNEED));
	TRY(readahead(file, 0, -1));
	TRY(fallocate(stream[0], 4, 0, 10));
	TRY(fallocate(file, FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	TRY(fallocate(file, FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE, 0, 4096));
	TRY(fcntl(file, F_SETFL, O_DIRECT | O_APPEND));
	TRY(fcntl(stream[0], F_SETFL, O_DIRECT));
	TRY(syscall(SYS_pipe2, ends, O_EXCL));
	TRY(setns(path_only, CLONE_NEWNS));
	TRY(setns(file, CLONE_NEWNS));
	TRY(syscall(SYS_memfd_create, BAD_POINTER, 4));
	TRY(syscall(SYS_memfd_create, "x", 0x10));
}

CASE(names_and_attributes) {
	struct timespec wrong[2] = { { 0, -5 }, { 0, 0 } };
	close(open("f", O_CREAT | O_WRONLY, 0644));
	TRY(utimensat(AT_FDCWD, "f/x", wrong, 0));
	TRY(utimensat(AT_FDCWD, "f", wrong, 0));
	TRY(unlink("/proc/self/status"));
	TRY(mkdir("/proc/self/new", 0755));
	TRY(open("/proc/self/new", O_CREAT | O_WRONLY, 0644));
	TRY(unlink("/proc/version"));
	TRY(removexattr("/", "none"));
	TRY(removexattr("f", "none"));
	TRY(setxattr("/", "none.x", "v", 1, 0));
	TRY(fsetxattr(eventfd(0, 0), "none.x", "v", 1, 0));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "none", AT_FDCWD, "x", RENAME_WHITEOUT));
	TRY(syscall(SYS_renameat2, AT_FDCWD, BAD_POINTER, AT_FDCWD, "x", RENAME_WHITEOUT));
	TRY(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "x", RENAME_WHITEOUT));
	struct stat st;
	TRY(stat("f", &st));
	say("%o %lu", st.st_mode & S_IFMT, st.st_rdev);
}

CASE(shared_memory_larger_than_the_machine) {
	TRY(syscall(SYS_shmget, 0, 1UL << 62, 0600));
	TRY(syscall(SYS_shmget, 0, 0, 0600));
}

CASE(capabilities_by_prctl) {
	TRY(prctl(PR_CAPBSET_READ, 41, 0, 0, 0));
	TRY(prctl(PR_CAPBSET_DROP, 99, 0, 0, 0));
	TRY(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0));
	TRY(prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0));
	TRY(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	TRY(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
	TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
	TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 41, 0, 0));
	TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 5, 0, 0));
	TRY(prctl(PR_CAP_AMBIENT, 9, 5, 0, 0));
	struct __user_cap_header_struct head = { 5, 0 };
	TRY(syscall(SYS_capget, &head, NULL));
	IS(head.version == _LINUX_CAPABILITY_VERSION_3);
	head.version = 5;
	TRY(syscall(SYS_capget, &head, BAD_POINTER));
	TRY(syscall(SYS_capset, BAD_POINTER, NULL));
}

ROOT_CASE(capabilities_of_root_by_prctl) {
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 1 << 5 | 1 << 7 | 1 << 8, 1 << 5 | 1 << 7 | 1 << 8, 1 << 5 } };
	TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 5, 0, 0));
	TRY(syscall(SYS_capset, &head, data));
	TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 5, 0, 0));
	TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 5, 0, 0));
	TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 5, 0, 0));
	TRY(prctl(PR_CAPBSET_DROP, 7, 0, 0, 0));
	TRY(prctl(PR_CAPBSET_READ, 7, 0, 0, 0));
	data[0].inheritable |= 1 << 7;
	TRY(syscall(SYS_capset, &head, data));
	TRY(prctl(PR_SET_SECUREBITS, 0x20, 0, 0, 0));
	TRY(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	TRY(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0));
	TRY(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
}

CASE(prctl_of_other_kinds) {
	TRY(prctl(PR_GET_TIMING, 0, 0, 0, 0));
	TRY(prctl(PR_SET_TIMING, 1, 0, 0, 0));
	TRY(prctl(PR_TASK_PERF_EVENTS_ENABLE, 1, 2, 3, 4));
	TRY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
	TRY(prctl(PR_MCE_KILL_GET, 1, 0, 0, 0));
	TRY(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	TRY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
	TRY(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, 9, 0, 0));
	TRY(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0));
	TRY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
	TRY(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	TRY(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	TRY(prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0));
	TRY(prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
	TRY(prctl(PR_SET_MM, 1, 0, 0, 5));
	TRY(prctl(PR_SET_MM, 1, 0, 0, 0));
	TRY(prctl(PR_GET_SPECULATION_CTRL, 9, 0, 0, 0));
	TRY(prctl(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0));
	TRY(prctl(PR_SET_TSC, 9, 0, 0, 0));
	TRY(prctl(PR_GET_FPEMU, pages, 0, 0, 0));
	TRY(prctl(PR_GET_UNALIGN, pages, 0, 0, 0));
}
