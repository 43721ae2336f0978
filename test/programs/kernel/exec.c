// execve and execveat: what is kept, what goes, scripts, limits, and every refusal.
#include "cases.h"

static char *const none[] = { NULL };
static char *const hello[] = { "echo", "hello", NULL };

static void file(const char *name, const char *text, size_t length, int mode) {
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0700);
	write(fd, text, length);
	close(fd);
	chmod(name, mode);
}

CASE(execve_refuses_paths) {
	char longest[5000];
	memset(longest, 'a', sizeof longest);
	longest[4999] = 0;
	file("plain", "text", 4, 0644);
	mkdir("dir", 0755);
	symlink("loop", "loop");
	TRY(execve("/no/such", hello, none));
	TRY(execve("", hello, none));
	TRY(execve("plain", hello, none));
	TRY(execve("dir", hello, none));
	TRY(execve("plain/x", hello, none));
	TRY(execve("loop", hello, none));
	TRY(execve(longest, hello, none));
	TRY(execve(BAD_POINTER, hello, none));
	TRY(execve(NULL, hello, none));
}

CASE(execve_refuses_what_is_no_program) {
	file("empty", "", 0, 0755);
	file("junk", "junk", 4, 0755);
	file("elf", "\177ELF", 4, 0755);
	TRY(execve("empty", hello, none));
	TRY(execve("junk", hello, none));
	TRY(execve("elf", hello, none));
	TRY(execve("/dev/null", hello, none));
	TRY(execve("/proc/self/maps", hello, none));
}

CASE(execve_bad_argument_pointers) {
	char *bad[] = { "echo", BAD_POINTER, NULL };
	TRY(execve("/bin/echo", BAD_POINTER, none));
	TRY(execve("/bin/echo", bad, none));
	TRY(execve("/bin/echo", hello, BAD_POINTER));
	TRY(execve("/bin/echo", hello, bad));
	TRY(execve("/bin/echo", KERNEL_POINTER, none));
}

CASE(execve_string_limit) {
	char *longest = malloc(131072 + 1);
	memset(longest, 'x', 131072);
	longest[131072] = 0;
	char *args[] = { "echo", longest, NULL };
	TRY(execve("/bin/echo", args, none));
	TRY(execve("/bin/echo", hello, args));
}

CASE(execve_total_limit_is_a_quarter_of_the_stack) {
	setrlimit(RLIMIT_STACK, &(struct rlimit){ 1 << 20, RLIM_INFINITY });
	char *piece = malloc(100000);
	memset(piece, 'y', 99999);
	piece[99999] = 0;
	char *args[] = { "echo", piece, piece, piece, NULL };
	TRY(execve("/bin/true", args, none));
	args[2] = NULL;
	IN_CHILD("one piece", execve("/bin/true", args, none); _exit(9));
}

CASE(execve_keeps_the_pid_and_closes_on_exec) {
	int kept = open("/dev/null", O_RDONLY), closed = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char a[32], b[32];
	sprintf(a, "/proc/self/fd/%d", kept);
	sprintf(b, "/proc/self/fd/%d", closed);
	IN_CHILD("kept", execl("/usr/bin/test", "test", "-e", a, NULL));
	IN_CHILD("closed", execl("/usr/bin/test", "test", "-e", b, NULL));
}

CASE(script_gets_interpreter_argument_and_path) {
	file("script", "#!/bin/echo  one  two \nrest\n", 28, 0755);
	char *const args[] = { "zero", "a", NULL };
	IN_CHILD("script", execve("./script", args, none); _exit(errno));
}

CASE(script_of_a_script) {
	file("inner", "#!/bin/echo inner\n", 18, 0755);
	file("outer", "#!inner\n", 8, 0755);
	IN_CHILD("outer", execve("./outer", hello, none); _exit(errno));
}

