// inotify: every kind of event on a directory and on a file, in its order; masks, watches removed, the file gone.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static int fd;

static void show(const char *what) {
	static const char *names[] = { "ACCESS", "MODIFY", "ATTRIB", "CLOSE_WRITE", "CLOSE_NOWRITE", "OPEN", "MOVED_FROM", "MOVED_TO", "CREATE", "DELETE", "DELETE_SELF", "MOVE_SELF", "?", "UNMOUNT", "Q_OVERFLOW", "IGNORED" };
	_Alignas(8) char buffer[4096];
	int waiting = 0;
	ioctl(fd, FIONREAD, &waiting);
	ssize_t n = read(fd, buffer, sizeof buffer);
	printf("%s: %d bytes wait, %s\n", what, waiting, n < 0 ? strerror(errno) : "read");
	unsigned first = 0;
	for (char *p = buffer; p < buffer + n;) {
		struct inotify_event *e = (void *)p;
		printf("  wd %d", e->wd);
		for (int bit = 0; bit < 16; bit++) if (e->mask >> bit & 1) printf(" %s", names[bit]);
		if (e->mask & IN_ISDIR) printf(" ISDIR");
		if (e->cookie) { if (!first) first = e->cookie; printf(" cookie+%u", e->cookie - first); }
		if (e->len) printf(" \"%s\" %u", e->name, e->len);
		printf("\n");
		p += sizeof *e + e->len;
	}
}

int main(void) {
	mkdir("watched", 0755);
	chdir("watched");
	fd = inotify_init1(IN_NONBLOCK);
	int dir = inotify_add_watch(fd, ".", IN_ALL_EVENTS);
	printf("wd %d\n", dir);
	show("nothing");
	int file = open("file", O_CREAT | O_RDWR, 0644);
	show("created");
	write(file, "hello", 5);
	write(file, "hello", 5);
	show("written twice");
	char c[8];
	pread(file, c, 3, 0);
	pread(file, c, 3, 100);
	show("read, and at the end");
	int own = inotify_add_watch(fd, "file", IN_ALL_EVENTS);
	printf("wd %d\n", own);
	ftruncate(file, 2);
	fchmod(file, 0600);
	struct timespec times[2] = { { 1, 0 }, { 0, UTIME_OMIT } };
	futimens(file, times);
	utimensat(AT_FDCWD, "file", NULL, 0);
	show("truncated, mode, times");
	close(file);
	show("closed");
	file = open("file", O_RDONLY);
	close(file);
	close(open("file", O_WRONLY | O_TRUNC));
	show("opened and closed");
	mkdir("sub", 0755);
	symlink("file", "link");
	link("file", "second");
	show("directory, links");
	rename("file", "renamed");
	rename("renamed", "sub/inside");
	rename("sub/inside", "file");
	show("renamed");
	rename("second", "file");
	show("renamed to another name of the same file");
	unlink("second");
	close(open("other", O_CREAT | O_WRONLY, 0644));
	rename("other", "file");
	show("renamed over the watched file");
	unlink("link");
	rmdir("sub");
	show("removed");
	own = inotify_add_watch(fd, "file", IN_DELETE_SELF | IN_ATTRIB | IN_CLOSE);
	file = open("file", O_RDONLY);
	unlink("file");
	show("unlinked while open");
	close(file);
	show("closed");
	close(open("once", O_CREAT | O_WRONLY, 0644));
	inotify_add_watch(fd, ".", IN_CREATE);
	show("before");
	int once = inotify_add_watch(fd, "once", IN_OPEN | IN_ONESHOT);
	close(open("once", O_RDONLY));
	close(open("once", O_RDONLY));
	show("one shot, and only creations of the directory");
	once = inotify_add_watch(fd, "once", IN_OPEN);
	printf("again %d\n", inotify_add_watch(fd, "once", IN_CLOSE | IN_MASK_ADD) == once);
	printf("%d %s\n", inotify_add_watch(fd, "once", IN_OPEN | IN_MASK_CREATE), strerror(errno));
	DIR *d = opendir(".");
	while (readdir(d)) ;
	closedir(d);
	close(open("once", O_RDONLY));
	show("added to the mask");
	printf("%d\n", inotify_rm_watch(fd, once));
	show("watch removed");
	printf("%d %s\n", inotify_rm_watch(fd, once), strerror(errno));
	printf("%d %s\n", inotify_add_watch(fd, "none", IN_OPEN), strerror(errno));
	printf("%d %s\n", inotify_add_watch(fd, "once", IN_OPEN | IN_ONLYDIR), strerror(errno));
	printf("%d %s\n", inotify_add_watch(fd, "once", 0), strerror(errno));
	printf("%d %s\n", inotify_add_watch(0, "once", IN_OPEN), strerror(errno));
	close(open("long name of a file", O_CREAT | O_WRONLY, 0644));
	printf("%ld %s\n", read(fd, c, 8), strerror(errno));
	struct pollfd p = { fd, POLLIN, 0 };
	printf("poll %d\n", poll(&p, 1, 0));
	show("long name");
	printf("poll %d\n", poll(&p, 1, 0));
	inotify_add_watch(fd, ".", IN_ALL_EVENTS);
	unlink("once");
	unlink("long name of a file");
	chdir("..");
	rmdir("watched");
	show("the directory is gone");
	return 0;
}
