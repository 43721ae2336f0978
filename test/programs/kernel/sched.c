// Policies, priorities, affinity, I/O priorities, clocks of the scheduler.
#include "cases.h"
#include <linux/membarrier.h>

struct sched_attr { unsigned size, sched_policy; unsigned long long sched_flags; int sched_nice; unsigned sched_priority; unsigned long long sched_runtime, sched_deadline, sched_period; unsigned sched_util_min, sched_util_max; };

CASE(policies_and_ranges) {
	for (int i = -1; i <= 6; i++) {
		say("policy %d", i);
		TRY(sched_get_priority_max(i));
		TRY(sched_get_priority_min(i));
	}
	TRY(sched_get_priority_max(99));
}

CASE(setscheduler_refuses) {
	struct sched_param param = { 0 };
	TRY(sched_setscheduler(-1, SCHED_OTHER, &param));
	TRY(sched_setscheduler(99999, SCHED_OTHER, &param));
	TRY(sched_setscheduler(0, SCHED_OTHER, NULL));
	TRY(sched_setscheduler(0, SCHED_OTHER, BAD_POINTER));
	TRY(sched_setscheduler(0, -1, &param));
	TRY(sched_setscheduler(0, 99, &param));
	TRY(sched_setscheduler(0, SCHED_FIFO, &param));
	param.sched_priority = 1;
	TRY(sched_setscheduler(0, SCHED_OTHER, &param));
	TRY(sched_setscheduler(0, SCHED_FIFO, &param));
	param.sched_priority = 100;
	TRY(sched_setscheduler(0, SCHED_FIFO, &param));
	TRY(sched_getscheduler(-1));
	TRY(sched_getscheduler(99999));
	TRY(sched_getparam(0, NULL));
	TRY(sched_getparam(-1, &param));
	TRY(sched_getparam(0, BAD_POINTER));
}

CASE(batch_and_idle) {
	struct sched_param param = { 0 };
	TRY(sched_getscheduler(0));
	TRY(sched_setscheduler(0, SCHED_BATCH, &param));
	TRY(sched_getscheduler(0));
	TRY(sched_setscheduler(0, SCHED_IDLE, &param));
	TRY(sched_getscheduler(0));
	TRY(sched_setparam(0, &param));
	IN_CHILD("child", TRY(sched_getscheduler(0)));
}

CASE(reset_on_fork) {
	struct sched_param param = { 0 };
	TRY(sched_setscheduler(0, SCHED_BATCH | SCHED_RESET_ON_FORK, &param));
	TRY(sched_getscheduler(0));
	IN_CHILD("child", TRY(sched_getscheduler(0)));
}

ROOT_CASE(fifo_as_root) {
	struct sched_param param = { 10 };
	TRY(sched_setscheduler(0, SCHED_FIFO, &param));
	TRY(sched_getscheduler(0));
	TRY(sched_getparam(0, &param));
	say("%d", param.sched_priority);
	struct timespec interval;
	TRY(sched_rr_get_interval(0, &interval));
	say("%ld", interval.tv_nsec);
	param.sched_priority = 5;
	TRY(sched_setscheduler(0, SCHED_RR, &param));
	IN_CHILD("child", TRY(sched_getscheduler(0)));
	TRY(sched_rr_get_interval(-1, &interval));
	TRY(sched_rr_get_interval(99999, &interval));
	TRY(sched_rr_get_interval(0, BAD_POINTER));
}

CASE(affinity) {
	unsigned long word = 1;
	TRY(syscall(SYS_sched_setaffinity, 0, 8, &word));
	TRY(syscall(SYS_sched_getaffinity, 0, 8, &word));
	say("%#lx", word);
	word = 0;
	TRY(syscall(SYS_sched_setaffinity, 0, 8, &word));
	TRY(syscall(SYS_sched_setaffinity, 0, 0, &word));
	TRY(syscall(SYS_sched_setaffinity, 0, 8, BAD_POINTER));
	TRY(syscall(SYS_sched_setaffinity, 99999, 8, &word));
	TRY(syscall(SYS_sched_getaffinity, 0, 7, &word));
	TRY(syscall(SYS_sched_getaffinity, 0, 0, &word));
	TRY(syscall(SYS_sched_getaffinity, 0, 8, BAD_POINTER));
	TRY(syscall(SYS_sched_getaffinity, 99999, 8, &word));
	TRY(syscall(SYS_sched_getaffinity, -1, 8, &word));
}

CASE(nice_values) {
	TRY(getpriority(PRIO_PROCESS, 0));
	TRY(setpriority(PRIO_PROCESS, 0, 5));
	TRY(getpriority(PRIO_PROCESS, 0));
	TRY(setpriority(PRIO_PROCESS, 0, 4));
	TRY(setpriority(PRIO_PROCESS, 0, 100));
	TRY(getpriority(PRIO_PROCESS, 0));
	TRY(setpriority(PRIO_PROCESS, 0, 19));
	TRY(setpriority(PRIO_PROCESS, 99999, 19));
	TRY(setpriority(9, 0, 0));
	TRY(getpriority(-1, 0));
	TRY(getpriority(PRIO_PROCESS, 99999));
	TRY(getpriority(PRIO_PGRP, 99999));
	TRY(getpriority(PRIO_USER, 12345));
	IN_CHILD("child", TRY(getpriority(PRIO_PROCESS, 0)));
}