CASE(scripts_nest_five_times_at_most) {
	char name[8], text[32];
	file("s0", "#!/bin/echo\n", 12, 0755);
	for (int i = 1; i <= 6; i++) {
		sprintf(name, "s%d", i);
		int length = sprintf(text, "#!./s%d\n", i - 1);
		file(name, text, length, 0755);
	}
	IN_CHILD("s3", execve("./s3", hello, none); _exit(errno));
	IN_CHILD("s4", execve("./s4", hello, none); _exit(errno));
	IN_CHILD("s5", execve("./s5", hello, none); say("%s", error_name(errno)); _exit(1));
	IN_CHILD("s6", execve("./s6", hello, none); say("%s", error_name(errno)); _exit(1));
}

CASE(bad_scripts) {
	char text[300];
	file("missing", "#!/no/such\n", 11, 0755);
	TRY(execve("./missing", hello, none));
	file("blank", "#!\n", 3, 0755);
	TRY(execve("./blank", hello, none));
	file("spaces", "#!   \n", 6, 0755);
	TRY(execve("./spaces", hello, none));
	memset(text, 'a', sizeof text);
	memcpy(text, "#!/", 3);
	file("long", text, sizeof text, 0755);
	TRY(execve("./long", hello, none));
	file("dir", "#!/tmp\n", 7, 0755);
	TRY(execve("./dir", hello, none));
}

CASE(empty_argv_becomes_one_empty_string) {
	file("show", "#!/bin/echo x\n", 14, 0755);
	IN_CHILD("no arguments", execve("./show", none, none); _exit(errno));
	IN_CHILD("argv is NULL", execve("./show", NULL, NULL); _exit(errno));
}

CASE(execveat_by_directory_and_by_descriptor) {
	int dir = open("/bin", O_PATH | O_DIRECTORY), program = open("/bin/echo", O_PATH);
	IN_CHILD("dir", syscall(SYS_execveat, dir, "echo", hello, none, 0));
	IN_CHILD("AT_EMPTY_PATH", syscall(SYS_execveat, program, "", hello, none, AT_EMPTY_PATH));
	TRY(syscall(SYS_execveat, program, "", hello, none, 0));
	TRY(syscall(SYS_execveat, 99, "echo", hello, none, 0));
	TRY(syscall(SYS_execveat, 99, "", hello, none, AT_EMPTY_PATH));
	TRY(syscall(SYS_execveat, program, "echo", hello, none, 0));
	TRY(syscall(SYS_execveat, AT_FDCWD, "/bin/echo", hello, none, 0x10));
	symlink("/bin/echo", "link");
	TRY(syscall(SYS_execveat, AT_FDCWD, "link", hello, none, AT_SYMLINK_NOFOLLOW));
	IN_CHILD("link", syscall(SYS_execveat, AT_FDCWD, "link", hello, none, 0));
}

CASE(execveat_of_a_memfd) {
	int fd = memfd_create("prog", MFD_CLOEXEC), from = open("/bin/true", O_RDONLY);
	char buffer[4096];
	for (ssize_t n; (n = read(from, buffer, sizeof buffer)) > 0; ) syscall(SYS_write, fd, buffer, n);
	TRY(syscall(SYS_execveat, fd, "", hello, none, AT_EMPTY_PATH));
}

static void handler(int signo) { }

CASE(execve_resets_handlers_and_keeps_ignored_signals) {
	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	IN_CHILD("handled", execl("/bin/sh", "sh", "-c", "kill -USR1 $$", NULL));
	IN_CHILD("ignored", execl("/bin/sh", "sh", "-c", "kill -USR2 $$; exit 4", NULL));
}

CASE(execve_of_a_file_that_is_being_written) {
	int from = open("/bin/true", O_RDONLY), to = open("busy", O_CREAT | O_WRONLY, 0755);
	char buffer[4096];
	for (ssize_t n; (n = read(from, buffer, sizeof buffer)) > 0; ) syscall(SYS_write, to, buffer, n);
	TRY(execve("./busy", hello, none));
	close(to);
	IN_CHILD("closed", execve("./busy", hello, none));
}

static void *body(void *name) { char *const args[] = { "true", NULL }; execve("/bin/true", args, none); return NULL; }

CASE(execve_in_a_thread_ends_the_others) {
	IN_CHILD("child", pthread_t thread; pthread_create(&thread, NULL, body, NULL); for (;;) pause());
}
