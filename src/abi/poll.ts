// poll, epoll, eventfd, timerfd, signalfd flags. Linux: include/uapi/asm-generic/poll.h, linux/eventpoll.h, eventfd.h, timerfd.h, signalfd.h.
import { struct, packedStruct } from './struct';
import { table } from './table';

export const POLLIN = 1, POLLPRI = 2, POLLOUT = 4, POLLERR = 8, POLLHUP = 16, POLLNVAL = 32, POLLRDNORM = 64, POLLRDBAND = 128, POLLWRNORM = 256,
  POLLWRBAND = 512, POLLMSG = 1024, POLLREMOVE = 0x1000, POLLRDHUP = 0x2000, POLL_BUSY_LOOP = 0x8000;
export const POLL_EVENTS = table('POLL???', () => ({ POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL, POLLRDNORM, POLLRDBAND, POLLWRNORM, POLLWRBAND,
  POLLMSG, POLLREMOVE, POLLRDHUP, POLL_BUSY_LOOP }));

export const EPOLLIN = 1, EPOLLPRI = 2, EPOLLOUT = 4, EPOLLERR = 8, EPOLLHUP = 16, EPOLLNVAL = 32, EPOLLRDNORM = 64, EPOLLRDBAND = 128,
  EPOLLWRNORM = 256, EPOLLWRBAND = 512, EPOLLMSG = 1024, EPOLLRDHUP = 0x2000, EPOLLEXCLUSIVE = 0x10000000, EPOLLWAKEUP = 0x20000000,
  EPOLLONESHOT = 0x40000000, EPOLLET = 0x80000000;
export const EPOLL_EVENTS = table('EPOLL???', () => ({ EPOLLIN, EPOLLPRI, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLNVAL, EPOLLRDNORM, EPOLLRDBAND, EPOLLWRNORM,
  EPOLLWRBAND, EPOLLMSG, EPOLLRDHUP, EPOLLEXCLUSIVE, EPOLLWAKEUP, EPOLLONESHOT, EPOLLET }));

export const EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;
export const EPOLL_CTL_OPS = table('EPOLL_CTL_???', () => ({ EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD }));

export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CREATE_FLAGS = table('EPOLL_???', () => ({ EPOLL_CLOEXEC }));

export const EFD_SEMAPHORE = 0o1, EFD_CLOEXEC = 0o2000000, EFD_NONBLOCK = 0o4000;
export const EFD_FLAGS = table('EFD_???', () => ({ EFD_SEMAPHORE, EFD_CLOEXEC, EFD_NONBLOCK }));

export const TFD_TIMER_ABSTIME = 0o1, TFD_TIMER_CANCEL_ON_SET = 0o2, TFD_CLOEXEC = 0o2000000, TFD_NONBLOCK = 0o4000;
export const TFD_FLAGS = table('TFD_???', () => ({ TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET, TFD_CLOEXEC, TFD_NONBLOCK }));

export const SFD_CLOEXEC = 0o2000000, SFD_NONBLOCK = 0o4000;
export const SFD_FLAGS = table('SFD_???', () => ({ SFD_CLOEXEC, SFD_NONBLOCK }));

export const pollfd = struct('struct pollfd', { fd: 's32', events: 's16', revents: 's16' });
export const epoll_event = packedStruct('struct epoll_event', { events: 'u32', data: 'u64' });
export const signalfd_siginfo = struct('struct signalfd_siginfo', {
  ssi_signo: 'u32', ssi_errno: 's32', ssi_code: 's32', ssi_pid: 'u32', ssi_uid: 'u32', ssi_fd: 's32', ssi_tid: 'u32', ssi_band: 'u32', ssi_overrun: 'u32', ssi_trapno: 'u32',
  ssi_status: 's32', ssi_int: 's32', ssi_ptr: 'u64', ssi_utime: 'u64', ssi_stime: 'u64', ssi_addr: 'u64', ssi_addr_lsb: 'u16', __pad2: 'u16', ssi_syscall: 's32', ssi_call_addr: 'u64',
  ssi_arch: 'u32', __pad: ['u8', 28],
});
