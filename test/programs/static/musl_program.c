/* What musl does in its own way: threads and cancellation, set*id by a signal to every thread, posix_spawn, aio, semaphores, queues, timers. */
#define _GNU_SOURCE
#include <aio.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <iconv.h>
#include <locale.h>
#include <math.h>
#include <mqueue.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <regex.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

extern char **environ;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static int turn;
static __thread int own = 5;
static pthread_key_t key;

static void *in_turn(void *arg) {
	int me = (long)arg;
	own += me;
	pthread_mutex_lock(&lock);
	while (turn != me) pthread_cond_wait(&turned, &lock);
	printf("turn %d, own %d\n", me, own);
	turn++;
	pthread_cond_broadcast(&turned);
	pthread_mutex_unlock(&lock);
	return (void *)(long)(me * me);
}

static void say(void *what) { printf("cleanup %s\n", (char *)what); }

static void *in_sleep(void *arg) {
	pthread_cleanup_push(say, "of sleep");
	sleep(100);
	pthread_cleanup_pop(0);
	return 0;
}

static void *in_read(void *fd) {
	char c;
	pthread_cleanup_push(say, "of read");
	read(*(int *)fd, &c, 1);
	pthread_cleanup_pop(0);
	return 0;
}

static void *in_loop(void *arg) {
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, 0);
	for (;;) __asm__ volatile("");
}

static void cancel(void *(*how)(void *), void *arg) {
	pthread_t thread;
	void *result;
	pthread_create(&thread, 0, how, arg);
	usleep(2000);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	printf("cancelled: %d\n", result == PTHREAD_CANCELED);
}

static void *holder(void *mutex) { pthread_mutex_lock(mutex); return 0; }
static void key_gone(void *value) { printf("key %s\n", (char *)value); }
static void *with_key(void *arg) { pthread_setspecific(key, "destroyed"); return 0; }

static void threads(void) {
	pthread_t thread, all[8];
	void *results[8];
	for (long i = 0; i < 8; i++) pthread_create(&all[i], 0, in_turn, (void *)i);
	for (int i = 0; i < 8; i++) pthread_join(all[i], &results[i]);
	for (int i = 0; i < 8; i++) printf("%ld ", (long)results[i]);
	puts("");
	int p[2];
	pipe(p);
	cancel(in_sleep, 0);
	cancel(in_read, p);
	cancel(in_loop, 0);

	pthread_mutexattr_t attributes;
	pthread_mutex_t mutex;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&mutex, &attributes);
	pthread_create(&thread, 0, holder, &mutex);
	pthread_join(thread, 0);
	printf("robust: %s\n", strerror(pthread_mutex_lock(&mutex)));
	printf("consistent: %d\n", pthread_mutex_consistent(&mutex));
	pthread_mutex_unlock(&mutex);

	pthread_key_create(&key, key_gone);
	pthread_create(&thread, 0, with_key, 0);
	pthread_join(thread, 0);
	pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
	pthread_rwlock_rdlock(&rw);
	printf("write beside a reader: %s\n", strerror(pthread_rwlock_trywrlock(&rw)));
	pthread_create(&thread, 0, in_sleep, 0);
	printf("seteuid: %d\n", seteuid(getuid()));
	pthread_cancel(thread);
	pthread_join(thread, 0);
	sem_t semaphore;
	sem_init(&semaphore, 0, 1);
	printf("sem_trywait: %d\n", sem_trywait(&semaphore));
	printf("sem_trywait: %d %s\n", sem_trywait(&semaphore), strerror(errno));
	thrd_t c11;
	thrd_create(&c11, (thrd_start_t)puts, "a thread of C11");
	thrd_join(c11, 0);
}

static int count;
static int walked(const char *path, const struct stat *st, int type, struct FTW *f) { count += type + f->level; return 0; }

static void files(void) {
	char line[4096];
	struct stat st;
	mkdir("m", 0755);
	mkdir("m/d", 0700);
	FILE *file = fopen("m/f", "w+e");
	fprintf(file, "%s %d %.3f %a\n", "text", 42, M_PI, 1.5);
	rewind(file);
	fputs(fgets(line, sizeof line, file), stdout);
	fclose(file);
	symlink("f", "m/l");
	nftw("m", walked, 5, FTW_PHYS | FTW_DEPTH);
	printf("walked %d\n", count);
	struct dirent **list;
	int n = scandir("m", &list, 0, alphasort);
	for (int i = 0; i < n; i++) printf("%s ", list[i]->d_name);
	puts("");
	glob_t found;
	printf("glob: %d\n", glob("m/[fl]", 0, 0, &found));
	printf("%zu %s\n", found.gl_pathc, found.gl_pathv[1]);
	stat("m/f", &st);
	printf("%lld %o\n", (long long)st.st_size, st.st_mode);
	printf("stat: %d %s\n", stat("m/none", &st), strerror(errno));

	int fd = open("m/a", O_RDWR | O_CREAT, 0600);
	posix_fallocate(fd, 0, 1000);
	struct aiocb io = { .aio_fildes = fd, .aio_buf = "asynchronous", .aio_nbytes = 12 };
	const struct aiocb *all[] = { &io };
	aio_write(&io);
	while (aio_error(&io) == EINPROGRESS) aio_suspend(all, 1, 0);
	printf("aio: %zd\n", aio_return(&io));
	char *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map[0] = 'A';
	msync(map, 4096, MS_SYNC);
	pread(fd, line, 12, 0);
	printf("%.12s\n", line);
	printf("lockf: %d\n", lockf(fd, F_TEST, 0));

	file = popen("tr a-z A-Z", "w");
	fputs("to a pipe\n", file);
	printf("pclose: %d\n", pclose(file));
	file = popen("echo from; exit 3", "r");
	fputs(fgets(line, sizeof line, file), stdout);
	printf("pclose: %d\n", WEXITSTATUS(pclose(file)));
	file = tmpfile();
	fputs("x", file);
	printf("tmpfile: %ld\n", ftell(file));

	regex_t expression;
	regmatch_t match[2];
	regcomp(&expression, "a(b+)c", REG_EXTENDED);
	printf("regexec: %d\n", regexec(&expression, "xabbbc", 2, match, 0));
	printf("%d-%d\n", (int)match[1].rm_so, (int)match[1].rm_eo);
	iconv_t conversion = iconv_open("UTF-16BE", "UTF-8");
	char *in = "\xe2\x82\xac", *out = line;
	size_t inLeft = 3, outLeft = 10;
	iconv(conversion, &in, &inLeft, &out, &outLeft);
	printf("iconv: %02x%02x\n", (unsigned char)line[0], (unsigned char)line[1]);
	setlocale(LC_ALL, "C.UTF-8");
	printf("%ls %zu\n", L"w\u00efde", mbstowcs(0, "na\xc3\xafve", 0));
	puts(getpwuid(0)->pw_name);
	puts(realpath("/proc/self/../self/root/etc", line));
	system("rm -r m");
}

