// Lengths and offsets beside 2^63 and 2^64, which a double does not hold. Nothing here takes memory or disk: what is asked for is refused, or costs nothing. Never fallocate: on a file in memory it takes all there is.
#include "cases.h"
#include <sys/sendfile.h>
#include <sys/socket.h>

static const unsigned long values[] = {
	0x7fffffffffffffff, 0x7ffffffffffffffe, 0x7ffffffffffff000, 0x7ffffffffffff001, 0x7fffffffffffefff, 0x7ffffffffffffc00, 0x7ffffffffffffdff, 0x8000000000000000, 0x8000000000000001, 0x80000000000003ff,
	0xffffffffffffffff, 0xfffffffffffff000, 0xfffffffffffff001, 0xffffffffffffefff, 0xfffffffffffffc00, 0x20000000000001, 0x1fffffffffffff,
};
#define EACH for (int i = 0; i < 17; i++) for (unsigned long v = values[i], once = 1; once; once = 0)
/* What a call with a value gives. */
#define GIVE(call) ({ errno = 0; long result_ = (long)(call); if (result_ == -1 && errno) say("%s, %lx: %s", #call, v, error_name(errno)); else say("%s, %lx: %lx", #call, v, result_); })

static int file(void) {
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	ftruncate(fd, 100);
	return fd;
}

CASE(positions) {
	int fd = file();
	EACH {
		lseek(fd, 10, SEEK_SET);
		GIVE(lseek(fd, v, SEEK_SET));
		lseek(fd, 10, SEEK_SET);
		GIVE(lseek(fd, v, SEEK_CUR));
		lseek(fd, 10, SEEK_SET);
		GIVE(lseek(fd, v, SEEK_END));
		GIVE(lseek(fd, v, SEEK_DATA));
		GIVE(lseek(fd, v, SEEK_HOLE));
	}
}

CASE(reads_and_writes_at_positions) {
	int fd = file();
	char byte;
	EACH {
		GIVE(pread(fd, &byte, 1, v));
		GIVE(pwrite(fd, &byte, 0, v));
		GIVE(syscall(SYS_preadv, fd, NULL, 0, v, 0));
		GIVE(syscall(SYS_preadv2, fd, NULL, 0, v, 0, 0));
	}
}

CASE(advice_on_files) {
	int fd = file();
	EACH {
		GIVE(syscall(SYS_fadvise64, fd, v, 1L, POSIX_FADV_DONTNEED));
		GIVE(syscall(SYS_fadvise64, fd, 0L, v, POSIX_FADV_DONTNEED));
		GIVE(syscall(SYS_readahead, fd, v, 1L));
		GIVE(sync_file_range(fd, v, 1, SYNC_FILE_RANGE_WRITE));
		GIVE(sync_file_range(fd, 1, v, SYNC_FILE_RANGE_WRITE));
		GIVE(sync_file_range(fd, v, v, SYNC_FILE_RANGE_WRITE));
	}
}

CASE(sizes) {
	int fd = file();
	EACH {
		GIVE(ftruncate(fd, v));
		GIVE(truncate("file", v));
		GIVE(truncate("none", v));
	}
}

CASE(locks) {
	int fd = file();
	EACH {
		struct flock lock = { F_WRLCK, SEEK_SET, v, 1 };
		GIVE(fcntl(fd, F_SETLK, &lock));
		lock = (struct flock){ F_WRLCK, SEEK_SET, 0, v };
		GIVE(fcntl(fd, F_SETLK, &lock));
		lock = (struct flock){ F_WRLCK, SEEK_SET, 1, v };
		GIVE(fcntl(fd, F_SETLK, &lock));
		lock = (struct flock){ F_WRLCK, SEEK_SET, v, v };
		GIVE(fcntl(fd, F_SETLK, &lock));
		lseek(fd, 10, SEEK_SET);
		lock = (struct flock){ F_WRLCK, SEEK_CUR, v, 1 };
		GIVE(fcntl(fd, F_SETLK, &lock));
		lock = (struct flock){ F_WRLCK, SEEK_END, v, 1 };
		GIVE(fcntl(fd, F_SETLK, &lock));
	}
}

