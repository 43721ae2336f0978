// open, openat, openat2, creat, close, dup, close_range: flags, and what each refuses.
#include "cases.h"
#include <linux/close_range.h>
#include <linux/openat2.h>

static int file(const char *name, const char *text) { int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0644); write(fd, text, strlen(text)); return fd; }
static long openat2_(int dir, const char *name, unsigned long flags, unsigned long mode, unsigned long resolve) {
	struct open_how how = { flags, mode, resolve };
	return syscall(SYS_openat2, dir, name, &how, sizeof how);
}

CASE(open_gives_the_lowest_descriptor) { int a = TRY(open(".", O_RDONLY)), b = TRY(open(".", O_RDONLY)); close(a); TRY(open("/", O_RDONLY)); TRY(close(b)); TRY(close(b)); }
CASE(open_creates_with_the_umask) {
	struct stat st;
	umask(027); TRY(open("f", O_CREAT | O_WRONLY, 0666)); stat("f", &st); say("%o", st.st_mode);
	umask(0); TRY(open("g", O_CREAT | O_WRONLY, 07777)); stat("g", &st); say("%o", st.st_mode);
	TRY(open("f", O_CREAT | O_WRONLY, 0)); stat("f", &st); say("%o", st.st_mode);
}
CASE(open_excl) { TRY(open("f", O_CREAT | O_EXCL, 0600)); TRY(open("f", O_CREAT | O_EXCL, 0600)); symlink("none", "l"); TRY(open("l", O_CREAT | O_EXCL, 0600)); mkdir("d", 0700); TRY(open("d", O_CREAT | O_EXCL, 0600)); TRY(access("none", F_OK)); }
CASE(open_creates_through_a_dangling_link) { symlink("target", "l"); TRY(open("l", O_CREAT | O_WRONLY, 0600)); TRY(access("target", F_OK)); }
CASE(open_directory_flag) { close(file("f", "")); mkdir("d", 0755); TRY(open("f", O_DIRECTORY)); TRY(open("d", O_DIRECTORY)); TRY(open("d", O_WRONLY)); TRY(open("d", O_RDWR)); TRY(open("d", O_RDONLY | O_CREAT, 0600)); TRY(open("f/", O_RDONLY)); TRY(open("new/", O_CREAT | O_WRONLY, 0600)); TRY(open("d/", O_CREAT | O_WRONLY, 0600)); }
CASE(open_nofollow) { close(file("f", "")); symlink("f", "l"); symlink(".", "dl"); TRY(open("l", O_NOFOLLOW)); TRY(open("l", O_NOFOLLOW | O_PATH)); TRY(open("dl/f", O_NOFOLLOW)); TRY(open("dl", O_DIRECTORY | O_NOFOLLOW)); TRY(open("dl/", O_NOFOLLOW)); }
CASE(open_truncates) { struct stat st; close(file("f", "some text")); TRY(open("f", O_WRONLY | O_TRUNC)); stat("f", &st); say("%ld", (long)st.st_size); TRY(creat("f", 0600)); }
CASE(open_appends) { int fd = file("f", "one"); close(fd); fd = open("f", O_RDWR | O_APPEND); TRY(lseek(fd, 0, SEEK_SET)); TRY(write(fd, "two", 3)); TRY(lseek(fd, 0, SEEK_CUR)); TRY(pwrite(fd, "X", 1, 0)); char b[16] = ""; TRY(pread(fd, b, 16, 0)); say("%s", b); TRY(fcntl(fd, F_SETFL, 0)); TRY(pwrite(fd, "Y", 1, 0)); pread(fd, b, 16, 0); say("%s", b); }
CASE(open_access_modes) { char b[4]; file("f", "abc"); int r = open("f", O_RDONLY), w = open("f", O_WRONLY), n = open("f", O_ACCMODE); TRY(write(r, "x", 1)); TRY(read(w, b, 1)); TRY(read(n, b, 1)); TRY(write(n, b, 1)); TRY(fcntl(n, F_GETFL)); TRY(fcntl(w, F_GETFL)); }
CASE(open_path_descriptors) {
	char b[4]; close(file("f", "abc")); int fd = TRY(open("f", O_PATH)); struct stat st;
	TRY(read(fd, b, 1)); TRY(write(fd, b, 1)); TRY(lseek(fd, 0, SEEK_SET)); TRY(fchmod(fd, 0600)); TRY(ftruncate(fd, 0)); TRY(ioctl(fd, 0x5401, b)); TRY(fcntl(fd, F_GETFL)); TRY(fcntl(fd, F_SETFL, 0)); TRY(fcntl(fd, F_GETFD));
	TRY(fstat(fd, &st)); TRY(mmap(0, 1, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED); int d = open(".", O_PATH | O_DIRECTORY); TRY(openat(d, "f", O_RDONLY)); TRY(fchdir(d)); TRY(dup(fd)); TRY(fsync(fd)); TRY(flock(fd, 2));
}
CASE(open_by_proc_self_fd) { char b[8] = "", path[40]; int fd = file("f", "abc"); snprintf(path, sizeof path, "/proc/self/fd/%d", fd); int again = TRY(open(path, O_RDONLY)); TRY(read(again, b, 8)); unlink("f"); TRY(open(path, O_RDONLY)); TRY(readlink(path, b, 3)); TRY(open(path, O_RDONLY | O_NOFOLLOW)); close(fd); TRY(open(path, O_RDONLY)); }
CASE(open_tmpfile) {
	struct stat st; char path[40]; int fd = TRY(open(".", O_TMPFILE | O_RDWR, 0640)); fstat(fd, &st); say("%o links %d", st.st_mode, (int)st.st_nlink); TRY(write(fd, "x", 1));
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd); TRY(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW)); fstat(fd, &st); say("links %d", (int)st.st_nlink); TRY(access("named", F_OK));
	fd = TRY(open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600)); snprintf(path, sizeof path, "/proc/self/fd/%d", fd); TRY(linkat(AT_FDCWD, path, AT_FDCWD, "second", AT_SYMLINK_FOLLOW));
	TRY(open(".", O_TMPFILE | O_RDONLY, 0600)); TRY(open("named", O_TMPFILE | O_RDWR, 0600)); TRY(open(".", O_TMPFILE | O_RDWR | O_CREAT, 0600)); TRY(open("none", O_TMPFILE | O_RDWR, 0600));
}
CASE(open_refuses_paths) {
	char deep[5000]; memset(deep, 'a', sizeof deep); deep[255] = 0; TRY(open(deep, O_RDONLY)); deep[255] = 'a'; deep[256] = 0; TRY(open(deep, O_RDONLY)); TRY(open(deep, O_CREAT, 0600));
	for (int i = 0; i < 4094; i += 2) memcpy(deep + i, "./", 2); deep[4094] = '.'; deep[4095] = 0; GIVES(open(deep, O_RDONLY)); deep[4095] = '/'; deep[4096] = 0; GIVES(open(deep, O_RDONLY));
	TRY(open("", O_RDONLY)); TRY(open(NULL, O_RDONLY)); TRY(open(BAD_POINTER, O_RDONLY)); TRY(open(KERNEL_POINTER, O_RDONLY)); TRY(open("none/f", O_RDONLY)); TRY(open("/dev/null/f", O_RDONLY));
}
CASE(open_link_loops) { symlink("b", "a"); symlink("a", "b"); TRY(open("a", O_RDONLY)); TRY(open("a/x", O_RDONLY)); close(file("f", "")); char from[8], to[8] = "f"; for (int i = 0; i < 41; i++) { snprintf(from, 8, "l%d", i); symlink(to, from); strcpy(to, from); } TRY(open("l39", O_RDONLY)); TRY(open("l40", O_RDONLY)); }
CASE(open_permissions) { close(file("f", "x")); chmod("f", 0200); TRY(open("f", O_RDONLY)); TRY(open("f", O_WRONLY)); TRY(open("f", O_RDWR)); chmod("f", 0); TRY(open("f", O_WRONLY)); mkdir("d", 0700); close(file("d/g", "")); chmod("d", 0600); TRY(open("d/g", O_RDONLY)); chmod("d", 0500); TRY(open("d/new", O_CREAT, 0600)); TRY(open("d/g", O_RDONLY)); chmod("d", 0300); TRY(open("d", O_RDONLY)); TRY(open("d/g", O_RDONLY)); TRY(open("/etc/shadow", O_RDONLY)); TRY(open("/etc/passwd", O_WRONLY)); chmod("d", 0700); }
ROOT_CASE(open_root_overrides_permissions) { close(file("f", "x")); chmod("f", 0); TRY(open("f", O_RDWR)); mkdir("d", 0); TRY(open("d/new", O_CREAT, 0600)); TRY(access("f", X_OK)); TRY(access("f", R_OK)); chmod("f", 0100); TRY(access("f", X_OK)); }
CASE(open_noatime) { close(file("f", "x")); TRY(open("f", O_RDONLY | O_NOATIME)); TRY(open("/etc/passwd", O_RDONLY | O_NOATIME)); int fd = open("/etc/passwd", O_RDONLY); TRY(fcntl(fd, F_SETFL, O_NOATIME)); }
CASE(open_devices_and_fifos) { mkfifo("p", 0600); TRY(open("p", O_WRONLY | O_NONBLOCK)); int r = TRY(open("p", O_RDONLY | O_NONBLOCK)); TRY(open("p", O_WRONLY | O_NONBLOCK)); TRY(open("p", O_RDWR)); TRY(open("/dev/tty", O_RDWR) < 0); TRY(open("/dev/null", O_RDWR | O_TRUNC | O_APPEND)); TRY(lseek(r, 0, SEEK_SET)); }
CASE(open_fd_exhaustion) { setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 6, 6 }); TRY(open("/", O_RDONLY)); TRY(open("/", O_RDONLY)); TRY(open("/", O_RDONLY)); TRY(open("/", O_RDONLY)); TRY(open("f", O_CREAT, 0600)); TRY(access("f", F_OK)); TRY(dup(0)); TRY(dup2(0, 6)); TRY(fcntl(0, F_DUPFD, 5)); TRY(fcntl(0, F_DUPFD, 6)); int p[2]; TRY(pipe(p)); TRY(socket(1, 1, 0)); }
CASE(openat_directories) { mkdir("d", 0755); close(file("d/f", "")); int d = open("d", O_RDONLY), f = open("d/f", O_RDONLY); TRY(openat(d, "f", O_RDONLY)); TRY(openat(f, "f", O_RDONLY)); TRY(openat(-1, "f", O_RDONLY)); TRY(openat(77, "d/f", O_RDONLY)); TRY(openat(77, "/", O_RDONLY)); TRY(openat(d, "../d/f", O_RDONLY)); rmdir("d"); unlink("d/f"); rmdir("d"); TRY(openat(d, "new", O_CREAT | O_WRONLY, 0600)); TRY(openat(d, ".", O_RDONLY)); TRY(openat(d, "..", O_RDONLY)); }
CASE(openat2_refuses) {
	close(file("f", "")); TRY(openat2_(AT_FDCWD, "f", O_RDONLY, 0, 0)); TRY(openat2_(AT_FDCWD, "f", O_RDONLY, 0600, 0)); TRY(openat2_(AT_FDCWD, "f", O_RDONLY, 0, 0x80)); TRY(openat2_(AT_FDCWD, "g", O_CREAT, 010000, 0)); TRY(openat2_(AT_FDCWD, "f", O_PATH | O_RDWR, 0, 0));
	struct open_how how[2] = { { O_RDONLY } }; TRY(syscall(SYS_openat2, AT_FDCWD, "f", how, 8)); TRY(syscall(SYS_openat2, AT_FDCWD, "f", how, 32)); TRY(syscall(SYS_openat2, AT_FDCWD, "f", NULL, 24)); TRY(openat2_(AT_FDCWD, "f", O_TMPFILE | O_RDWR, 0600, 0));
}
CASE(openat2_resolve) {
	mkdir("d", 0755); close(file("d/f", "")); close(file("out", "")); symlink("../out", "d/up"); symlink("/etc/passwd", "d/abs"); symlink("f", "d/in"); int d = open("d", O_RDONLY);
	TRY(openat2_(d, "f", 0, 0, RESOLVE_BENEATH)); TRY(openat2_(d, "../out", 0, 0, RESOLVE_BENEATH)); TRY(openat2_(d, "up", 0, 0, RESOLVE_BENEATH)); TRY(openat2_(d, "abs", 0, 0, RESOLVE_BENEATH)); TRY(openat2_(d, "/etc/passwd", 0, 0, RESOLVE_BENEATH)); TRY(openat2_(d, "in", 0, 0, RESOLVE_BENEATH)); TRY(openat2_(d, "..", 0, 0, RESOLVE_BENEATH));
	TRY(openat2_(d, "in", 0, 0, RESOLVE_NO_SYMLINKS)); TRY(openat2_(d, "f", 0, 0, RESOLVE_NO_SYMLINKS)); TRY(openat2_(d, "in", O_NOFOLLOW | O_PATH, 0, RESOLVE_NO_SYMLINKS)); TRY(openat2_(AT_FDCWD, "/proc/self/exe", 0, 0, RESOLVE_NO_MAGICLINKS)); TRY(openat2_(d, "in", 0, 0, RESOLVE_NO_MAGICLINKS)); TRY(openat2_(AT_FDCWD, "/proc/version", 0, 0, RESOLVE_NO_XDEV));
	TRY(openat2_(d, "f", O_RDONLY, 0, RESOLVE_CACHED)); TRY(openat2_(d, "never_seen", O_RDONLY, 0, RESOLVE_CACHED)); TRY(openat2_(d, ".", O_RDONLY, 0, RESOLVE_CACHED));
	TRY(openat2_(d, "/f", 0, 0, RESOLVE_IN_ROOT)); TRY(openat2_(d, "../../f", 0, 0, RESOLVE_IN_ROOT)); TRY(openat2_(d, "up", 0, 0, RESOLVE_IN_ROOT)); TRY(openat2_(d, "abs", 0, 0, RESOLVE_IN_ROOT)); TRY(openat2_(d, "f", 0, 0, RESOLVE_IN_ROOT | RESOLVE_BENEATH)); TRY(openat2_(d, "f", O_TRUNC | O_RDWR, 0, RESOLVE_CACHED));
}
CASE(dup_shares_the_position) { int fd = file("f", "abcdef"); int two = TRY(dup(fd)); TRY(lseek(fd, 2, SEEK_SET)); TRY(lseek(two, 0, SEEK_CUR)); TRY(fcntl(two, F_SETFD, FD_CLOEXEC)); TRY(fcntl(fd, F_GETFD)); TRY(dup2(fd, fd)); TRY(dup2(99, 5)); TRY(dup2(fd, -1)); TRY(dup2(99, 99)); TRY(dup3(fd, fd, 0)); TRY(dup3(fd, 9, O_CLOEXEC)); TRY(fcntl(9, F_GETFD)); TRY(dup3(fd, 9, O_APPEND)); TRY(dup2(fd, 9)); TRY(fcntl(9, F_GETFD)); TRY(dup(-1)); TRY(fcntl(fd, F_DUPFD_CLOEXEC, 20)); TRY(fcntl(20, F_GETFD)); TRY(fcntl(fd, F_DUPFD, -1)); TRY(fcntl(fd, 9999)); TRY(fcntl(99, F_GETFD)); }
CASE(close_range_ways) { for (int i = 3; i < 10; i++) dup2(0, i); TRY(syscall(SYS_close_range, 5, 6, 0)); TRY(fcntl(5, F_GETFD)); TRY(fcntl(7, F_GETFD)); TRY(syscall(SYS_close_range, 7, ~0u, CLOSE_RANGE_CLOEXEC)); TRY(fcntl(7, F_GETFD)); TRY(syscall(SYS_close_range, 8, 7, 0)); TRY(syscall(SYS_close_range, 3, ~0u, 8)); TRY(syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_UNSHARE)); TRY(fcntl(3, F_GETFD)); }
CASE(cloexec_is_closed_by_exec) { int a = open("/", O_RDONLY | O_CLOEXEC), b = open("/", O_RDONLY); char text[64]; snprintf(text, sizeof text, "ls -d /proc/self/fd/%d /proc/self/fd/%d", a, b); IN_CHILD("sh", execve("/bin/true", (char *[]){ "true", NULL }, (char *[]){ NULL })); TRY(fcntl(a, F_GETFD)); TRY(fcntl(b, F_GETFD)); }
CASE(fcntl_flags) { int fd = file("f", ""); TRY(fcntl(fd, F_GETFL)); TRY(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK)); TRY(fcntl(fd, F_GETFL)); TRY(fcntl(fd, F_SETFL, O_RDONLY | O_CREAT | O_TRUNC)); TRY(fcntl(fd, F_GETFL)); TRY(fcntl(fd, F_GETOWN)); TRY(fcntl(fd, F_SETSIG, 65)); TRY(fcntl(fd, F_SETSIG, 10)); TRY(fcntl(fd, F_GETSIG)); TRY(fcntl(fd, F_GETLEASE)); }
