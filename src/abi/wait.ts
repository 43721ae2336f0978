// What wait4 and waitid are asked and answer. Linux: include/uapi/linux/wait.h; the status word as in kernel/exit.c.
import { table } from './table';

export const WAIT = table('W???', () => ({
  WNOHANG: 1, WEXITED: 4, WSTOPPED: 2, WCONTINUED: 8, WNOWAIT: 0x1000000, __WCLONE: 0x80000000, __WALL: 0x40000000, __WNOTHREAD: 0x20000000,
}));
export const {
  WNOHANG, WEXITED, WSTOPPED, WCONTINUED, WNOWAIT, __WCLONE, __WALL, __WNOTHREAD,
} = WAIT.values;

export const WAITID = table('P_???', () => ({
  P_ALL: 0, P_PID: 1, P_PGID: 2, P_PIDFD: 3,
}));
export const {
  P_ALL, P_PID, P_PGID, P_PIDFD,
} = WAITID.values;

/** The same bit as WSTOPPED; strace prints that name. */
export const WUNTRACED = 2;

export const WIFEXITED = (status: number): boolean => (status & 0x7f) === 0;
export const WEXITSTATUS = (status: number): number => (status >> 8) & 0xff;
export const WIFSTOPPED = (status: number): boolean => (status & 0xff) === 0x7f;
export const WSTOPSIG = (status: number): number => (status >> 8) & 0xff;
export const WIFSIGNALED = (status: number): boolean => !WIFEXITED(status) && (status & 0x7f) !== 0x7f;
export const WTERMSIG = (status: number): number => status & 0x7f;
export const WCOREDUMP = (status: number): boolean => (status & 0x80) !== 0;
export const WIFCONTINUED = (status: number): boolean => status === 0xffff;
