// C's and Linux's names of plain numbers. To the compiler each is `number`; a debugger shows a variable or a result that is declared with one as this type.
// Linux: include/linux/types.h, include/uapi/asm-generic/int-ll64.h. What is said by a C word of several is named in one: `uaddr_t` is `void __user *`.

export type int = number;
export type uint = number;
export type long = number;
export type ulong = number;
export type u8 = number;
export type u16 = number;
export type u32 = number;
export type u64 = number;
export type s8 = number;
export type s16 = number;
export type s32 = number;
export type s64 = number;
export type size_t = number;
export type ssize_t = number;
export type loff_t = number;
export type pgoff_t = number;
export type umode_t = number;
export type dev_t = number;
export type ino_t = number;
export type pid_t = number;
export type kuid_t = number;
export type kgid_t = number;
export type ktime_t = number;
export type clockid_t = number;
/** The events that a poll finds. */
export type poll_t = number;
export type phys_addr_t = number;
/** An entry of a page table stands at this physical address. */
export type pte_ptr = number;
/** An address of user memory: `void __user *`. */
export type uaddr_t = number;
/** An address as the memory manager counts with it: `unsigned long`. */
export type addr_t = number;
/** Flags in an `unsigned long`, an `unsigned int`, an `int`. */
export type flags_t = number;
export type uflags_t = number;
export type iflags_t = number;

export interface CType { readonly c: string; readonly show: 'dec' | 'hex' | 'oct' }
const dec = (c: string): CType => ({ c, show: 'dec' }), hex = (c: string): CType => ({ c, show: 'hex' });

/** How each is written in C and shown. */
export const C_TYPES: Readonly<Record<string, CType>> = {
  int: dec('int'), uint: dec('unsigned int'), long: dec('long'), ulong: dec('unsigned long'),
  u8: hex('u8'), u16: dec('u16'), u32: dec('u32'), u64: dec('u64'), s8: dec('s8'), s16: dec('s16'), s32: dec('s32'), s64: dec('s64'),
  size_t: dec('size_t'), ssize_t: dec('ssize_t'), loff_t: dec('loff_t'), pgoff_t: dec('pgoff_t'), umode_t: { c: 'umode_t', show: 'oct' }, dev_t: hex('dev_t'), ino_t: dec('ino_t'),
  pid_t: dec('pid_t'), kuid_t: dec('kuid_t'), kgid_t: dec('kgid_t'), ktime_t: dec('ktime_t'), clockid_t: dec('clockid_t'), poll_t: hex('__poll_t'),
  phys_addr_t: hex('phys_addr_t'), pte_ptr: hex('pte_t *'), uaddr_t: hex('void __user *'), addr_t: hex('unsigned long'),
  flags_t: hex('unsigned long'), uflags_t: hex('unsigned int'), iflags_t: hex('int'),
};
