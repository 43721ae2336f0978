#include "cases.h"
/* Handles of files. */
struct handle { struct file_handle h; char room[128]; };
static struct handle f, z;
static int id;
#define NAMED(room, ...) do { f.h.handle_bytes = room; TRY(name_to_handle_at(__VA_ARGS__)); say("%u", f.h.handle_bytes); } while (0)

static void name_files(void) {
	close(open("f", O_CREAT | O_RDWR, 0600));
	symlink("f", "link");
	NAMED(128, AT_FDCWD, "f", &f.h, &id, 0);
	z = f;
	NAMED(0, AT_FDCWD, "f", &f.h, &id, 0);
	NAMED(4, AT_FDCWD, "f", &f.h, &id, 0);
	NAMED(8, AT_FDCWD, "f", &f.h, &id, 0);
	IS(!memcmp(&f, &z, 16));
	NAMED(129, AT_FDCWD, "f", &f.h, &id, 0);
	NAMED(128, AT_FDCWD, "none", &f.h, &id, 0);
	NAMED(128, AT_FDCWD, "/proc/self", &f.h, &id, 0);
	NAMED(128, AT_FDCWD, "f", &f.h, (int *)8, 0);
	TRY(name_to_handle_at(AT_FDCWD, "f", (void *)8, &id, 0));
	TRY(name_to_handle_at(AT_FDCWD, "f", NULL, &id, 0));
	NAMED(128, AT_FDCWD, "f", &f.h, &id, 0x20000);
	NAMED(128, AT_FDCWD, "", &f.h, &id, 0);
	NAMED(128, AT_FDCWD, "", &f.h, &id, AT_EMPTY_PATH);
	NAMED(128, AT_FDCWD, "link", &f.h, &id, 0);
	IS(!memcmp(&f, &z, 16));
	NAMED(128, AT_FDCWD, "link", &f.h, &id, AT_SYMLINK_FOLLOW);
	IS(!memcmp(&f, &z, 16));
	NAMED(128, 99, "f", &f.h, &id, 0);
}

static void open_handles(void) {
	GIVES(open_by_handle_at(AT_FDCWD, &z.h, O_RDONLY));
	TRY(open_by_handle_at(99, &z.h, O_RDONLY));
	TRY(open_by_handle_at(AT_FDCWD, (void *)8, O_RDONLY));
	z.h.handle_bytes = 0;
	TRY(open_by_handle_at(AT_FDCWD, &z.h, O_RDONLY));
	z.h.handle_bytes = 200;
	TRY(open_by_handle_at(AT_FDCWD, &z.h, O_RDONLY | O_CLOEXEC));
	z.h.handle_bytes = 8;
	z.h.f_handle[0] ^= 0x55;
	TRY(open_by_handle_at(AT_FDCWD, &z.h, O_RDWR));
}

CASE(handles_without_capabilities) { name_files(); open_handles(); }

ROOT_CASE(a_handle_outlives_its_name) {
	name_files();
	rename("f", "g");
	int fd = TRY(open_by_handle_at(AT_FDCWD, &z.h, O_RDWR));
	TRY(write(fd, "text", 4));
	struct stat s;
	stat("g", &s);
	say("%ld", (long)s.st_size);
	open_handles();
}
