/* Each request of ptrace with addresses, numbers and structures, of a process that is not there. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long w[64];
/* Of fixed places, since some requests take data for a number. */
static struct { void *base; long length; long more[62]; } iov = { w, 16 };

int main(void) {
	close(-1000);
	long reqs[]={1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,24,25,26,30,31,32,33,0x4200,0x4201,0x4202,0x4203,0x4204,0x4205,0x4206,0x4207,0x4208,0x4209,0x420a,0x420b,0x420c,0x420d,0x420e,0x420f,0x4210,0x4211,0x9999,-1};
	for(unsigned i=0;i<sizeof reqs/sizeof*reqs;i++){
	syscall(SYS_ptrace,reqs[i],999999,1,0x1234); syscall(SYS_ptrace,reqs[i],999999,0L,0L); syscall(SYS_ptrace,reqs[i],999999,8L,9L); if (reqs[i] != 15) syscall(SYS_ptrace,reqs[i],999999,8L,w); syscall(SYS_ptrace,reqs[i],999999,-1L,-1L);if (reqs[i] != 15) { syscall(SYS_ptrace,reqs[i],999999,&iov,&iov);syscall(SYS_ptrace,reqs[i],999999,0x202,&iov); }}
	for(int i=0;i<130;i++) syscall(SYS_ptrace,3,999999,8L*i,0);
	for(int i=0;i<24;i++) syscall(SYS_ptrace,0x4200,999999,0,1L<<i);
	for(int i=0;i<12;i++) syscall(SYS_ptrace,0x4204,999999,i,&iov);
	for(int i=0;i<8;i++) syscall(SYS_ptrace,0x4204,999999,0x200+i,&iov);
	return 0;
}
