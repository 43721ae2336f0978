// Files: open's flags and errors, positions, directories, links, times, permissions, locks, holes, truncation, renames, paths that end badly.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define T(...) do { errno = 0; long r_ = (long)(__VA_ARGS__); printf("%s = %ld%s%s\n", #__VA_ARGS__, r_, r_ < 0 ? " " : "", r_ < 0 ? strerror(errno) : ""); } while (0)

static int order(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }
static void list(const char *path) {
	struct dirent **names;
	int n = scandir(path, &names, NULL, order);
	printf("%s:", path);
	for (int i = 0; i < n; i++) printf(" %s/%d", names[i]->d_name, names[i]->d_type);
	printf("\n");
}

int main(void) {
	umask(022);
	char b[256];
	struct stat st;
	mkdir("d", 0755);
	chdir("d");
	int f = open("f", O_CREAT | O_RDWR, 0666);
	T(fstat(f, &st));
	printf("mode %o size %ld links %d\n", st.st_mode, (long)st.st_size, (int)st.st_nlink);
	T(open("f", O_CREAT | O_EXCL, 0600));
	T(open("none", O_RDONLY));
	T(open("none/x", O_CREAT, 0600));
	T(open("f/x", O_RDONLY));
	T(open("f/", O_RDONLY));
	T(open(".", O_WRONLY));
	T(open(".", O_CREAT, 0600));
	T(open("f", O_DIRECTORY));
	T(open("", O_RDONLY));
	T(open((char *)1, O_RDONLY));
	memset(b, 'x', 255), b[255] = 0;
	T(open(b, O_CREAT | O_WRONLY, 0600) >= 0);
	unlink(b);
	char path[5000];
	memset(path, 'x', 256), path[256] = 0;
	T(open(path, O_RDONLY));
	memset(path, '/', 4999), path[4999] = 0;
	T(open(path, O_RDONLY));
	T(write(f, "0123456789", 10));
	T(lseek(f, 3, SEEK_SET));
	T(read(f, b, 4));
	T(lseek(f, -2, SEEK_CUR));
	T(lseek(f, -20, SEEK_CUR));
	T(lseek(f, 100000, SEEK_END));
	T(write(f, "end", 3));
	T(lseek(f, 0, SEEK_DATA));
	T(lseek(f, 1 << 30, SEEK_DATA));
	T(pread(f, b, 5, 50000));
	printf("hole %d\n", b[0] | b[1] | b[2] | b[3] | b[4]);
	T(ftruncate(f, 5));
	T(pread(f, b, 10, 0));
	T(ftruncate(f, -1));
	T(truncate("f", 12));
	T(pread(f, b, 20, 0));
	printf("%.5s %d\n", b, b[6]);
	int a = open("f", O_WRONLY | O_APPEND);
	T(write(a, "app", 3));
	T(lseek(a, 0, SEEK_CUR));
	T(pwrite(a, "pw", 2, 0));
	T(read(a, b, 1));
	T(write(open("f", O_RDONLY), "x", 1));
	T(fcntl(a, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	T(fcntl(a, F_SETFL, O_NONBLOCK));
	T(fcntl(a, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	T(dup2(a, 30));
	T(dup2(99, 31));
	T(dup3(a, a, 0));
	T(fcntl(a, F_DUPFD_CLOEXEC, 40));
	T(fcntl(40, F_GETFD));
	T(close(99));
	T(link("f", "g"));
	T(link("f", "g"));
	T(link(".", "h"));
	T(symlink("f", "s"));
	T(symlink("loop2", "loop1"));
	T(symlink("loop1", "loop2"));
	T(open("loop1", O_RDONLY));
	T(open("s", O_RDONLY | O_NOFOLLOW));
	T(readlink("s", b, 256));
	T(readlink("f", b, 256));
	T(readlink("s", b, 0));
	T(lstat("s", &st));
	printf("link mode %o size %ld\n", st.st_mode, (long)st.st_size);
	T(mkdir("e", 0777));
	T(mkdir("e", 0777));
	T(mkdir("e/x/y", 0777));
	T(rmdir("none"));
	T(rmdir("f"));
	T(rmdir("."));
	T(rmdir("e/.."));
	T(unlink("e"));
	T(unlink("s/"));
	close(open("e/inside", O_CREAT, 0600));
	T(rmdir("e"));
	list(".");
	list("e");
	T(rename("g", "e/g"));
	T(rename("none", "x"));
	T(rename("e", "e/sub"));
	T(rename("f", "e"));
	T(rename("e", "f"));
	T(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "e/g", 1));
	T(syscall(SYS_renameat2, AT_FDCWD, "s", AT_FDCWD, "e/inside", 2));
	list("e");
	T(faccessat(AT_FDCWD, "f", W_OK, 0));
	T(access("none", F_OK));
	T(chmod("f", 04755));
	stat("f", &st);
	printf("mode %o\n", st.st_mode);
	T(fchmodat(AT_FDCWD, "f", 0600, 0));
	int dir = open(".", O_RDONLY | O_DIRECTORY), o = open("f", O_PATH);
	T(openat(dir, "f", O_RDONLY) >= 0);
	T(openat(f, "f", O_RDONLY));
	T(read(o, b, 1));
	T(fchmod(o, 0600));
	T(fstat(o, &st));
	T(fchdir(dir));
	T(fchdir(f));
	T(unlinkat(dir, "e", 0));
	T(linkat(f, "", AT_FDCWD, "relinked", AT_EMPTY_PATH));
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 5 };
	T(fcntl(f, F_SETLK, &lock));
	fflush(stdout);
	if (fork() == 0) {
		T(fcntl(f, F_SETLK, &lock));
		lock.l_type = F_RDLCK;
		fcntl(f, F_GETLK, &lock);
		printf("lock held by the parent %d type %d len %ld\n", lock.l_pid == getppid(), lock.l_type, (long)lock.l_len);
		lock.l_type = F_WRLCK, lock.l_start = 5, lock.l_len = 0;
		T(fcntl(f, F_SETLK, &lock));
		T(flock(open("f", O_RDONLY), LOCK_EX | LOCK_NB));
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
	T(flock(f, LOCK_SH));
	T(flock(open("f", O_RDONLY), LOCK_EX | LOCK_NB));
	T(getcwd(b, 2) == NULL ? -1 : 0);
	T(setxattr("f", "user.one", "value", 5, 0));
	T(getxattr("f", "user.one", b, 256));
	T(getxattr("f", "user.two", b, 256));
	T(posix_fallocate(f, 0, 100));
	T(fallocate(f, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 5));
	T(fsync(f));
	T(fsync(0) < 0 ? -1 : 0);
	struct statfs fs;
	T(statfs(".", &fs));
	T(fstatfs(99, &fs));
	struct timespec times[2] = { { 1000, 5 }, { 2000, 6 } };
	T(utimensat(AT_FDCWD, "f", times, 0));
	stat("f", &st);
	printf("times %ld.%ld %ld.%ld\n", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	times[0].tv_nsec = 2000000000;
	T(utimensat(AT_FDCWD, "f", times, 0));
	T(mkfifo("fifo", 0600));
	T(open("fifo", O_WRONLY | O_NONBLOCK));
	T(open("fifo", O_RDONLY | O_NONBLOCK) >= 0);
	T(ioctl(f, 0x5401, b));
	T(isatty(f));
	struct statx sx;
	T(statx(AT_FDCWD, "f", 0, STATX_SIZE | STATX_MODE, &sx));
	printf("statx %lld %o\n", (long long)sx.stx_size, sx.stx_mode);
	DIR *d = opendir("e");
	int n = 0;
	while (readdir(d)) n++;
	rewinddir(d);
	while (readdir(d)) n++;
	printf("read twice %d\n", n);
	closedir(d);
	int tmp = open(".", O_TMPFILE | O_RDWR, 0600);
	T(write(tmp, "t", 1));
	fstat(tmp, &st);
	printf("links of a temporary file %d\n", (int)st.st_nlink);
	T(chdir(".."));
	system("rm -rf d");
	return 0;
}
