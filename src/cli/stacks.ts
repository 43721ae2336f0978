// The call stacks of `ringside strace -k`.
import { Backtraces } from '../debugger/backtrace';
import { symbolOpener } from '../debugger/open_symbols';
import { inflate } from '../host/node/inflate';
import type { Session } from '../machine/assemble';

/** Calls that change what is mapped where: mmap, mprotect, munmap, mremap. */
const MAPPING = new Set([9, 10, 11, 25]);

/** The stack of a task of `session` as text, from now on. */
export function traceStacks({ machine, target }: Session): (pid: number) => string {
  const stacks = new Backtraces(target(), symbolOpener(() => undefined, inflate));
  machine.listen({
    exec: () => { stacks.mappingsChanged(); },
    syscallExit: (_pid, nr) => { if (MAPPING.has(nr)) stacks.mappingsChanged(); },
  });
  return pid => stacks.text(pid);
}