static int caught;
static sigjmp_buf back;
static void on(int sig, siginfo_t *info, void *context) { caught = info->si_value.sival_int; }
static void on_fault(int sig, siginfo_t *info, void *context) { siglongjmp(back, sig); }
static void in_thread(union sigval value) { *(volatile int *)value.sival_ptr = 1; }

static void signals(void) {
	struct sigaction action = { .sa_sigaction = on, .sa_flags = SA_SIGINFO };
	sigaction(SIGRTMIN, &action, 0);
	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 9 });
	printf("caught %d\n", caught);
	action.sa_sigaction = on_fault;
	action.sa_flags |= SA_ONSTACK;
	sigaltstack(&(stack_t){ .ss_sp = malloc(65536), .ss_size = 65536 }, 0);
	sigaction(SIGSEGV, &action, 0);
	if (!sigsetjmp(back, 1)) *(volatile int *)8 = 1;
	puts("back");
	volatile int fired = 0;
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = in_thread, .sigev_value.sival_ptr = (void *)&fired };
	timer_t timer;
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &(struct itimerspec){ .it_value.tv_nsec = 1000000 }, 0);
	while (!fired) usleep(100);
	puts("timer");
	timer_delete(timer);
	sigset_t set;
	int sig;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	raise(SIGUSR1);
	sigwait(&set, &sig);
	puts(strsignal(sig));
	alarm(1);
	printf("alarm: %u\n", alarm(0));
	abort();
}

static void processes(void) {
	pid_t pid;
	int status, pair[2];
	char text[20], *args[] = { "sh", "-c", "echo spawned $V; exit 4", 0 };
	putenv("V=v");
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "out", O_WRONLY | O_CREAT, 0600);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	printf("posix_spawnp: %d\n", posix_spawnp(&pid, "sh", &actions, 0, args, environ));
	waitpid(pid, &status, 0);
	printf("exited %d\n", WEXITSTATUS(status));
	system("cat out; rm out");
	printf("posix_spawn: %s\n", strerror(posix_spawn(&pid, "/nothing", 0, 0, args, environ)));
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
	if (!fork()) { send(pair[1], "packet", 6, 0); _exit(5); }
	ssize_t length = recv(pair[0], text, sizeof text, 0);
	wait(&status);
	printf("%.*s, exited %d\n", (int)length, text, WEXITSTATUS(status));
	struct addrinfo *address, hint = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	printf("getaddrinfo: %d\n", getaddrinfo("localhost", "80", &hint, &address));
	puts(inet_ntop(AF_INET, &((struct sockaddr_in *)address->ai_addr)->sin_addr, text, sizeof text));

	mqd_t queue = mq_open("/ringside-musl", O_CREAT | O_RDWR, 0600, &(struct mq_attr){ .mq_maxmsg = 2, .mq_msgsize = 8 });
	mq_send(queue, "message", 8, 1);
	printf("mq_receive: %zd\n", mq_receive(queue, text, 8, 0));
	mq_unlink("/ringside-musl");
	sem_t *named = sem_open("/ringside-musl", O_CREAT, 0600, 2);
	int value;
	sem_wait(named);
	sem_getvalue(named, &value);
	printf("%s %d\n", text, value);
	sem_unlink("/ringside-musl");
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 20;
	setrlimit(RLIMIT_NOFILE, &limit);
	int last = -1, fd;
	while ((fd = dup(0)) >= 0) last = fd;
	printf("the last descriptor: %d, then %s\n", last, strerror(errno));
	nice(3);
	printf("getpriority: %d\n", getpriority(PRIO_PROCESS, 0));
}

int main(int argc, char **argv) {
	setvbuf(stdout, 0, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "threads")) threads();
		if (!strcmp(argv[i], "files")) files();
		if (!strcmp(argv[i], "processes")) processes();
		if (!strcmp(argv[i], "signals")) signals();
	}
	return 7;
}
