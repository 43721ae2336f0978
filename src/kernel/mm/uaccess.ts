// The kernel's access to user memory: page by page through the page tables, faulting pages in. Linux: arch/x86/lib/usercopy_64.c, mm/gup.c, lib/strncpy_from_user.c
import type { long, phys_addr_t, size_t, u32, u64, uaddr_t } from '../../abi/c_types';
import { E2BIG, EFAULT, type Errno } from '../../abi/errno';
import { TASK_UNINTERRUPTIBLE, type task_struct } from '../kernel/types';
import { block } from '../kernel/wait';
import { failed, isBlock, type Block } from '../result';
import { current, kernel, ports } from '../state';
import { _PAGE_DIRTY, _PAGE_ACCESSED, _PAGE_PRESENT, _PAGE_RW, _PAGE_USER, pte_lo, pte_offset, pte_page } from '../arch/x86/pgtable';
import { find_vma_at, handle_mm_fault, vm_fault_errno } from './memory';
import { out_of_memory } from './oom_kill';
import { find_extend_vma } from './vma';
import { offset_in_page, PAGE_SIZE, TASK_SIZE, type mm_struct } from './types';

/** The physical address behind a user address, the page faulted in for the access. Linux: mm/gup.c:faultin_page() */
export function user_page(mm: mm_struct, address: uaddr_t, isWrite: boolean): phys_addr_t | Errno | Block {
  const entry = pte_offset(mm.pgd, address, null);
  const needed = _PAGE_PRESENT | _PAGE_USER | (isWrite ? _PAGE_RW : 0);
  if (entry >= 0 && (pte_lo(entry) & needed) === needed) {
    const marks = _PAGE_ACCESSED | (isWrite ? _PAGE_DIRTY : 0);
    const lo = pte_lo(entry);
    if ((lo & marks) !== marks) ports().phys.write32(entry, (lo | marks) >>> 0);
    return pte_page(entry) + offset_in_page(address);
  }
  const vma = find_vma_at(mm, address) ?? find_extend_vma(mm, address);
  if (!vma) return vm_fault_errno('maperr', address);
  const fault = handle_mm_fault(mm, vma, address, isWrite ? 'write' : 'read');
  if (isBlock(fault)) return fault;
  if (fault === 'oom' && kernel.current !== null) return wait_for_memory(kernel.current);
  if (fault !== null) return vm_fault_errno(fault, address);
  count_fault(mm);
  const mapped = pte_offset(mm.pgd, address, null);
  return mapped < 0 ? vm_fault_errno('maperr', address) : pte_page(mapped) + offset_in_page(address);
}

/** The call begins again when somebody has been killed and has ended. */
function wait_for_memory(task: task_struct): Block {
  out_of_memory(task);
  const blocked = block(null, ports().clock.now() + OOM_RETRY_NS);
  task.__state = TASK_UNINTERRUPTIBLE;
  return blocked;
}

const OOM_RETRY_NS = 1e6;

function count_fault(mm: mm_struct): void {
  if (kernel.current && kernel.current.mm === mm) current().min_flt++;
}

/** The time that a copy takes, told to the call that makes it. */
function charge_copy(length: size_t): void {
  const ns = ports().clock.chargeCopy(length);
  const call = kernel.current?.call ?? null;
  if (call === null || call.over) return;
  call.copy_ns += ns;
  call.copied += length;
}

function access_ok(address: uaddr_t, length: size_t): boolean {
  return address >= 0 && address + length <= TASK_SIZE;
}

/** Reads `length` bytes. All or nothing. */
export function copy_from_user(mm: mm_struct, address: uaddr_t, length: size_t): Uint8Array | Errno | Block {
  if (length === 0) return new Uint8Array(0);
  if (!access_ok(address, length)) return EFAULT.because(`0x${address.toString(16)} is not a user address`);
  if (offset_in_page(address) + length <= PAGE_SIZE && length > 0) {
    const pa = user_page(mm, address, false);
    if (typeof pa !== 'number') return pa;
    charge_copy(length);
    return ports().phys.readBytes(pa, length);
  }
  const bytes = new Uint8Array(length);
  const fault = copy_from_user_into(mm, address, bytes);
  if (!fault) charge_copy(length);
  return fault ?? bytes;
}

