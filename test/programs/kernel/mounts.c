#include "cases.h"
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
/* Mounting by descriptors. The harness gives each case a namespace of mounts of its own on the host. */
#define fsopen_(...) syscall(SYS_fsopen, __VA_ARGS__)
#define fsconfig_(fd, cmd, key, value, aux) syscall(SYS_fsconfig, fd, cmd, key, value, aux)
#define fsmount_(...) syscall(SYS_fsmount, __VA_ARGS__)
#define fspick_(...) syscall(SYS_fspick, __VA_ARGS__)
#define move_mount_(...) syscall(SYS_move_mount, __VA_ARGS__)
#define open_tree_(...) syscall(SYS_open_tree, __VA_ARGS__)
#define mount_setattr_(...) syscall(SYS_mount_setattr, __VA_ARGS__)

static void said(int fd) {
	char text[256];
	long got = read(fd, text, sizeof text - 1);
	if (got < 0) { say("says %s", error_name(errno)); return; }
	text[got] = 0;
	say("says %s", text);
}

ROOT_CASE(a_new_tmpfs_by_descriptors) {
	mkdir("there", 0755);
	int fs = TRY(fsopen_("tmpfs", 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "source", "mine", 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "size", "1m", 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "mode", "0750", 0));
	TRY(fsmount_(fs, 0, 0));
	TRY(fsconfig_(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	TRY(fsconfig_(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "size", "2m", 0));
	int mnt = TRY(fsmount_(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
	TRY(fsmount_(fs, 0, 0));
	struct stat s;
	say("flags %x", fcntl(mnt, F_GETFD));
	TRY(read(mnt, &s, 1));
	int inside = TRY(openat(mnt, "file", O_CREAT | O_RDWR, 0600));
	TRY(access("there/file", F_OK));
	TRY(move_mount_(mnt, "", AT_FDCWD, "there", MOVE_MOUNT_F_EMPTY_PATH));
	TRY(access("there/file", F_OK));
	struct statfs f;
	statfs("there", &f);
	say("type %lx flags %lx", (long)f.f_type, (long)f.f_flags & (ST_NOSUID | ST_NODEV | ST_RDONLY));
	TRY(move_mount_(mnt, "", AT_FDCWD, "there", MOVE_MOUNT_F_EMPTY_PATH));
	TRY(umount2("there", 0));
	close(mnt); close(inside);
	TRY(umount2("there", MNT_DETACH));
	TRY(access("there/file", F_OK));
}

ROOT_CASE(checks_in_order) {
	TRY(fsopen_("tmpfs", 2)); TRY(fsopen_("no_such_fs", 0)); TRY(fsopen_(BAD_POINTER, 0)); TRY(fsopen_(NULL, 0)); TRY(fsopen_("", 0));
	int fs = TRY(fsopen_("tmpfs", FSOPEN_CLOEXEC));
	say("%d", fcntl(fs, F_GETFD));
	said(fs);
	TRY(fsconfig_(-1, FSCONFIG_SET_FLAG, "ro", NULL, 0)); TRY(fsconfig_(99, FSCONFIG_SET_FLAG, "ro", NULL, 0)); TRY(fsconfig_(0, FSCONFIG_SET_FLAG, "ro", NULL, 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, NULL, NULL, 0)); TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, "ro", "x", 0)); TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, "ro", NULL, 1));
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "size", NULL, 0)); TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "size", "1m", 1)); TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "size", BAD_POINTER, 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_BINARY, "size", "1m", 0)); TRY(fsconfig_(fs, FSCONFIG_SET_FD, "size", NULL, 99)); TRY(fsconfig_(fs, FSCONFIG_SET_FD, "size", "1", 0));
	TRY(fsconfig_(fs, FSCONFIG_CMD_CREATE, "key", NULL, 0)); TRY(fsconfig_(fs, 77, NULL, NULL, 0)); TRY(fsconfig_(99, 77, NULL, NULL, 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, BAD_POINTER, NULL, 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0)); TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, "rw", NULL, 0)); TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, "sync", NULL, 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, "size", NULL, 0)); said(fs);
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "size", "many", 0)); said(fs);
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "mode", "999", 0)); said(fs);
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "unheard", "1", 0)); said(fs); said(fs);
	TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, "unheard", NULL, 0)); said(fs);
	TRY(fsconfig_(fs, FSCONFIG_SET_FLAG, "source", NULL, 0)); said(fs);
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "source", "a", 0)); TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "source", "b", 0)); said(fs);
	TRY(lseek(fs, 0, SEEK_SET)); TRY(write(fs, "x", 1));
	TRY(fsconfig_(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
	TRY(fsmount_(fs, 2, 0)); TRY(fsmount_(fs, 0, 0x40)); TRY(fsmount_(fs, 0, 0x30)); TRY(fsmount_(99, 0, 0)); TRY(fsmount_(0, 0, 0)); TRY(fsmount_(fs, 0, MOUNT_ATTR_NOATIME));
}

ROOT_CASE(proc_by_descriptors) {
	mkdir("there", 0755);
	int fs = TRY(fsopen_("proc", 0));
	TRY(fsconfig_(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	int mnt = TRY(fsmount_(fs, 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC));
	TRY(move_mount_(mnt, "", AT_FDCWD, "there", MOVE_MOUNT_F_EMPTY_PATH));
	TRY(access("there/self/status", R_OK));
	TRY(umount2("there", MNT_DETACH));
}

ROOT_CASE(trees_and_moves) {
	mkdir("a", 0755); mkdir("b", 0755); mkdir("c", 0755); close(open("file", O_CREAT | O_RDWR, 0600));
	TRY(mount("none", "a", "tmpfs", 0, NULL));
	close(open("a/inside", O_CREAT | O_RDWR, 0600));
	TRY(open_tree_(AT_FDCWD, "a", 2)); TRY(open_tree_(AT_FDCWD, "a", AT_RECURSIVE)); TRY(open_tree_(AT_FDCWD, "none", 0)); TRY(open_tree_(99, "a", 0)); TRY(open_tree_(AT_FDCWD, "", 0));
	int tree = TRY(open_tree_(AT_FDCWD, "a", OPEN_TREE_CLOEXEC));
	TRY(faccessat(tree, "inside", F_OK, 0));
	int copy = TRY(open_tree_(AT_FDCWD, "a", OPEN_TREE_CLONE));
	TRY(move_mount_(copy, "", AT_FDCWD, "b", MOVE_MOUNT_F_EMPTY_PATH));
	TRY(access("b/inside", F_OK));
	TRY(access("a/inside", F_OK));
	TRY(move_mount_(AT_FDCWD, "b", AT_FDCWD, "c", 0));
	TRY(access("b/inside", F_OK));
	TRY(access("c/inside", F_OK));
	TRY(move_mount_(AT_FDCWD, "c", AT_FDCWD, "b", 0x1000)); TRY(move_mount_(AT_FDCWD, "none", AT_FDCWD, "b", 0)); TRY(move_mount_(AT_FDCWD, "c", AT_FDCWD, "none", 0));
	TRY(move_mount_(AT_FDCWD, "b", AT_FDCWD, "a", 0)); TRY(move_mount_(AT_FDCWD, "c", AT_FDCWD, "file", 0)); TRY(move_mount_(tree, "", AT_FDCWD, "a", 0));
	mkdir("c/below", 0755);
	TRY(move_mount_(AT_FDCWD, "c", AT_FDCWD, "c/below", 0));
	TRY(umount2("c", 0)); close(tree); close(copy); TRY(umount2("c", 0)); TRY(umount2("a", 0));
}

/* More than a page: zeros. */
static char big[8192];

ROOT_CASE(attributes_of_mounts) {
	struct statfs f;
	struct mount_attr attr = { 0 };
	mkdir("a", 0755); mkdir("plain", 0755);
	TRY(mount("none", "a", "tmpfs", 0, NULL));
	TRY(mount_setattr_(AT_FDCWD, "a", 2, &attr, sizeof attr)); TRY(mount_setattr_(AT_FDCWD, "a", 0, &attr, 8)); TRY(mount_setattr_(AT_FDCWD, "a", 0, big, sizeof big)); TRY(mount_setattr_(AT_FDCWD, "a", 0, BAD_POINTER, sizeof attr));
	TRY(mount_setattr_(AT_FDCWD, "none", 0, &attr, sizeof attr));
	attr.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC;
	TRY(mount_setattr_(AT_FDCWD, "none", 0, &attr, sizeof attr)); TRY(mount_setattr_(AT_FDCWD, "plain", 0, &attr, sizeof attr)); TRY(mount_setattr_(AT_FDCWD, "a", 0, &attr, sizeof attr));
	TRY(open("a/new", O_CREAT | O_RDWR, 0600));
	statfs("a", &f);
	say("flags %lx", (long)f.f_flags & (ST_RDONLY | ST_NOEXEC | ST_NOSUID));
	attr.attr_set = 0; attr.attr_clr = MOUNT_ATTR_RDONLY;
	TRY(mount_setattr_(AT_FDCWD, "a", 0, &attr, sizeof attr));
	GIVES(open("a/new", O_CREAT | O_RDWR, 0600));
	attr.attr_clr = 0; attr.attr_set = MOUNT_ATTR_NOATIME;
	TRY(mount_setattr_(AT_FDCWD, "a", 0, &attr, sizeof attr));
	attr.attr_clr = MOUNT_ATTR__ATIME;
	TRY(mount_setattr_(AT_FDCWD, "a", 0, &attr, sizeof attr));
	attr.attr_set = 0x30;
	TRY(mount_setattr_(AT_FDCWD, "a", 0, &attr, sizeof attr));
	attr.attr_clr = 0; attr.attr_set = 1ULL << 40;
	TRY(mount_setattr_(AT_FDCWD, "a", 0, &attr, sizeof attr));
	attr.attr_set = 0; attr.propagation = MS_PRIVATE | MS_SHARED;
	TRY(mount_setattr_(AT_FDCWD, "a", 0, &attr, sizeof attr));
	attr.propagation = MS_PRIVATE;
	TRY(mount_setattr_(AT_FDCWD, "a", AT_RECURSIVE, &attr, sizeof attr));
}

ROOT_CASE(what_is_picked_is_configured_anew) {
	mkdir("a", 0755); mkdir("plain", 0755);
	TRY(mount("none", "a", "tmpfs", 0, NULL));
	TRY(fspick_(AT_FDCWD, "a", 0x100)); TRY(fspick_(AT_FDCWD, "none", 0)); TRY(fspick_(AT_FDCWD, "plain", 0));
	int fs = TRY(fspick_(AT_FDCWD, "a", 0));
	TRY(fsconfig_(fs, FSCONFIG_SET_STRING, "size", "4m", 0));
	TRY(fsconfig_(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	TRY(fsmount_(fs, 0, 0));
	TRY(fsconfig_(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
}

CASE(nobody_may) {
	struct mount_attr attr = { 0 };
	TRY(fsopen_("tmpfs", 0)); TRY(fsopen_("none", 9)); TRY(fsconfig_(-1, 77, NULL, NULL, 0)); TRY(fsconfig_(0, FSCONFIG_SET_FLAG, "ro", NULL, 0)); TRY(fsmount_(-1, 9, 0)); TRY(fspick_(AT_FDCWD, "none", 0x100));
	TRY(move_mount_(AT_FDCWD, ".", AT_FDCWD, ".", 0x1000)); TRY(open_tree_(AT_FDCWD, ".", 2)); TRY(open_tree_(AT_FDCWD, ".", OPEN_TREE_CLONE)); GIVES(open_tree_(AT_FDCWD, ".", 0));
	TRY(mount_setattr_(AT_FDCWD, ".", 2, &attr, sizeof attr)); TRY(mount_setattr_(AT_FDCWD, ".", 0, &attr, 8)); TRY(mount_setattr_(AT_FDCWD, ".", 0, &attr, sizeof attr));
}

ROOT_CASE(a_mount_that_is_read_only_changes_nothing) {
	struct timespec times[2] = { { 1, 0 }, { 2, 0 } };
	mkdir("a", 0755);
	TRY(mount("none", "a", "tmpfs", 0, NULL));
	close(open("a/file", O_CREAT | O_RDWR, 0600)); mkdir("a/dir", 0755);
	int fd = open("a/file", O_RDONLY);
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	TRY(mount_setattr_(AT_FDCWD, "a", 0, &attr, sizeof attr));
	TRY(open("a/file", O_RDWR)); TRY(open("a/file", O_RDONLY | O_TRUNC)); TRY(open("a/new", O_CREAT | O_RDWR, 0600)); TRY(open("a/file", O_CREAT | O_EXCL | O_RDWR, 0600));
	TRY(access("a/file", W_OK)); TRY(access("a/file", R_OK)); TRY(access("a/dir", W_OK));
	TRY(mkdir("a/new", 0755)); TRY(mkdir("a/dir", 0755)); TRY(mknod("a/pipe", S_IFIFO | 0600, 0)); TRY(symlink("x", "a/link")); TRY(link("a/file", "a/again"));
	TRY(unlink("a/file")); TRY(unlink("a/none")); TRY(rmdir("a/dir")); TRY(rename("a/file", "a/other")); TRY(rename("a/none", "a/other"));
	TRY(chmod("a/file", 0644)); TRY(fchmod(fd, 0644)); TRY(chown("a/file", 1, 1)); TRY(fchown(fd, 1, 1)); TRY(truncate("a/file", 5)); TRY(utimensat(AT_FDCWD, "a/file", times, 0)); TRY(futimens(fd, times));
	TRY(setxattr("a/file", "trusted.x", "1", 1, 0)); TRY(lsetxattr("a/none", "trusted.x", "1", 1, 0)); TRY(fsetxattr(fd, "trusted.x", "1", 1, 0)); TRY(setxattr("a/file", "trusted.x", (void *)1, 1, 0));
	TRY(removexattr("a/file", "trusted.x")); TRY(fremovexattr(fd, "trusted.x")); TRY(setxattr("a/file", "none.x", "1", 1, 0)); TRY((int)getxattr("a/file", "trusted.x", NULL, 0));
	close(fd);
	TRY(umount2("a", 0));
}
