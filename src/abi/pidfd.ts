// Process descriptors. Linux: include/uapi/linux/pidfd.h.
import { table } from './table';

export const PIDFD_FLAGS = table('PIDFD_???', () => ({ PIDFD_NONBLOCK: 0x800 }));
export const { PIDFD_NONBLOCK } = PIDFD_FLAGS.values;
/** Since 6.9; strace 6.1 has no name for it. */
export const PIDFD_THREAD = 0x80;

/** Flags of pidfd_send_signal, for which strace 6.1 has no names. */
export const PIDFD_SIGNAL_THREAD = 1, PIDFD_SIGNAL_THREAD_GROUP = 2, PIDFD_SIGNAL_PROCESS_GROUP = 4;
