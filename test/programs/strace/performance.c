/* What is asked of BPF, io_uring and performance events: every value that has a name, and structures of many sizes. Run as nobody, so that all is refused. */
#define _GNU_SOURCE
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define Z memset(b, 0, sizeof b)
#define BAD ((void *)8)

int main(void) {
	setresgid(65534, 65534, 65534);
	setresuid(65534, 65534, 65534);
	close(-1000);
	unsigned b[40]; long long *q=(void*)b;
	for(int i=0;i<40;i++){Z;b[0]=i;syscall(SYS_bpf,0,b,16);}
	for(int i=0;i<40;i++){Z;b[0]=i;syscall(SYS_bpf,5,b,32);}
	for(int i=0;i<60;i++){Z;b[2]=i;syscall(SYS_bpf,9,b,16);}
	for(int i=0;i<8;i++){Z;b[7]=i;syscall(SYS_bpf,20,b,48);}
	for(int i=0;i<32;i++){Z;b[4]=1u<<i;syscall(SYS_bpf,0,b,24);}
	for(int i=0;i<32;i++){Z;b[11]=1u<<i;syscall(SYS_bpf,5,b,48);}
	for(int i=0;i<5;i++){Z;b[3]=1u<<i;syscall(SYS_bpf,8,b,16);}
	for(int i=0;i<5;i++){Z;b[2]=1u<<i;syscall(SYS_bpf,16,b,28);}
	for(int i=0;i<9;i++){Z;q[3]=i;syscall(SYS_bpf,2,b,32);}
	for(int i=0;i<9;i++){Z;q[3]=i;syscall(SYS_bpf,1,b,32);}
	for(int i=0;i<9;i++){Z;q[5]=i;syscall(SYS_bpf,26,b,56);}
	for(int i=0;i<6;i++){Z;b[3]=1u<<i;syscall(SYS_bpf,7,b,16);}
	for(int i=0;i<6;i++){Z;b[2]=1u<<i;b[3]=9;syscall(SYS_bpf,29,b,16);}
	{Z;b[4]=1<<2;b[6]=3;syscall(SYS_bpf,0,b,28);syscall(SYS_bpf,0,b,24);}
	{Z;q[0]=(long)"/some/path";b[2]=5;syscall(SYS_bpf,6,b,12);Z;q[0]=(long)"name";syscall(SYS_bpf,17,b,16);Z;q[0]=(long)"abcdef";b[4]=4;syscall(SYS_bpf,18,b,28);Z;q[2]=(long)"GPL";q[1]=0x1000;b[1]=2;b[11]=0; memcpy(b+12,"progname",9);syscall(SYS_bpf,5,b,64);}
	{Z;q[3]=(long)"x";b[4]=(unsigned)-1;syscall(SYS_bpf,5,b,48);b[24]=1;syscall(SYS_bpf,7,b,100);}
	for(int i=0;i<20;i++){Z; struct io_uring_params p; memset(&p,0,sizeof p); p.flags=1u<<i; syscall(SYS_io_uring_setup,0,&p);}
	struct perf_event_attr a;
	for(int i=0;i<8;i++){memset(&a,0,sizeof a);a.type=i;a.size=64;a.config=1;syscall(SYS_perf_event_open,&a,0,-1,-1,0);}
	for(int i=0;i<12;i++){memset(&a,0,sizeof a);a.type=0;a.size=64;a.config=i;syscall(SYS_perf_event_open,&a,0,-1,99,0);}
	for(int i=0;i<14;i++){memset(&a,0,sizeof a);a.type=1;a.size=64;a.config=i;syscall(SYS_perf_event_open,&a,0,-1,99,0);}
	for(int i=0;i<9;i++){memset(&a,0,sizeof a);a.type=3;a.size=64;a.config=i|i<<8|i<<16;syscall(SYS_perf_event_open,&a,0,-1,99,0);}
	for(int i=0;i<26;i++){memset(&a,0,sizeof a);a.type=1;a.size=64;a.sample_type=1ull<<i;a.read_format=i<7?1<<i:0;a.precise_ip=i&3;syscall(SYS_perf_event_open,&a,0,-1,99,0);}
	int sizes[]={64,72,80,96,104,112,120,128,136,63,65,8,0}; for(int i=0;i<13;i++){memset(&a,0,sizeof a);a.size=sizes[i];syscall(SYS_perf_event_open,&a,0,-1,99,0);}
	for(int i=0;i<40;i++){memset(&a,0,sizeof a);a.size=64;((unsigned long long*)&a)[5]=1ull<<i;syscall(SYS_perf_event_open,&a,0,-1,99,0);}
	union bpf_attr u;
	for(int cmd=0; cmd<38; cmd++){ memset(&u,0,sizeof u); syscall(SYS_bpf,cmd,&u,sizeof u>128?128:sizeof u); memset(&u,1,sizeof u); syscall(SYS_bpf,cmd,&u,48); syscall(SYS_bpf,cmd,BAD,48); syscall(SYS_bpf,cmd,&u,0); syscall(SYS_bpf,cmd,&u,3);}
	struct io_uring_params p; memset(&p,0,sizeof p); p.flags=IORING_SETUP_SQPOLL|IORING_SETUP_CQSIZE; p.cq_entries=5; p.sq_thread_cpu=3; syscall(SYS_io_uring_setup,0,&p); p.resv[0]=1; syscall(SYS_io_uring_setup,0,&p); syscall(SYS_io_uring_setup,70000,BAD); p.wq_fd=99; p.flags=IORING_SETUP_ATTACH_WQ; syscall(SYS_io_uring_setup,0,&p);
	return 0;
}
