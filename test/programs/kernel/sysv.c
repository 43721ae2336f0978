#include "cases.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define semtimedop_(...) syscall(SYS_semtimedop, __VA_ARGS__)
union semun { int val; struct semid_ds *buf; unsigned short *array; struct seminfo *info; };
struct text { long type; char data[64]; };

CASE(shm_is_shared_with_a_child) {
	int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0600);
	char *at = shmat(id, NULL, 0);
	strcpy(at, "parent");
	IN_CHILD("child", { say("%s", at); strcpy(at + 4096, "child"); char *again = shmat(id, NULL, SHM_RDONLY); say("%s", again + 4096); });
	say("%s", at + 4096);
	struct shmid_ds ds;
	shmctl(id, IPC_STAT, &ds);
	say("size %zu attached %lu mode %o lpid %d", ds.shm_segsz, ds.shm_nattch, ds.shm_perm.mode, ds.shm_lpid != getpid());
	TRY(shmdt(at));
	TRY(shmdt(at));
	TRY(shmctl(id, IPC_RMID, NULL));
	TRY(shmctl(id, IPC_RMID, NULL));
}

CASE(shm_removed_while_attached) {
	int id = shmget(IPC_PRIVATE, 4096, 0600);
	char *at = shmat(id, NULL, 0);
	TRY(shmctl(id, IPC_RMID, NULL));
	struct shmid_ds ds;
	TRY(shmctl(id, IPC_STAT, &ds));
	say("mode %o", ds.shm_perm.mode);
	strcpy(at, "still there");
	say("%s", at);
	char *second = shmat(id, NULL, 0);
	say("%s", second == (void *)-1 ? "refused" : second);
	shmdt(at); shmdt(second);
	TRY(shmctl(id, IPC_STAT, &ds));
}

CASE(shm_keys) {
	key_t key = 0x52000000 + getpid() % 1000;
	int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0640);
	IS(shmget(key, 4096, 0) == id);
	IS(shmget(key, 100, 0) == id);
	IS(shmget(key, 0, 0) == id);
	GIVES(shmget(key, 8192, 0));
	GIVES(shmget(key, 4096, IPC_CREAT | IPC_EXCL));
	GIVES(shmget(key + 5000, 4096, 0));
	shmctl(id, IPC_RMID, NULL);
	GIVES(shmget(key, 4096, 0));
}

CASE(shm_bad_arguments) {
	TRY(shmget(IPC_PRIVATE, 0, 0600));
	TRY(shmget(IPC_PRIVATE, ~0UL, 0600));
	int id = shmget(IPC_PRIVATE, 4096, 0600);
	TRY((long)shmat(id, (void *)1, 0));
	TRY((long)shmat(-1, NULL, 0));
	TRY((long)shmat(id, NULL, SHM_REMAP));
	TRY(shmctl(id, 99, NULL));
	TRY(shmctl(id, IPC_STAT, BAD_POINTER));
	TRY(shmctl(-1, IPC_STAT, BAD_POINTER));
	TRY(shmctl(id, IPC_SET, BAD_POINTER));
	TRY(shmdt(BAD_POINTER));
	TRY(shmdt((void *)0x10000));
	shmctl(id, IPC_RMID, NULL);
	GIVES(shmat(id, NULL, 0));
}

CASE(shm_at_a_place) {
	int id = shmget(IPC_PRIVATE, 4096, 0600);
	char *hole = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	GIVES(shmat(id, hole, 0));
	munmap(hole, 8192);
	IS(shmat(id, hole + 4097, SHM_RND) == hole + 4096);
	IS(shmat(id, hole + 4096, SHM_REMAP) == hole + 4096);
	struct shmid_ds ds;
	shmctl(id, IPC_STAT, &ds);
	say("attached %lu", ds.shm_nattch);
	munmap(hole + 4096, 4096);
	shmctl(id, IPC_STAT, &ds);
	say("attached %lu", ds.shm_nattch);
	shmctl(id, IPC_RMID, NULL);
}

CASE(shm_permissions) {
	int id = shmget(IPC_PRIVATE, 4096, 0400);
	GIVES(shmat(id, NULL, 0));
	GIVES(shmat(id, NULL, SHM_RDONLY));
	struct shmid_ds ds;
	shmctl(id, IPC_STAT, &ds);
	ds.shm_perm.mode = 0600;
	TRY(shmctl(id, IPC_SET, &ds));
	GIVES(shmat(id, NULL, 0));
	GIVES(shmat(id, NULL, SHM_EXEC));
	shmctl(id, IPC_RMID, NULL);
}

