// -P: the calls that work on one of some paths: by a path in their arguments, or by a descriptor of such a file. strace: src/pathtrace.c
import { readNumber } from '../abi/struct';
import { fdsetMembers } from './format/poll';
import { Printer, type Facts } from './format/printer';
import { readCString } from './memory';
import { defaultOptions } from './options';
import type { FilteredCall } from './strace_text';

/** Calls of which only some arguments count, and those that have paths or descriptors and are never chosen for them. */
const COUNTED: Readonly<Record<string, readonly number[]>> = {
  epoll_ctl: [2], symlink: [1], symlinkat: [1, 2], quotactl: [1], mq_open: [], memfd_create: [], perf_event_open: [], fsopen: [], epoll_wait: [0], kcmp: [], pidfd_getfd: [0], dup2: [0, 1], fanotify_mark: [3, 4], mount: [0, 1],
};
const POLLFD_SIZE = 8;

export function worksOn(paths: ReadonlySet<string>, { pid, declared, args, memory }: FilteredCall, facts: Facts): boolean {
  const p = new Printer(pid, declared, args, memory, defaultOptions, facts);
  const isFile = (fd: number): boolean => {
    const found = fd < 0 ? null : facts.fd(pid, fd);
    return found !== null && paths.has(found.path);
  };
  const { name } = declared;
  if (name === 'poll' || name === 'ppoll') {
    for (let i = 0; i < p.lo(1); i++) {
      const entry = p.read(p.num(0) + i * POLLFD_SIZE, POLLFD_SIZE);
      if (!entry) return false;
      if (isFile(readNumber(entry, 0, 's32'))) return true;
    }
    return false;
  }
  if (name === 'select' || name === 'pselect6') return [1, 2, 3].some(i => p.num(i) !== 0 && (fdsetMembers(p, p.num(i), p.int(0)) ?? []).some(isFile));
  return Object.values(declared.args).some(({ kind }, i) => {
    if (!(COUNTED[name]?.includes(i) ?? true)) return false;
    if (kind === 'fd' || kind === 'dirfd') return isFile(p.int(i));
    if (kind !== 'path') return false;
    const found = p.num(i) === 0 ? null : readCString(memory, p.num(i), 4096);
    return found?.terminated === true && paths.has(String.fromCharCode(...found.bytes));
  });
}
