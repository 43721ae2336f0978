// Threads: create and join, mutexes, condition variables, barriers, read-write locks, semaphores, thread-local data, cancellation, once, robust and timed locks.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/futex.h>
#include <time.h>
#include <unistd.h>

#define N 4
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t full = PTHREAD_COND_INITIALIZER, empty = PTHREAD_COND_INITIALIZER;
static int slot = -1, sum;
static __thread int mine;
static pthread_barrier_t barrier;
static pthread_key_t key;
static long total;

static void *worker(void *arg) {
	mine = (int)(long)arg;
	for (int i = 0; i < 1000; i++) { pthread_mutex_lock(&lock); total++; pthread_mutex_unlock(&lock); }
	pthread_barrier_wait(&barrier);
	return (void *)(long)(mine * 10);
}
static void *producer(void *arg) {
	for (int i = 0; i < 20; i++) {
		pthread_mutex_lock(&lock);
		while (slot >= 0) pthread_cond_wait(&empty, &lock);
		slot = i;
		pthread_cond_signal(&full);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}
static void *consumer(void *arg) {
	for (int i = 0; i < 20; i++) {
		pthread_mutex_lock(&lock);
		while (slot < 0) pthread_cond_wait(&full, &lock);
		sum += slot;
		slot = -1;
		pthread_cond_signal(&empty);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}
static void cleaned(void *arg) { printf("cleaned up %s\n", (char *)arg); }
static void destroyed(void *arg) { printf("destroyed %s\n", (char *)arg); }
static void *sleeper(void *arg) {
	pthread_setspecific(key, "the key's value");
	pthread_cleanup_push(cleaned, arg);
	sleep(100);
	pthread_cleanup_pop(0);
	return NULL;
}
static void *dies(void *m) { pthread_mutex_lock(m); return NULL; }

int main(void) {
	setvbuf(stdout, NULL, _IONBF, 0);
	pthread_t t[N], a, b;
	pthread_barrier_init(&barrier, NULL, N);
	for (long i = 0; i < N; i++) pthread_create(&t[i], NULL, worker, (void *)i);
	for (int i = 0; i < N; i++) { void *r; pthread_join(t[i], &r); printf("joined %ld\n", (long)r); }
	printf("total %ld\n", total);
	pthread_create(&a, NULL, producer, NULL);
	pthread_create(&b, NULL, consumer, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	printf("sum %d\n", sum);
	pthread_key_create(&key, destroyed);
	pthread_create(&a, NULL, sleeper, "after cancellation");
	usleep(10000);
	pthread_cancel(a);
	void *r;
	pthread_join(a, &r);
	printf("cancelled %d\n", r == PTHREAD_CANCELED);
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 20000000;
	if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
	pthread_mutex_lock(&lock);
	printf("timed wait: %s\n", strerror(pthread_cond_timedwait(&full, &lock, &until)));
	pthread_mutex_unlock(&lock);
	pthread_mutex_t robust;
	pthread_mutexattr_t attr;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attr);
	pthread_create(&a, NULL, dies, &robust);
	pthread_join(a, NULL);
	printf("robust: %s\n", strerror(pthread_mutex_lock(&robust)));
	pthread_mutex_consistent(&robust);
	pthread_mutex_unlock(&robust);
	sem_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sem_init(shared, 1, 0);
	pid_t child = fork();
	if (child == 0) { usleep(10000); sem_post(shared); _exit(0); }
	sem_wait(shared);
	waitpid(child, NULL, 0);
	printf("semaphore between processes\n");
	printf("sem_trywait %d %s\n", sem_trywait(shared), strerror(errno));
	pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
	pthread_rwlock_rdlock(&rw);
	printf("trywrlock: %s\n", strerror(pthread_rwlock_trywrlock(&rw)));
	pthread_rwlock_unlock(&rw);
	int word = 5;
	struct timespec brief = { 0, 1000000 };
	printf("futex %ld %s\n", syscall(SYS_futex, &word, FUTEX_WAIT, 4, NULL, NULL, 0), strerror(errno));
	printf("futex %ld %s\n", syscall(SYS_futex, &word, FUTEX_WAIT, 5, &brief, NULL, 0), strerror(errno));
	printf("futex %ld\n", syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0));
	printf("futex %ld %s\n", syscall(SYS_futex, 3, FUTEX_WAIT, 5, NULL, NULL, 0), strerror(errno));
	printf("futex %ld %s\n", syscall(SYS_futex, &word, 99, 5, NULL, NULL, 0), strerror(errno));
	return 0;
}