CASE(shm_read_only_faults) {
	int id = shmget(IPC_PRIVATE, 4096, 0600);
	volatile char *at = shmat(id, NULL, SHM_RDONLY);
	IN_CHILD("child", { at[0] = 1; });
	shmctl(id, IPC_RMID, NULL);
}

CASE(sem_counts) {
	int id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
	union semun arg = { .val = 2 };
	TRY(semctl(id, 0, SETVAL, arg));
	struct sembuf down = { 0, -1, IPC_NOWAIT }, up = { 0, 1, 0 }, zero = { 0, 0, IPC_NOWAIT };
	TRY(semop(id, &down, 1));
	TRY(semop(id, &zero, 1));
	TRY(semop(id, &down, 1));
	TRY(semop(id, &down, 1));
	TRY(semop(id, &zero, 1));
	struct sembuf both[] = { { 1, 5, 0 }, { 0, -1, IPC_NOWAIT } };
	TRY(semop(id, both, 2));
	TRY(semctl(id, 1, GETVAL));
	TRY(semop(id, &up, 1));
	TRY(semop(id, both, 2));
	unsigned short all[3];
	arg.array = all;
	TRY(semctl(id, 0, GETALL, arg));
	say("%d %d %d", all[0], all[1], all[2]);
	all[2] = 7;
	TRY(semctl(id, 0, SETALL, arg));
	TRY(semctl(id, 2, GETVAL));
	IS(semctl(id, 1, GETPID) == getpid());
	struct semid_ds ds;
	arg.buf = &ds;
	TRY(semctl(id, 0, IPC_STAT, arg));
	say("nsems %lu mode %o", ds.sem_nsems, ds.sem_perm.mode);
	TRY(semctl(id, 0, IPC_RMID));
	TRY(semctl(id, 0, GETVAL));
}

CASE(sem_bad_arguments) {
	TRY(semget(IPC_PRIVATE, 0, 0600));
	TRY(semget(IPC_PRIVATE, -1, 0600));
	TRY(semget(IPC_PRIVATE, 40000, 0600));
	int id = semget(IPC_PRIVATE, 2, 0600);
	static struct sembuf op_[600] = { { 5, 1, 0 } };
	struct sembuf big = { 0, 32767, 0 };
	TRY(semop(id, op_, 1));
	TRY(semop(id, op_, 0));
	TRY(semop(id, op_, 501));
	TRY(semop(id, BAD_POINTER, 1));
	TRY(semop(-1, op_, 1));
	TRY(semop(id, &big, 1));
	TRY(semop(id, &big, 1));
	union semun arg = { .val = 40000 };
	TRY(semctl(id, 0, SETVAL, arg));
	arg.val = -1;
	TRY(semctl(id, 0, SETVAL, arg));
	TRY(semctl(id, 9, GETVAL));
	TRY(semctl(id, 0, 99));
	struct timespec bad = { 0, -1 };
	TRY(semtimedop_(id, op_, 1, &bad));
	semctl(id, 0, IPC_RMID);
}

CASE(sem_timeout) {
	int id = semget(IPC_PRIVATE, 1, 0600);
	struct sembuf down = { 0, -1, 0 };
	struct timespec brief = { 0, 10000000 };
	TRY(semtimedop_(id, &down, 1, &brief));
	semctl(id, 0, IPC_RMID);
}

CASE(sem_wakes_a_waiter) {
	int id = semget(IPC_PRIVATE, 1, 0600);
	struct sembuf up = { 0, 3, 0 }, down = { 0, -2, 0 };
	pid_t child = CHILD({ TRY(semop(id, &down, 1)); });
	usleep(50000);
	semop(id, &up, 1);
	int status;
	waitpid(child, &status, 0);
	TRY(semctl(id, 0, GETVAL));
	semctl(id, 0, IPC_RMID);
}

CASE(sem_undo) {
	int id = semget(IPC_PRIVATE, 1, 0600);
	union semun arg = { .val = 5 };
	semctl(id, 0, SETVAL, arg);
	struct sembuf down = { 0, -3, SEM_UNDO };
	IN_CHILD("child", { TRY(semop(id, &down, 1)); TRY(semctl(id, 0, GETVAL)); });
	TRY(semctl(id, 0, GETVAL));
	semctl(id, 0, IPC_RMID);
}

