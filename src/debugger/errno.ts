// The C library's errno of a task, read without running anything: the few instructions of __errno_location are followed by hand.
// Not here: what the value means (src/abi/errno.ts).
import { findErrno } from '../abi/errno';
import { threadLocal } from './location';
import type { Modules } from './modules';
import type { Target } from './target';
import { memoryReader } from './unwind';

const LONGEST = 24;

/** The address of errno, or undefined when the C library is none whose form is known or is not set up yet. */
export function errnoAddress(target: Target, modules: Modules, pid: number): bigint | undefined {
  const fsBase = target.registers(pid, 'user').read('fs_base');
  if (!fsBase) return undefined;
  for (const module of modules.of(pid)) {
    const [location] = module.symbols?.symbolsNamed('__errno_location') ?? [];
    const address = location && follow(target, pid, location.address + module.bias, fsBase);
    if (address !== undefined) return address;
  }
  // A static program need not have the function: there errno is a variable of the program's own thread-local block.
  const offset = modules.of(pid)[0]?.symbols?.threadLocalNamed('errno');
  return offset === undefined ? undefined : threadLocal(target, pid, offset);
}

export function readErrno(target: Target, modules: Modules, pid: number): number | undefined {
  const address = errnoAddress(target, modules, pid);
  const value = address === undefined ? undefined : memoryReader(target, pid)(address, 4);
  return value === undefined ? undefined : Number(BigInt.asIntN(32, value));
}

/** The forms of glibc (from a GOT entry when dynamic, an immediate when static) and musl (an offset from the thread pointer). */
function follow(target: Target, pid: number, start: bigint, fsBase: bigint): bigint | undefined {
  const read = memoryReader(target, pid);
  const code = target.readMemory(pid, start, LONGEST);
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  let rax: bigint | undefined;
  for (let at = 0; at < code.length;) {
    const is = (...bytes: number[]): boolean => bytes.every((byte, i) => code[at + i] === byte);
    if (is(0xf3, 0x0f, 0x1e, 0xfa)) at += 4;
    else if (is(0x48, 0x8b, 0x05) && at + 7 <= code.length) { rax = read(start + BigInt(at + 7 + view.getInt32(at + 3, true)), 8); at += 7; }
    else if (is(0x48, 0xc7, 0xc0) && at + 7 <= code.length) { rax = BigInt(view.getInt32(at + 3, true)); at += 7; }
    else if (is(0x64, 0x48, 0x03, 0x04, 0x25, 0, 0, 0, 0)) { const base = read(fsBase, 8); rax = rax === undefined || base === undefined ? undefined : rax + base; at += 9; }
    else if (is(0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0)) { rax = read(fsBase, 8); at += 9; }
    else if (is(0x48, 0x83, 0xc0) && at + 4 <= code.length) { rax = rax === undefined ? undefined : rax + BigInt(view.getInt8(at + 3)); at += 4; }
    else if (is(0xc3)) return rax === undefined ? undefined : BigInt.asUintN(64, rax);
    else return undefined;
  }
  return undefined;
}

/** `2 ENOENT (No such file or directory)`, `0`. */
export function describeErrno(number: number): string {
  const errno = findErrno(number);
  return errno ? `${number} ${errno.name} (${errno.text})` : String(number);
}
