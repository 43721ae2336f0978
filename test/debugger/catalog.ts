// A few system calls for tests that do not need the kernel's table.
import { UserError } from '../../src/base/errors';
import { findErrno } from '../../src/abi/errno';
import type { SyscallCatalog } from '../../src/debugger/syscall_filter';
import type { CallFacts } from '../../src/debugger/target';

const calls: Record<string, { nr: number; args: string[]; classes: string[] }> = {
  read: { nr: 0, args: ['fd', 'buf', 'count'], classes: ['desc'] }, write: { nr: 1, args: ['fd', 'buf', 'count'], classes: ['desc'] }, close: { nr: 3, args: ['fd'], classes: ['desc'] },
  openat: { nr: 257, args: ['dfd', 'filename', 'flags', 'mode'], classes: ['file', 'desc'] }, exit_group: { nr: 231, args: ['error_code'], classes: ['process'] },
};
const constants: Record<string, bigint> = { O_CREAT: 0o100n, O_WRONLY: 1n };

export const catalog: SyscallCatalog = {
  select(set) {
    const wanted = set.replace(/^!/, '').split(',').map(s => s.trim());
    for (const w of wanted) {
      if (w.startsWith('%') ? !Object.values(calls).some(c => c.classes.includes(w.slice(1))) : !(w in calls)) throw new UserError(`no such call or class: ${w}`);
    }
    const has = (name: string) => wanted.some(w => w === name || w.startsWith('%') && calls[name]?.classes.includes(w.slice(1)));
    return name => has(name) !== set.startsWith('!');
  },
  names: () => Object.keys(calls),
  nameOf: nr => Object.entries(calls).find(([, c]) => c.nr === nr)?.[0],
  argumentsOf: name => calls[name]?.args ?? [],
  constant: name => constants[name],
};

export function call(name: string, args: Record<string, number | string>, ret?: number): CallFacts {
  const errno = ret !== undefined && ret < 0 ? findErrno(-ret) : undefined;
  const shown = Object.values(args).map(v => JSON.stringify(v)).join(', ');
  return {
    nr: calls[name]!.nr, abi: 'x86-64', name,
    args: Object.entries(args).map(([n, v]) => typeof v === 'string'
      ? { name: n, raw: 0x5000n, bits: 64, isSigned: false, text: v } : { name: n, raw: BigInt.asUintN(32, BigInt(v)), bits: 32, isSigned: v < 0 || n.endsWith('fd') }),
    ret: ret === undefined ? undefined : BigInt(ret), errno: errno && { name: errno.name, number: errno.number, text: errno.text, reason: null },
    text: `${name}(${shown})${ret === undefined ? '' : errno ? ` = -1 ${errno.name} (${errno.text})` : ` = ${ret}`}`,
  };
}