CASE(sched_getattr_and_setattr) {
	struct sched_attr attr;
	TRY(syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0));
	say("size %u policy %u nice %d flags %llu", attr.size, attr.sched_policy, attr.sched_nice, attr.sched_flags);
	attr = (struct sched_attr){ .size = sizeof attr, .sched_policy = SCHED_BATCH, .sched_nice = 3 };
	TRY(syscall(SYS_sched_setattr, 0, &attr, 0));
	TRY(sched_getscheduler(0));
	TRY(getpriority(PRIO_PROCESS, 0));
	attr.sched_policy = SCHED_FIFO;
	attr.sched_priority = 1;
	TRY(syscall(SYS_sched_setattr, 0, &attr, 0));
	attr = (struct sched_attr){ .size = 48 };
	TRY(syscall(SYS_sched_setattr, 0, &attr, 1));
	TRY(syscall(SYS_sched_setattr, 0, NULL, 0));
	TRY(syscall(SYS_sched_setattr, -1, &attr, 0));
	TRY(syscall(SYS_sched_setattr, 99999, &attr, 0));
	attr.size = 8;
	TRY(syscall(SYS_sched_setattr, 0, &attr, 0));
	say("size %u", attr.size);
	attr = (struct sched_attr){ .size = 48, .sched_flags = 1 << 20 };
	TRY(syscall(SYS_sched_setattr, 0, &attr, 0));
	attr = (struct sched_attr){ .size = 48, .sched_policy = 77 };
	TRY(syscall(SYS_sched_setattr, 0, &attr, 0));
	TRY(syscall(SYS_sched_setattr, 0, BAD_POINTER, 0));
	TRY(syscall(SYS_sched_getattr, 0, &attr, 47, 0));
	TRY(syscall(SYS_sched_getattr, 0, &attr, 48, 1));
	TRY(syscall(SYS_sched_getattr, 0, NULL, 48, 0));
	TRY(syscall(SYS_sched_getattr, -1, &attr, 48, 0));
	TRY(syscall(SYS_sched_getattr, 99999, &attr, 48, 0));
	TRY(syscall(SYS_sched_getattr, 0, BAD_POINTER, 48, 0));
}

CASE(io_priorities) {
	TRY(syscall(SYS_ioprio_get, 1, 0));
	TRY(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 3));
	TRY(syscall(SYS_ioprio_get, 1, 0));
	IN_CHILD("child", TRY(syscall(SYS_ioprio_get, 1, 0)));
	TRY(syscall(SYS_ioprio_set, 1, 0, 3 << 13));
	TRY(syscall(SYS_ioprio_set, 1, 0, 1 << 13));
	TRY(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 8));
	TRY(syscall(SYS_ioprio_set, 1, 0, 9 << 13));
	TRY(syscall(SYS_ioprio_set, 1, 0, 1));
	TRY(syscall(SYS_ioprio_set, 1, 99999, 2 << 13));
	TRY(syscall(SYS_ioprio_set, 9, 0, 2 << 13));
	TRY(syscall(SYS_ioprio_get, 9, 0));
	TRY(syscall(SYS_ioprio_get, 1, 99999));
	TRY(syscall(SYS_ioprio_get, 2, 99999));
	TRY(syscall(SYS_ioprio_get, 3, 12345));
}

CASE(getcpu_gives_a_processor) {
	unsigned cpu = 99, node = 99;
	unsigned long word = 1;
	syscall(SYS_sched_setaffinity, 0, 8, &word);
	TRY(syscall(SYS_getcpu, &cpu, &node, NULL));
	say("%u %u", cpu, node);
	TRY(syscall(SYS_getcpu, NULL, NULL, NULL));
	TRY(syscall(SYS_getcpu, BAD_POINTER, NULL, NULL));
	TRY(syscall(SYS_getcpu, NULL, KERNEL_POINTER, NULL));
}

CASE(yield_and_membarrier) {
	TRY(sched_yield());
	TRY(syscall(SYS_membarrier, 1 << 10, 0, 0));
	TRY(syscall(SYS_membarrier, 3, 0, 0));
	TRY(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 4, 0));
	TRY(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	TRY(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	TRY(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
}

CASE(getrusage_and_times) {
	struct rusage usage;
	TRY(getrusage(RUSAGE_SELF, &usage));
	TRY(getrusage(RUSAGE_CHILDREN, &usage));
	TRY(getrusage(RUSAGE_THREAD, &usage));
	TRY(getrusage(5, &usage));
	TRY(getrusage(RUSAGE_SELF, BAD_POINTER));
	TRY(syscall(SYS_times, BAD_POINTER));
	IS(syscall(SYS_times, NULL) > 0);
}
