// Calls that a container refuses or that Linux may lack: what they answer is one thing, their arguments are printed all the same.
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define S syscall
static char zeros[4096], bytes[4096] __attribute__((aligned(64)));
static void clear(void) { memset(bytes, 0, sizeof bytes); }

int main(void) {
	char *z = zeros, *b = bytes;
	long *l = (long *)bytes;
	int *i = (int *)bytes;
	close(-1000);
	S(SYS_fanotify_init, 0x1 | 0x10, 0x8002); S(SYS_fanotify_init, 0, 0); S(SYS_fanotify_init, 0x80000000, 1); S(SYS_fanotify_init, 4 | 8 | 0x200, 0x80000);
	S(SYS_fanotify_mark, 99, 1 | 8, 0x1 | 0x20 | 0x40000000L, -100, "/nowhere"); S(SYS_fanotify_mark, 99, 2, 0x08000000L, 5, 0L); S(SYS_fanotify_mark, 99, 0x80 | 0x10 | 0x100, 0x100000000L, -100, 8L); S(SYS_fanotify_mark, -1, 0, 0L, -1, "x");
	S(SYS_io_uring_enter, 99, 1, 2, 1, 0L, 8L); S(SYS_io_uring_enter, 99, 1, 2, 0x80 | 1, z, 8L); S(SYS_io_uring_enter, 99, 0, 0, 0x8, 0L, 0L);
	S(SYS_io_uring_register, 99, 0, z, 1); S(SYS_io_uring_register, 99, 1, 0L, 0); S(SYS_io_uring_register, 99, 2, z, 2); S(SYS_io_uring_register, 99, 9, 0L, 5); S(SYS_io_uring_register, 99, 99, z, 3); S(SYS_io_uring_register, 99, 4, z, 1);
	S(SYS_io_setup, 5, 8L); S(SYS_io_destroy, 0x1234L);
	S(SYS_io_getevents, 0x1234L, 1L, 2L, z, 0L); l[0] = 1; S(SYS_io_getevents, 0x1234L, -1L, 3L, z, b); S(SYS_io_getevents, 0x1234L, 0L, 0L, 0L, 8L);
	long *list = (long *)(bytes + 64), block = (long)(bytes + 128);
	int *cb = (int *)(bytes + 128);
	list[0] = block;
	S(SYS_io_submit, 0x1234L, 1L, list); S(SYS_io_submit, 0x1234L, -1L, 0L); S(SYS_io_submit, 0x1234L, 2L, 8L); S(SYS_io_submit, 0x1234L, 0L, list);
	cb[4] = 1; cb[5] = 7; S(SYS_io_submit, 0x1234L, 1L, list); S(SYS_io_cancel, 0x1234L, b + 128, z); S(SYS_io_cancel, 1L, 0L, 0L);
	clear();
	S(SYS_io_pgetevents, 0x1234L, 1L, 2L, z, 0L, 0L); S(SYS_io_pgetevents, 0x1234L, 1L, 2L, z, b, z);
	S(SYS_quotactl, 0x800002 << 8, "/dev/x", 5, z); S(SYS_quotactl, (0x800007 << 8) | 1, "/dev/x", 5, z); S(SYS_quotactl, 0x800001 << 8, 0L, 0, 0L); S(SYS_quotactl, 0x800008 << 8, "/x", 1, z); S(SYS_quotactl, 0x12345678, "/x", 1, z);
	S(SYS_quotactl, (0x800003 << 8) | 2, "/x", 0, z); S(SYS_quotactl, 0x800004 << 8, "/x", 0, z);
	S(SYS_bpf, 99, z, 8); S(SYS_bpf, 0, 0L, 0); S(SYS_bpf, 0, 8L, 32);
	S(SYS_add_key, "nokind", "name", "payload", 7L, -2); S(SYS_add_key, 0L, 0L, 0L, 0L, 5); S(SYS_add_key, "a", "b", z, 4L, -4);
	S(SYS_request_key, "nokind", "name", "info", -3); S(SYS_request_key, "k", 0L, 0L, 0);
	S(SYS_keyctl, 6, 999999, z, 20L); S(SYS_keyctl, 11, 999999, z, 9L); S(SYS_keyctl, 99, 1L, 2L, 3L, 4L); S(SYS_keyctl, 5, 999999, 0x3f3f0000); S(SYS_keyctl, 8, 999999, -4); S(SYS_keyctl, 10, 999999, "user", "x", -1);
	S(SYS_keyctl, 15, 999999, 4); S(SYS_keyctl, 4, 999999, 1, 2); S(SYS_keyctl, 3, 999999); S(SYS_keyctl, 1, 8L);
	S(SYS_mbind, 0x10000L, 0x1000L, 9, 0L, 0L, 1); S(SYS_mbind, 0x10000L, 0x1000L, 2, 8L, 8L, 3); S(SYS_mbind, 0L, 0L, 1 | 0x8000, z, 64L, 0x10);
	S(SYS_set_mempolicy, 99, 0L, 0L); S(SYS_set_mempolicy, 0x4009, z, 64L); S(SYS_set_mempolicy, 2, 8L, 8L); clear(); l[0] = 3; l[1] = 0x10; S(SYS_mbind, 0L, 0L, 9, b, 129L, 1); S(SYS_mbind, 0L, 0L, 9, b, 3L, 1);
	S(SYS_migrate_pages, 999999, 64L, 0L, 8L); S(SYS_move_pages, 999999, 1L, 0L, 0L, 0L, 0x40);
	S(SYS_kexec_load, 0x1000L, 99L, 8L, 0x3e0001L); S(SYS_kexec_load, 0L, 99L, 0L, 1L);
	S(SYS_kexec_file_load, 99, 98, 4L, "abc", 0x10L); S(SYS_kexec_file_load, 99, -1, 0L, 0L, 0x10L);
	clear(); l[0] = 7;
	S(SYS_landlock_create_ruleset, b, 8L, 0x10); S(SYS_landlock_create_ruleset, 0L, 0L, 2); S(SYS_landlock_create_ruleset, 8L, 8L, 0); S(SYS_landlock_create_ruleset, b, 4L, 0);
	l[0] = 1; i[2] = 99;
	S(SYS_landlock_add_rule, 99, 1, b, 1); S(SYS_landlock_add_rule, 99, 5, b, 1); S(SYS_landlock_add_rule, 99, 1, 0L, 0); S(SYS_landlock_restrict_self, 99, 0); S(SYS_landlock_restrict_self, -1, 1);
	S(SYS_perf_event_open, 0L, 1, 2, 99, 0L); S(SYS_perf_event_open, 8L, 0, 0, -1, 3L); S(SYS_perf_event_open, 8L, 0, -1, -1, 0x100L);
	S(SYS_userfaultfd, 5); S(SYS_userfaultfd, 0x80000 | 2);
	clear(); l[0] = 0x1000; l[1] = 0x2000;
	S(SYS_process_madvise, 99, b, 1L, 20, 0); S(SYS_process_madvise, 99, 0L, 0L, 21, 1);
	clear(); l[0] = 1; l[1] = 2; l[2] = 0x40000; l[3] = 99;
	S(SYS_mount_setattr, 99, "nowhere", 0x1000, b, 32L); S(SYS_mount_setattr, -100, "", 0x8100, 0L, 0L); S(SYS_mount_setattr, -100, "/nowhere", 0, z, 16L); S(SYS_mount_setattr, -100, "/nowhere", 0, z, 40L); S(SYS_mount_setattr, -100, "/nowhere", 0x4000000, b, 32L);
	S(SYS_open_tree, -100, "/nowhere", 1 | 0x80000 | 0x8000); S(SYS_open_tree, 99, "", 0x1000); S(SYS_move_mount, 99, "a", -100, "/nowhere", 0x4 | 0x40); S(SYS_move_mount, -1, "", -1, "", 0x77);
	S(SYS_fsopen, "nokind", 1); S(SYS_fsopen, 0L, 0); S(SYS_fsopen, "x", 2);
	S(SYS_fsconfig, 99, 0, "key", 0L, 0); S(SYS_fsconfig, 99, 1, "key", "value", 0); S(SYS_fsconfig, 99, 2, "k", z, 5); S(SYS_fsconfig, 99, 3, "k", "/p", -100); S(SYS_fsconfig, 99, 4, "k", "", 7); S(SYS_fsconfig, 99, 5, "k", 0L, 9);
	S(SYS_fsconfig, 99, 6, 0L, 0L, 0); S(SYS_fsconfig, 99, 9, "k", z, 2);
	S(SYS_fsmount, 99, 1, 0x1 | 0x20); S(SYS_fsmount, 99, 0, 0); S(SYS_fspick, -100, "/nowhere", 1 | 8); S(SYS_fspick, 99, "", 16);
	S(SYS_name_to_handle_at, -100, "/nowhere", 0L, b, 0x400); S(SYS_name_to_handle_at, 99, 0L, 0L, 0L, 0); S(SYS_open_by_handle_at, 99, 0L, 0x80000); S(SYS_open_by_handle_at, 99, 8L, 1);
	S(SYS_init_module, 8L, 5L, "p"); S(SYS_finit_module, 99, "p", 3); S(SYS_delete_module, "nomodule", 0x800); S(SYS_syslog, 99, 0L, 0); S(SYS_reboot, 1, 2, 3, 0L);
	S(SYS_acct, "/nowhere"); S(SYS_swapon, "/nowhere", 0x18003); S(SYS_swapoff, "/nowhere"); S(SYS_pivot_root, "/nowhere", "/b"); S(443, 99, 0x80000700, 1, z); S(SYS_umount2, "/nowhere", 3);
	S(SYS_memfd_secret, 99); S(SYS_process_mrelease, 99, 1); S(449, z, 1, 1, 0L, 0); S(450, 0L, 1L, 2L, 1L);
	return 0;
}
