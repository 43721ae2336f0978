// The signal calls that i386 had before there were sets of 64 signals. Linux: kernel/signal.c (CONFIG_OLD_SIGACTION, CONFIG_SGETMASK_SYSCALL), arch/x86/kernel/signal_32.c.
// Differs: no frame of 32 bits is ever made, so that sigreturn and i386's rt_sigreturn find none.
import { choice, hex, int, long, pointer, signo } from '../../../abi/arg_types';
import { convertStruct, old_sigaction } from '../../../abi/compat';
import type { uaddr_t } from '../../../abi/c_types';
import { EINVAL, ERESTARTNOHAND } from '../../../abi/errno';
import { kernel_sigaction, SA_NODEFER, SA_RESETHAND, SIG_BLOCK, SIG_HOW, SIG_SETMASK, SIG_UNBLOCK } from '../../../abi/signal';
import { packStruct } from '../../../abi/struct';
import { do_sigaction, set_current_blocked } from '../../kernel/sigaction';
import type { task_struct } from '../../kernel/types';
import { block } from '../../kernel/wait';
import { task_mm } from '../../mm/mmap';
import { copy_from_user, copy_to_user, get_user32, put_user32 } from '../../mm/uaccess';
import { failed } from '../../result';
import { syscall } from '../../syscall';
import { bad_frame } from './signal';

/** The signals up to 32. */
const low_set = (set: bigint): number => Number(BigInt.asUintN(32, set));
const oldSigset = pointer('oldSigset', 'const old_sigset_t *', 'in'), outOldSigset = pointer('oldSigset', 'old_sigset_t *', 'out');

syscall({ nr: -1, nr32: 48, name: 'signal', brief: 'ANSI C signal handling', args: { signum: signo, handler: pointer('sighandler', '__sighandler_t', 'in') }, ret: pointer('sighandler', '__sighandler_t', 'in'), classes: ['signal'] },
  (task, { signum, handler }) => {
    const old = do_sigaction(task, signum, packStruct(kernel_sigaction, { sa_handler: handler, sa_flags: SA_RESETHAND | SA_NODEFER }));
    return failed(old) ? old : new DataView(old.buffer).getUint32(0, true) | 0;
  });

syscall({
  nr: -1, nr32: 67, name: 'sigaction', brief: 'examine and change a signal action', args: { signum: signo, act: pointer('oldSigaction', 'const struct compat_old_sigaction *', 'in'), oldact: pointer('oldSigaction', 'struct compat_old_sigaction *', 'out') }, ret: int, classes: ['signal'],
}, (task, { signum, act, oldact }) => {
  const given = act === 0 ? null : copy_from_user(task_mm(task), act, old_sigaction.size);
  if (given && failed(given)) return given;
  const old = do_sigaction(task, signum, given && convertStruct(old_sigaction, kernel_sigaction, given));
  if (failed(old)) return old;
  return oldact === 0 ? 0 : copy_to_user(task_mm(task), oldact, convertStruct(kernel_sigaction, old_sigaction, old));
});

syscall({ nr: -1, nr32: 68, name: 'sgetmask', brief: 'get the mask of blocked signals', args: {}, ret: long, classes: ['signal'] }, task => low_set(task.blocked) | 0);

syscall({ nr: -1, nr32: 69, name: 'ssetmask', brief: 'set the mask of blocked signals', args: { newmask: hex }, ret: long, classes: ['signal'] }, (task, { newmask }) => {
  const old = low_set(task.blocked) | 0;
  set_current_blocked(task, BigInt(newmask | 0));
  return old;
});

syscall({ nr: -1, nr32: 72, name: 'sigsuspend', brief: 'wait for a signal', args: { unused1: int, unused2: int, mask: hex }, ret: int, classes: ['signal'] }, (task, { mask }) => {
  if (!task.restore_sigmask) {
    task.saved_sigmask = task.blocked;
    task.restore_sigmask = true;
    set_current_blocked(task, BigInt(mask));
  }
  return block(null, Infinity, ERESTARTNOHAND);
});

syscall({ nr: -1, nr32: 73, name: 'sigpending', brief: 'examine pending signals', args: { set: outOldSigset }, ret: int, classes: ['signal'] }, (task, { set }) =>
  put_user32(task_mm(task), set, low_set((task.pending.signal | task.signal.shared_pending.signal) & task.blocked)));

/** Of the set that is given, signals above 32 are not changed. Linux: compat_sig_setmask() */
function change_mask(task: task_struct, how: number, set: bigint): boolean {
  if (how === SIG_BLOCK) set_current_blocked(task, task.blocked | set);
  else if (how === SIG_UNBLOCK) set_current_blocked(task, task.blocked & ~set);
  else if (how === SIG_SETMASK) set_current_blocked(task, task.blocked & ~0xffffffffn | set);
  else return false;
  return true;
}

function new_mask(task: task_struct, how: number, at: uaddr_t): ReturnType<typeof get_user32> {
  if (at === 0) return 0;
  const set = get_user32(task_mm(task), at);
  if (failed(set)) return set;
  return change_mask(task, how, BigInt(set)) ? 0 : EINVAL.because('how is none of SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK');
}

syscall({ nr: -1, nr32: 126, name: 'sigprocmask', brief: 'examine and change blocked signals', args: { how: choice(SIG_HOW), set: oldSigset, oldset: outOldSigset }, ret: int, classes: ['signal'] }, (task, { how, set, oldset }) => {
  const old = low_set(task.blocked), changed = new_mask(task, how, set);
  return failed(changed) || oldset === 0 ? changed : put_user32(task_mm(task), oldset, old);
});

syscall({ nr: -1, nr32: 119, name: 'sigreturn', brief: 'return from signal handler and cleanup stack frame', args: {}, ret: long, classes: ['signal'] }, task => bad_frame(task));
syscall({ nr: -1, nr32: 173, name: 'rt_sigreturn', brief: 'return from signal handler and cleanup stack frame', args: {}, ret: long, classes: ['signal'] }, task => bad_frame(task));
