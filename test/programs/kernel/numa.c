// NUMA policies on a computer with one node. The numbers are Linux's own: no libnuma is needed.
#include "cases.h"
#include <linux/mempolicy.h>

static unsigned long nodes(unsigned long set) { return set; }
#define SET(mode, set, max) ({ unsigned long set_ = (set); syscall(SYS_set_mempolicy, mode, &set_, max); })
#define BIND(at, length, mode, set, max, flags) ({ unsigned long set_ = (set); syscall(SYS_mbind, at, length, mode, &set_, max, flags); })

static void policy(void *at, unsigned long flags) {
	int mode = -1;
	unsigned long set = 0x5555;
	long result = syscall(SYS_get_mempolicy, &mode, &set, 64, at, flags);
	if (result) say("policy: %s", error_name(errno));
	else say("policy: mode %d nodes %lx", mode, set & ((1UL << 63) - 1));
}

CASE(policies_of_a_task) {
	policy(NULL, 0);
	for (int mode = 0; mode < 8; mode++) {
		TRY(SET(mode, 0, 64));
		policy(NULL, 0);
		TRY(SET(mode, 1, 64));
		policy(NULL, 0);
	}
	TRY(SET(-1, 1, 64));
	TRY(SET(MPOL_BIND | MPOL_F_STATIC_NODES, 1, 64));
	policy(NULL, 0);
	TRY(SET(MPOL_BIND | MPOL_F_RELATIVE_NODES, 1, 64));
	policy(NULL, 0);
	TRY(SET(MPOL_BIND | MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES, 1, 64));
	TRY(SET(MPOL_PREFERRED | MPOL_F_STATIC_NODES, 0, 64));
	TRY(SET(MPOL_LOCAL | MPOL_F_STATIC_NODES, 0, 64));
	IN_CHILD("child", policy(NULL, 0));
}

CASE(sets_of_nodes) {
	TRY(SET(MPOL_BIND, 2, 64));
	TRY(SET(MPOL_BIND, 3, 64));
	policy(NULL, 0);
	TRY(SET(MPOL_BIND, 1, 0));
	TRY(SET(MPOL_BIND, 1, 1));
	TRY(SET(MPOL_BIND, 1, 2));
	TRY(SET(MPOL_BIND, 3, 2));
	TRY(SET(MPOL_BIND, 1, 1 << 20));
	TRY(syscall(SYS_set_mempolicy, MPOL_BIND, NULL, 64));
	TRY(syscall(SYS_set_mempolicy, MPOL_BIND, BAD_POINTER, 64));
	TRY(syscall(SYS_set_mempolicy, MPOL_DEFAULT, BAD_POINTER, 64));
	static unsigned long far[4] = { 1, 0, 1, 0 };
	TRY(syscall(SYS_set_mempolicy, MPOL_BIND, far, 64));
	TRY(syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0));
	policy(NULL, 0);
}

CASE(questions) {
	char *memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	policy(NULL, MPOL_F_MEMS_ALLOWED);
	policy(NULL, MPOL_F_MEMS_ALLOWED | MPOL_F_NODE);
	policy(NULL, MPOL_F_NODE);
	policy(NULL, 8);
	policy(memory, 0);
	policy(memory, MPOL_F_ADDR);
	policy(memory, MPOL_F_ADDR | MPOL_F_NODE);
	policy(BAD_POINTER, MPOL_F_ADDR);
	TRY(SET(MPOL_INTERLEAVE, 1, 64));
	policy(NULL, MPOL_F_NODE);
	TRY(syscall(SYS_get_mempolicy, NULL, NULL, 0, NULL, 0));
	TRY(syscall(SYS_get_mempolicy, BAD_POINTER, NULL, 0, NULL, 0));
	TRY(syscall(SYS_get_mempolicy, NULL, BAD_POINTER, 64, NULL, 0));
	TRY(syscall(SYS_get_mempolicy, NULL, BAD_POINTER, 0, NULL, 0));
	TRY(syscall(SYS_get_mempolicy, NULL, memory, 1 << 20, NULL, 0));
}