CASE(locks_as_another_sees_them) {
	int fd = file();
	EACH {
		struct flock lock = { F_WRLCK, SEEK_SET, v, 0 }, all = { F_UNLCK, SEEK_SET, 0, 0 };
		GIVE(fcntl(fd, F_SETLK, &lock));
		IN_CHILD("child", struct flock seen = { F_WRLCK, SEEK_SET, 0, 0 }; fcntl(fd, F_GETLK, &seen); say("%d from %lx, %lx long", seen.l_type, seen.l_start, seen.l_len));
		fcntl(fd, F_SETLK, &all);
	}
}

CASE(offsets_of_copies) {
	int fd = file(), other = open("other", O_RDWR | O_CREAT, 0600), ends[2];
	pipe(ends);
	EACH {
		off_t from = v, to = 0;
		GIVE(sendfile(ends[1], fd, &from, 0));
		from = v;
		GIVE(sendfile(ends[1], fd, &from, 1));
		from = v & ~1UL;
		GIVE(splice(fd, &from, ends[1], NULL, 1, SPLICE_F_NONBLOCK));
		if (~v == 0) continue;
		from = v;
		GIVE(copy_file_range(fd, &from, other, &to, 1, 0));
		from = 0, to = v;
		GIVE(copy_file_range(fd, &from, other, &to, 1, 0));
	}
}

CASE(lengths_of_buffers) {
	int fd = file(), pair[2];
	char bytes[8];
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	EACH {
		if (v >> 63) GIVE(read(fd, bytes, v));
		if (v >> 63) GIVE(write(fd, bytes, v));
		if (v >> 63) GIVE(recv(pair[1], bytes, v, MSG_DONTWAIT));
		struct iovec twice[2] = { { bytes, v }, { bytes, v } };
		if (v >> 63) GIVE(readv(fd, twice, 2));
		if (v >> 63) GIVE(syscall(SYS_process_vm_readv, getpid(), twice, 1L, twice, 1L, 0L));
	}
}

CASE(ranges_of_memory) {
	EACH {
		if (v >= 0xfffffffffffff000) continue;
		GIVE(munmap((void *)v, PAGE));
		GIVE(munmap((void *)0x10000, v));
		GIVE(madvise((void *)v, 1, MADV_NORMAL));
		GIVE(madvise((void *)0x10000, v, MADV_NORMAL));
		GIVE(mprotect((void *)v, PAGE, PROT_NONE));
		GIVE(msync((void *)0x10000, v, MS_ASYNC));
		GIVE(munlock((void *)0x10000, v));
		GIVE((long)mremap((void *)0x10000, PAGE, v, 0));
		GIVE((long)mremap((void *)0x10000, v, PAGE, 0));
		if (v >> 63) GIVE((long)mmap(NULL, v, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
		GIVE((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, 99, v));
	}
}

CASE(files_mapped_at_offsets) {
	int fd = file();
	EACH {
		void *at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, v);
		say("%lx: %s", v, at == MAP_FAILED ? error_name(errno) : "mapped");
		at = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, v);
		say("%lx, two pages: %s", v, at == MAP_FAILED ? error_name(errno) : "mapped");
	}
}

CASE(limits_and_times) {
	int timer = syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
	EACH {
		struct rlimit limit = { 0, 0 };
		GIVE(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, v }));
		getrlimit(RLIMIT_CORE, &limit);
		say("%lx %lx", limit.rlim_cur, limit.rlim_max);
		GIVE(syscall(SYS_timerfd_settime, timer, 0, &(struct itimerspec){ { 0, 0 }, { v, 0 } }, NULL));
		GIVE(syscall(SYS_timerfd_settime, timer, 0, &(struct itimerspec){ { 0, 0 }, { 0, v } }, NULL));
		GIVE(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){ 0, v }, NULL));
		/* The date that strace shows of it is another matter. */
		if (v != 0x20000000000001) GIVE(syscall(SYS_utimensat, AT_FDCWD, "none", &(struct timespec[]){ { v, 0 }, { v, 0 } }, 0));
	}
}