static void on_alarm(int signo) {}
CASE(sem_interrupted_and_removed) {
	int id = semget(IPC_PRIVATE, 1, 0600);
	struct sembuf down = { 0, -1, 0 };
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	sigaction(SIGALRM, &action, NULL);
	struct itimerval soon = { { 0, 0 }, { 0, 10000 } };
	setitimer(ITIMER_REAL, &soon, NULL);
	TRY(semop(id, &down, 1));
	pid_t child = CHILD({ TRY(semop(id, &down, 1)); });
	usleep(50000);
	semctl(id, 0, IPC_RMID);
	int status;
	waitpid(child, &status, 0);
}

CASE(msg_types) {
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	static struct text one = { 3, "three" }, two = { 1, "one" }, three = { 2, "two" }, got;
	TRY(msgsnd(id, &one, 6, 0));
	TRY(msgsnd(id, &two, 4, 0));
	TRY(msgsnd(id, &three, 4, IPC_NOWAIT));
	TRY(msgrcv(id, &got, 64, 2, 0));
	say("%ld %s", got.type, got.data);
	TRY(msgrcv(id, &got, 64, -3, 0));
	say("%ld %s", got.type, got.data);
	TRY(msgrcv(id, &got, 64, 3, MSG_EXCEPT | IPC_NOWAIT));
	TRY(msgrcv(id, &got, 2, 0, IPC_NOWAIT));
	TRY(msgrcv(id, &got, 2, 0, MSG_NOERROR));
	say("%ld %.2s", got.type, got.data);
	TRY(msgrcv(id, &got, 64, 0, IPC_NOWAIT));
	struct msqid_ds ds;
	TRY(msgctl(id, IPC_STAT, &ds));
	say("messages %lu bytes %lu of %lu", ds.msg_qnum, ds.__msg_cbytes, ds.msg_qbytes);
	TRY(msgctl(id, IPC_RMID, NULL));
	TRY(msgsnd(id, &one, 6, 0));
}

CASE(msg_bad_arguments) {
	int id = msgget(IPC_PRIVATE, 0600);
	struct text zero = { 0, "" }, good = { 1, "x" };
	TRY(msgsnd(id, &zero, 1, 0));
	TRY(msgsnd(id, &good, 9000, 0));
	TRY(msgsnd(id, &good, -1, 0));
	TRY(msgsnd(id, BAD_POINTER, 1, 0));
	TRY(msgsnd(-1, &good, 1, 0));
	TRY(msgrcv(id, &good, -1, 0, 0));
	TRY(msgrcv(-1, &good, 1, 0, IPC_NOWAIT));
	TRY(msgctl(id, 99, NULL));
	TRY(msgctl(id, IPC_STAT, BAD_POINTER));
	GIVES(msgget(0x52990000 + getpid() % 1000, 0));
	msgctl(id, IPC_RMID, NULL);
}

CASE(msg_queue_full) {
	int id = msgget(IPC_PRIVATE, 0600), sent = 0;
	struct { long type; char data[8192]; } big = { 1 };
	while (sent < 10 && msgsnd(id, &big, 8192, IPC_NOWAIT) == 0) sent++;
	say("%d fit, then %s", sent, error_name(errno));
	struct msqid_ds ds;
	msgctl(id, IPC_STAT, &ds);
	ds.msg_qbytes = 1000;
	TRY(msgctl(id, IPC_SET, &ds));
	ds.msg_qbytes = 100000;
	TRY(msgctl(id, IPC_SET, &ds));
	msgctl(id, IPC_RMID, NULL);
}

CASE(msg_wakes_a_receiver) {
	int id = msgget(IPC_PRIVATE, 0600);
	pid_t child = CHILD({ struct text got = { 0 }; TRY(msgrcv(id, &got, 64, 7, 0)); say("%s", got.data); });
	struct text other = { 6, "no" }, mine = { 7, "yes" };
	msgsnd(id, &other, 3, 0);
	msgsnd(id, &mine, 4, 0);
	int status;
	waitpid(child, &status, 0);
	msgctl(id, IPC_RMID, NULL);
}