CASE(policies_of_memory) {
	char *memory = mmap(NULL, 6 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TRY(BIND(memory + PAGE, PAGE, MPOL_BIND, 1, 64, 0));
	policy(memory, MPOL_F_ADDR);
	policy(memory + PAGE, MPOL_F_ADDR);
	policy(memory + 2 * PAGE, MPOL_F_ADDR);
	TRY(BIND(memory, 6 * PAGE, MPOL_PREFERRED, 1, 64, MPOL_MF_MOVE | MPOL_MF_STRICT));
	policy(memory + PAGE, MPOL_F_ADDR);
	TRY(BIND(memory, 6 * PAGE, MPOL_DEFAULT, 0, 64, 0));
	policy(memory + PAGE, MPOL_F_ADDR);
	TRY(BIND(memory + 1, PAGE, MPOL_BIND, 1, 64, 0));
	TRY(BIND(memory, 1, MPOL_BIND, 1, 64, 0));
	policy(memory, MPOL_F_ADDR);
	TRY(BIND(memory, 0, MPOL_BIND, 1, 64, 0));
	TRY(BIND(memory, 0, MPOL_BIND, 0, 64, 0));
	TRY(BIND(memory, PAGE, MPOL_BIND, 0, 64, 0));
	TRY(BIND(memory, PAGE, MPOL_BIND, 2, 64, 0));
	TRY(BIND(memory, PAGE, 77, 1, 64, 0));
	TRY(BIND(memory, PAGE, MPOL_BIND, 1, 64, 8));
	TRY(BIND(memory, PAGE, MPOL_BIND, 1, 64, MPOL_MF_MOVE_ALL));
	TRY(BIND(memory, -PAGE, MPOL_BIND, 1, 64, 0));
	TRY(BIND(memory, -1, MPOL_BIND, 1, 64, 0));
	munmap(memory + 3 * PAGE, PAGE);
	TRY(BIND(memory, 6 * PAGE, MPOL_BIND, 1, 64, 0));
	TRY(BIND(memory + 3 * PAGE, PAGE, MPOL_BIND, 1, 64, 0));
	TRY(BIND((char *)0, PAGE, MPOL_BIND, 1, 64, 0));
}

CASE(homes_of_memory) {
	char *memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TRY(syscall(450, memory, PAGE, 0, 0));
	TRY(BIND(memory, PAGE, MPOL_BIND, 1, 64, 0));
	TRY(syscall(450, memory, PAGE, 0, 0));
	TRY(syscall(450, memory, 2 * PAGE, 0, 0));
	TRY(syscall(450, memory, PAGE, 1, 0));
	TRY(syscall(450, memory, PAGE, 0, 1));
	TRY(syscall(450, memory + 1, PAGE, 0, 0));
	TRY(syscall(450, memory, 0, 0, 0));
	TRY(BIND(memory, PAGE, MPOL_INTERLEAVE, 1, 64, 0));
	TRY(syscall(450, memory, PAGE, 0, 0));
}

CASE(pages_that_move) {
	char *memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memory[0] = memory[PAGE] = 1;
	munmap(memory + 3 * PAGE, PAGE);
	void *pages[] = { memory, memory + PAGE + 5, memory + 2 * PAGE, memory + 3 * PAGE, BAD_POINTER };
	int status[5] = { 99, 99, 99, 99, 99 }, to[5] = { 0 }, nowhere[5] = { 1, 1, 1, 1, 1 };
	TRY(syscall(SYS_move_pages, 0, 5L, pages, NULL, status, 0));
	for (int i = 0; i < 5; i++) say("%d: %s", i, status[i] < 0 ? error_name(-status[i]) : "node 0");
	TRY(syscall(SYS_move_pages, 0, 2L, pages, to, status, MPOL_MF_MOVE));
	say("%d %d", status[0], status[1]);
	TRY(syscall(SYS_move_pages, 0, 2L, pages, nowhere, status, MPOL_MF_MOVE));
	TRY(syscall(SYS_move_pages, 0, 0L, pages, to, status, MPOL_MF_MOVE));
	TRY(syscall(SYS_move_pages, 0, 2L, pages, to, status, 1));
	TRY(syscall(SYS_move_pages, 0, 2L, pages, to, status, MPOL_MF_MOVE_ALL));
	TRY(syscall(SYS_move_pages, 999999, 2L, pages, to, status, MPOL_MF_MOVE));
	TRY(syscall(SYS_move_pages, -1, 2L, pages, to, status, MPOL_MF_MOVE));
	TRY(syscall(SYS_move_pages, 0, 2L, BAD_POINTER, NULL, status, 0));
	TRY(syscall(SYS_move_pages, 0, 2L, pages, NULL, BAD_POINTER, 0));
	TRY(syscall(SYS_move_pages, 0, 2L, pages, BAD_POINTER, status, 0));
	unsigned long one = 1, two = 2;
	TRY(syscall(SYS_migrate_pages, 0, 64L, &one, &one));
	TRY(syscall(SYS_migrate_pages, 0, 64L, &one, &two));
	TRY(syscall(SYS_migrate_pages, 0, 64L, &two, &one));
	TRY(syscall(SYS_migrate_pages, 999999, 64L, &one, &one));
	TRY(syscall(SYS_migrate_pages, 0, 64L, BAD_POINTER, &one));
	TRY(syscall(SYS_migrate_pages, 0, 64L, NULL, NULL));
}
