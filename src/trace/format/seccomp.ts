// What the listener of a seccomp filter is asked and answers. strace: src/seccomp_ioctl.c.
import { findErrno } from '../../abi/errno';
import { AUDIT_ARCH, SECCOMP_IOCTL_NOTIF_ID_VALID, SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND, seccomp_data, seccomp_notif, seccomp_notif_resp } from '../../abi/seccomp';
import { readBig } from '../../abi/struct';
import { table } from '../../abi/table';
import { choice, flags } from './flags';
import type { Printer } from './printer';
import { hexNumber } from './text';

const SECCOMP_USER_NOTIF_FLAGS = table('SECCOMP_USER_NOTIF_FLAG_???', () => ({ SECCOMP_USER_NOTIF_FLAG_CONTINUE: 1 }));

/** struct seccomp_data at `base`. */
function dataText(p: Printer, b: Uint8Array, base: number): string {
  const nr = p.field(seccomp_data, b, 'nr', base);
  const name = p.facts.syscallName?.(nr);
  const args = [0, 1, 2, 3, 4, 5].map(i => hexNumber(readBig(b, base + seccomp_data.fields.args.offset + i * 8, 'u64')));
  return `{nr=${name === undefined ? nr : `__NR_${name}`}, arch=${choice(AUDIT_ARCH, p.field(seccomp_data, b, 'arch', base))}, `
    + `instruction_pointer=${hexNumber(p.big(seccomp_data, b, 'instruction_pointer', base))}, args=[${args.join(', ')}]}`;
}

function errorText(error: number): string {
  if (error === 0) return '0';
  const name = findErrno(Math.abs(error))?.name;
  return name === undefined ? String(error) : `${error < 0 ? '-' : ''}${name}`;
}

/** The argument of an ioctl on a listener; null: the request is none of its. */
export function seccompIoctlText(p: Printer, request: number): string | null {
  switch (request) {
    case SECCOMP_IOCTL_NOTIF_RECV:
      return p.pointed(2, seccomp_notif, b => `{id=${hexNumber(p.big(seccomp_notif, b, 'id'))}, pid=${p.field(seccomp_notif, b, 'pid')}, flags=${hexNumber(p.field(seccomp_notif, b, 'flags'))}, data=${dataText(p, b, 16)}}`);
    case SECCOMP_IOCTL_NOTIF_SEND:
      return p.pointed(2, seccomp_notif_resp, b => `{id=${hexNumber(p.big(seccomp_notif_resp, b, 'id'))}, val=${p.big(seccomp_notif_resp, b, 'val')}, error=${errorText(p.field(seccomp_notif_resp, b, 'error'))}, `
        + `flags=${flags(SECCOMP_USER_NOTIF_FLAGS, p.field(seccomp_notif_resp, b, 'flags'))}}`);
    case SECCOMP_IOCTL_NOTIF_ID_VALID: {
      const b = p.fetch(2, 8);
      return b ? `[${hexNumber(readBig(b, 0, 'u64'))}]` : p.address(2);
    }
    default: return null;
  }
}
