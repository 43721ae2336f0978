// Futexes: waiting, waking, timeouts, bitsets, requeueing, robust lists.
#include "cases.h"
#include <linux/futex.h>

static int word;
static long futex(int *uaddr, int op, unsigned val, void *timeout, int *uaddr2, unsigned val3) { return syscall(SYS_futex, uaddr, op, val, timeout, uaddr2, val3); }

CASE(wait_refuses) {
	struct timespec soon = { 0, 1000000 }, bad = { 0, 1000000000 }, negative = { -1, 0 };
	TRY(futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
	TRY(futex((int *)((char *)&word + 1), FUTEX_WAIT, 0, NULL, NULL, 0));
	TRY(futex(BAD_POINTER, FUTEX_WAIT, 0, NULL, NULL, 0));
	TRY(futex(KERNEL_POINTER, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_WAIT, 0, &soon, NULL, 0));
	TRY(futex(&word, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
	TRY(futex(&word, FUTEX_WAIT, 0, &bad, NULL, 0));
	TRY(futex(&word, FUTEX_WAIT, 0, &negative, NULL, 0));
	TRY(futex(&word, FUTEX_WAIT, 0, BAD_POINTER, NULL, 0));
	TRY(futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
	TRY(futex(&word, 99, 0, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
}

CASE(wake_wakes_nobody) {
	TRY(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_WAKE, 0, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_WAKE, -1, NULL, NULL, 0));
	TRY(futex((int *)((char *)&word + 2), FUTEX_WAKE, 1, NULL, NULL, 0));
	TRY(futex(BAD_POINTER, FUTEX_WAKE, 1, NULL, NULL, 0));
	TRY(futex(BAD_POINTER, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
}

CASE(absolute_timeouts_have_passed) {
	struct timespec past = { 1, 0 };
	TRY(futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, -1));
	TRY(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &past, NULL, -1));
}

CASE(requeue_refuses) {
	int other = 0;
	TRY(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 5));
	TRY(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 0));
	TRY(futex(&word, FUTEX_REQUEUE, 1, (void *)1, &other, 0));
	TRY(futex(&word, FUTEX_CMP_REQUEUE, -1, (void *)1, &other, 0));
	TRY(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)-1, &other, 0));
	TRY(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, BAD_POINTER, 0));
	TRY(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, (int *)((char *)&other + 1), 0));
}

CASE(wake_op_operates) {
	int other = 5;
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)));
	say("%d", other);
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_GT, 0)));
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_OR, 6, FUTEX_OP_CMP_NE, 0)));
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_ANDN, 2, FUTEX_OP_CMP_LT, 0)));
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_XOR, 1, FUTEX_OP_CMP_LE, 0)));
	say("%d", other);
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, 5u << 28));
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, 7u << 24));
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, BAD_POINTER, 0));
}

/* A child that sleeps on shared words; the parent wakes it when it sleeps. */
CASE(waking_across_processes) {
	int *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), status;
	pid_t child = CHILD(long got = futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0); _exit(got));
	usleep(50000);
	TRY(futex(shared, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	TRY(futex(shared, FUTEX_WAKE, 1, NULL, NULL, 0));
	waitpid(child, &status, 0);
	say_status("child", status);
}

CASE(bitsets_choose) {
	int *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), status;
	pid_t child = CHILD(futex(shared, FUTEX_WAIT_BITSET, 0, NULL, NULL, 2); _exit(0));
	usleep(50000);
	TRY(futex(shared, FUTEX_WAKE_BITSET, 1, NULL, NULL, 4));
	TRY(futex(shared, FUTEX_WAKE_BITSET, 1, NULL, NULL, 6));
	waitpid(child, &status, 0);
}

CASE(robust_lists_tell_of_a_dead_owner) {
	struct robust_list_head head = { { &head.list }, 0, NULL }, *got;
	size_t length;
	TRY(syscall(SYS_set_robust_list, &head, 1));
	TRY(syscall(SYS_set_robust_list, &head, sizeof head));
	TRY(syscall(SYS_get_robust_list, 0, &got, &length));
	IS(got == &head && length == sizeof head);
	TRY(syscall(SYS_get_robust_list, 99999, &got, &length));
	TRY(syscall(SYS_get_robust_list, 0, BAD_POINTER, &length));
	TRY(syscall(SYS_get_robust_list, 0, &got, BAD_POINTER));
	struct { struct robust_list list; int word; } *lock = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	IN_CHILD("owner",
		struct robust_list_head mine = { { &lock->list }, (char *)&lock->word - (char *)&lock->list, NULL };
		lock->list.next = &mine.list;
		lock->word = gettid();
		syscall(SYS_set_robust_list, &mine, sizeof mine));
	say("owner died %d, tid %d", (lock->word & FUTEX_OWNER_DIED) != 0, lock->word & FUTEX_TID_MASK);
}
