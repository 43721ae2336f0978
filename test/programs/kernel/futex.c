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

/* Locks that lend their owner the priority of who waits. */

static uint32_t lock, moved_to;
static volatile int order[4], next_place;

static long pi(uint32_t *word, int op, uint32_t value, void *timeout, uint32_t *word2, uint32_t value3) { return syscall(SYS_futex, word, op, value, timeout, word2, value3); }

CASE(a_free_lock_is_the_callers) {
	lock = 0;
	TRY(pi(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	IS(lock == gettid());
	TRY(pi(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	TRY(pi(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	TRY(pi(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	TRY(lock);
	TRY(pi(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	lock = FUTEX_OWNER_DIED;
	TRY(pi(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	IS(lock == (FUTEX_OWNER_DIED | gettid()));
	lock = 4100000;
	TRY(pi(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	TRY(pi(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	TRY(pi(BAD_POINTER, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	TRY(pi((void *)((char *)&lock + 1), FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	TRY(pi(&lock, FUTEX_LOCK_PI, 0, BAD_POINTER, NULL, 0));
	TRY(pi(&lock, FUTEX_LOCK_PI, 0, &(struct timespec){ 0, -1 }, NULL, 0));
	TRY(pi(&lock, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0));
}

static void *holder(void *unused) {
	pi(&lock, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
	order[0] = 1;
	usleep(100000);
	pi(&lock, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
	return unused;
}

CASE(a_taken_lock_is_waited_for) {
	pthread_t thread;
	lock = 0;
	pthread_create(&thread, NULL, holder, NULL);
	while (!order[0]) usleep(10000);
	TRY(pi(&lock, FUTEX_TRYLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0));
	TRY(pi(&lock, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, &(struct timespec){ 1, 0 }, NULL, 0));
	IS((lock & FUTEX_WAITERS) != 0);
	TRY(pi(&lock, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0));
	TRY(pi(&lock, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0));
	IS((lock & FUTEX_TID_MASK) == gettid());
	TRY(pi(&lock, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0));
	TRY(lock);
	pthread_join(thread, NULL);
}

static pthread_mutex_t mutex;

static void *waiter(void *number) {
	pthread_mutex_lock(&mutex);
	order[next_place++] = (long)number;
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void *dying(void *unused) {
	pthread_mutex_lock(&mutex);
	return unused;
}

CASE(mutexes_with_priority_inheritance) {
	pthread_mutexattr_t attributes;
	pthread_t threads[3];
	pthread_mutexattr_init(&attributes);
	TRY(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
	TRY(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
	TRY(pthread_mutex_init(&mutex, &attributes));
	TRY(pthread_mutex_lock(&mutex));
	TRY(pthread_mutex_trylock(&mutex));
	for (long i = 0; i < 3; i++) {
		pthread_create(&threads[i], NULL, waiter, (void *)(i + 1));
		usleep(50000);
	}
	TRY(pthread_mutex_unlock(&mutex));
	usleep(100000);
	for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
	say("%d %d %d", order[0], order[1], order[2]);
	pthread_create(&threads[0], NULL, dying, NULL);
	usleep(100000);
	pthread_join(threads[0], NULL);
	IS(pthread_mutex_lock(&mutex) == EOWNERDEAD);
	TRY(pthread_mutex_consistent(&mutex));
	pthread_create(&threads[0], NULL, waiter, (void *)4);
	usleep(50000);
	TRY(pthread_mutex_unlock(&mutex));
	usleep(100000);
	pthread_join(threads[0], NULL);
	TRY(pthread_mutex_destroy(&mutex));
}

static uint32_t condition;

static void *requeued(void *unused) {
	long result = pi(&condition, FUTEX_WAIT_REQUEUE_PI | FUTEX_PRIVATE_FLAG, 0, NULL, &moved_to, 0);
	if (result == 0 && (moved_to & FUTEX_TID_MASK) == gettid()) next_place++;
	pi(&moved_to, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
	return unused;
}

CASE(waiters_are_moved_to_a_lock) {
	pthread_t threads[3];
	condition = 0;
	TRY(pi(&moved_to, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0));
	for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, requeued, NULL);
	usleep(100000);
	TRY(pi(&condition, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0));
	TRY(pi(&condition, FUTEX_CMP_REQUEUE_PI | FUTEX_PRIVATE_FLAG, 1, (void *)10, &moved_to, 7));
	TRY(pi(&condition, FUTEX_CMP_REQUEUE_PI | FUTEX_PRIVATE_FLAG, 2, (void *)10, &moved_to, 0));
	TRY(pi(&condition, FUTEX_CMP_REQUEUE_PI | FUTEX_PRIVATE_FLAG, 1, (void *)10, &condition, 0));
	TRY(pi(&condition, FUTEX_CMP_REQUEUE_PI | FUTEX_PRIVATE_FLAG, 1, (void *)10, &lock, 0));
	TRY(pi(&condition, FUTEX_CMP_REQUEUE_PI | FUTEX_PRIVATE_FLAG, 1, (void *)10, &moved_to, 0));
	TRY(pi(&moved_to, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0));
	usleep(100000);
	for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
	TRY(next_place);
	TRY(pi(&condition, FUTEX_WAIT_REQUEUE_PI | FUTEX_PRIVATE_FLAG, 1, NULL, &moved_to, 0));
	TRY(pi(&condition, FUTEX_WAIT_REQUEUE_PI | FUTEX_PRIVATE_FLAG, 0, NULL, &condition, 0));
	TRY(pi(&condition, FUTEX_WAIT_REQUEUE_PI | FUTEX_PRIVATE_FLAG, 0, &(struct timespec){ 1, 0 }, &moved_to, 0));
}
