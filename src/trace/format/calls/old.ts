// Calls that only i386 has. strace: src/signal.c, src/oldstat.c, src/uname.c, src/dirent.c, src/resource.c, src/ipc.c.
import { convertStruct, old_sigaction } from '../../../abi/compat';
import { kernel_sigaction } from '../../../abi/signal';
import { readNumber } from '../../../abi/struct';
import type { CallFormat } from '../call_format';
import { kindText } from '../kinds';
import { choice, signalText } from '../flags';
import { SIG_HOW } from '../../../abi/signal';
import type { Printer } from '../printer';
import { handlerText, sigactionText, sigsetText } from '../signal';
import { hexNumber } from '../text';

const maskText = (mask: number): string => sigsetText(BigInt(mask >>> 0), 32);

/** A set of 32 signals in memory. */
function setAt(p: Printer, i: number): string {
  const bytes = p.fetch(i, 4);
  return bytes ? maskText(readNumber(bytes, 0, 'u32')) : p.address(i);
}

const actionAt = (p: Printer, i: number): string => p.pointed(i, old_sigaction, b => sigactionText(p, convertStruct(old_sigaction, kernel_sigaction, b), 32));

function maskResult(p: Printer, what: string): string {
  if (p.failed) return '';
  p.returnForm = 'hex';
  p.aux = `${what} ${maskText(p.ret)}`;
  return '';
}

export const old: Record<string, CallFormat> = {
  signal: {
    enter: p => `${signalText(p.int(0))}, ${handlerText(BigInt(p.hi(1)) << 32n | BigInt(p.lo(1)))}`,
    exit(p) {
      if (p.failed) return '';
      p.returnForm = 'hex';
      if (p.ret === 0 || p.ret === 1) p.aux = handlerText(BigInt(p.ret));
      return '';
    },
  },
  sigaction: { enter: p => `${signalText(p.int(0))}, ${actionAt(p, 1)}, `, exit: p => actionAt(p, 2) },
  sgetmask: { enter: () => '', exit: p => maskResult(p, 'mask') },
  ssetmask: { enter: p => maskText(p.lo(0)), exit: p => maskResult(p, 'old mask') },
  sigsuspend: { enter: p => maskText(p.lo(2)) },
  sigpending: { enter: () => '', exit: p => setAt(p, 0) },
  sigprocmask: { enter: p => `${choice(SIG_HOW, p.int(0))}, ${setAt(p, 1)}, `, exit: p => setAt(p, 2) },
  /** A count of 1 says nothing. */
  readdir: { enter: p => `${p.fd(p.int(0))}, `, exit: p => `${p.ret === 0 || p.failed ? p.address(1) : kindText('oldDirent', p, 1)}${p.lo(2) === 1 ? '' : `, ${p.lo(2)}`}` },
  ipc: { enter: p => `${p.lo(0) > 0xffff ? `${p.lo(0) >>> 16}<<16|` : ''}${p.lo(0) & 0xffff}, ${[1, 2, 3, 4, 5].map(i => hexNumber(p.num(i)) === '0' ? '0' : p.hex(i)).join(', ')}` },
};