/** Reads into `bytes`; null when all was read. */
function copy_from_user_into(mm: mm_struct, address: uaddr_t, bytes: Uint8Array): Errno | Block | null {
  let done = 0;
  while (done < bytes.length) {
    const pa = user_page(mm, address + done, false);
    if (typeof pa !== 'number') return pa;
    const part = Math.min(bytes.length - done, PAGE_SIZE - offset_in_page(pa));
    bytes.set(ports().phys.readBytes(pa, part), done);
    done += part;
  }
  return null;
}

/** Writes `bytes`; of pages that cannot be written to, those before the first are. */
export function copy_to_user(mm: mm_struct, address: uaddr_t, bytes: Uint8Array): size_t | Errno | Block {
  const { length } = bytes;
  if (length === 0) return 0;
  if (!access_ok(address, length)) return EFAULT.because(`0x${address.toString(16)} is not a user address`);
  if (offset_in_page(address) + length <= PAGE_SIZE) {
    const pa = user_page(mm, address, true);
    if (typeof pa !== 'number') return pa;
    ports().phys.writeBytes(pa, bytes);
    charge_copy(length);
    return 0;
  }
  for (let done = 0; done < length;) {
    const pa = user_page(mm, address + done, true);
    if (typeof pa !== 'number') return pa;
    const part = Math.min(length - done, PAGE_SIZE - offset_in_page(pa));
    ports().phys.writeBytes(pa, part === length ? bytes : bytes.subarray(done, done + part));
    done += part;
  }
  charge_copy(length);
  return 0;
}

/** As copy_to_user, from guest memory: `pa` and what follows. */
export function copy_page_to_user(mm: mm_struct, address: uaddr_t, pa: phys_addr_t, length: size_t): size_t | Errno | Block {
  if (!access_ok(address, length)) return EFAULT.because(`0x${address.toString(16)} is not a user address`);
  // Over several pages: nothing is written when any of them cannot be.
  for (let done = PAGE_SIZE - offset_in_page(address); done < length; done += PAGE_SIZE) {
    const to = user_page(mm, address + done, true);
    if (typeof to !== 'number') return to;
  }
  for (let done = 0; done < length;) {
    const to = user_page(mm, address + done, true);
    if (typeof to !== 'number') return to;
    const part = Math.min(length - done, PAGE_SIZE - offset_in_page(to));
    ports().phys.copy(to, pa + done, part);
    done += part;
  }
  charge_copy(length);
  return 0;
}

/** As copy_from_user, to guest memory at `pa` and what follows. */
export function copy_page_from_user(mm: mm_struct, address: uaddr_t, pa: phys_addr_t, length: size_t): size_t | Errno | Block {
  if (!access_ok(address, length)) return EFAULT.because(`0x${address.toString(16)} is not a user address`);
  for (let done = 0; done < length;) {
    const from = user_page(mm, address + done, false);
    if (typeof from !== 'number') return from;
    const part = Math.min(length - done, PAGE_SIZE - offset_in_page(from));
    ports().phys.copy(pa + done, from, part);
    done += part;
  }
  charge_copy(length);
  return 0;
}

/** Zeroes user memory. */
export function clear_user(mm: mm_struct, address: uaddr_t, length: size_t): size_t | Errno | Block {
  if (!access_ok(address, length)) return EFAULT.because(`0x${address.toString(16)} is not a user address`);
  for (let done = 0; done < length;) {
    const pa = user_page(mm, address + done, true);
    if (typeof pa !== 'number') return pa;
    const part = Math.min(length - done, PAGE_SIZE - offset_in_page(pa));
    ports().phys.fill(pa, part, 0);
    done += part;
  }
  charge_copy(length);
  return 0;
}

/** A scalar inside one page at its physical address; across pages by bytes. */
export function get_user32(mm: mm_struct, address: uaddr_t): u32 | Errno | Block {
  if (offset_in_page(address) > PAGE_SIZE - 4) {
    const bytes = copy_from_user(mm, address, 4);
    return bytes instanceof Uint8Array ? new DataView(bytes.buffer).getUint32(0, true) : bytes;
  }
  if (!access_ok(address, 4)) return EFAULT.because(`0x${address.toString(16)} is not a user address`);
  const pa = user_page(mm, address, false);
  if (typeof pa !== 'number') return pa;
  charge_copy(4);
  return ports().phys.read32(pa) >>> 0;
}

/** 64 bits as a double, exact below 2^53. */
export function get_user64(mm: mm_struct, address: uaddr_t): u64 | Errno | Block {
  const value = get_user_big64(mm, address);
  return typeof value === 'bigint' ? Number(value) : value;
}

export function get_user_big64(mm: mm_struct, address: uaddr_t): bigint | Errno | Block {
  if (offset_in_page(address) > PAGE_SIZE - 8 || !access_ok(address, 8)) {
    const bytes = copy_from_user(mm, address, 8);
    return bytes instanceof Uint8Array ? new DataView(bytes.buffer).getBigUint64(0, true) : bytes;
  }
  const pa = user_page(mm, address, false);
  if (typeof pa !== 'number') return pa;
  charge_copy(8);
  return ports().phys.readBig64(pa);
}

export function put_user32(mm: mm_struct, address: uaddr_t, value: u32): number | Errno | Block {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
  return copy_to_user(mm, address, bytes);
}

/** `value`: an integer of at most 53 bits, negative allowed, or a bigint. */
export function put_user64(mm: mm_struct, address: uaddr_t, value: u64 | bigint): number | Errno | Block {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  // It is one store: nothing is written where its end is missing.
  const end = address % 4096 > 4088 ? user_page(mm, address + 7, true) : 0;
  return typeof end === 'number' ? copy_to_user(mm, address, bytes) : end;
}

/** Bytes of a string that are read at a time: most are shorter. */
const STRING_PART = 128;

/** The string at `address` without its NUL, one char a byte. Without a NUL in the first `max` bytes: a string of `max` chars. */
export function strncpy_from_user(mm: mm_struct, address: uaddr_t, max: long): string | Errno | Block {
  let text = '';
  let at = address;
  while (text.length < max) {
    if (!access_ok(at, 1)) return EFAULT.because(`0x${at.toString(16)} is not a user address`);
    const pa = user_page(mm, at, false);
    if (typeof pa !== 'number') return pa;
    const part = Math.min(max - text.length, PAGE_SIZE - offset_in_page(pa), STRING_PART);
    const piece = ports().phys.readText(pa, part);
    text += piece;
    if (piece.length < part) break;
    at += part;
  }
  charge_copy(text.length + 1);
  return text;
}

/** A struct that grows with the kernel's versions: `known` bytes, zeros where the caller has fewer; E2BIG where it has more that are not zero. Linux: include/linux/uaccess.h */
export function copy_struct_from_user(mm: mm_struct, address: uaddr_t, length: size_t, known: size_t): Uint8Array | Errno | Block {
  const raw = copy_from_user(mm, address, length);
  if (failed(raw)) return raw;
  if (raw.subarray(known).some(byte => byte !== 0)) return E2BIG.because('the struct has fields that this kernel does not know');
  const bytes = new Uint8Array(known);
  bytes.set(raw.subarray(0, known));
  return bytes;
}

/** As copy_from_user, for a debugger or trace: no faults are taken, null where memory is not there. */
export function peek_user(mm: mm_struct, address: uaddr_t, length: size_t): Uint8Array | null {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const entry = pte_offset(mm.pgd, address + done, null);
    if (entry < 0 || (pte_lo(entry) & _PAGE_PRESENT) === 0) return done > 0 ? bytes.subarray(0, done) : null;
    const within = offset_in_page(address + done);
    const part = Math.min(length - done, PAGE_SIZE - within);
    bytes.set(ports().phys.readBytes(pte_page(entry) + within, part), done);
    done += part;
  }
  return bytes;
}

