// struct perf_event_attr. strace: src/perf.c
import * as abi from '../../abi/bpf';
import { readBig, readNumber } from '../../abi/struct';
import { table, type NameTable } from '../../abi/table';
import { CLOCK } from '../../abi/time';
import { choice, flags, flags64, unnamed } from './flags';
import type { Printer } from './printer';
import { hexNumber } from './text';

const VER0 = 64, HARDWARE = 0, SOFTWARE = 1, TRACEPOINT = 2, HW_CACHE = 3, BREAKPOINT = 5, BRANCH_STACK = 0x800, STACK_USER = 0x2000;
/** The bits of the word at 40 in turn; two bits of precise_ip stand among them. */
const BITS = ['disabled', 'inherit', 'pinned', 'exclusive', 'exclude_user', 'exclude_kernel', 'exclude_hv', 'exclude_idle', 'mmap', 'comm', 'freq', 'inherit_stat', 'enable_on_exec', 'task', 'watermark', 'precise_ip', '',
  'mmap_data', 'sample_id_all', 'exclude_host', 'exclude_guest', 'exclude_callchain_kernel', 'exclude_callchain_user', 'mmap2', 'comm_exec', 'use_clockid', 'context_switch', 'write_backward', 'namespaces', 'ksymbol', 'bpf_event',
  'aux_output', 'cgroup', 'text_poke', 'build_id', 'inherit_thread', 'remove_on_exec', 'sigtrap'];
const SKIDS = ['arbitrary skid', 'constant skid', 'requested to have 0 skid', 'must have 0 skid'];
const FREQ = 10, WATERMARK = 14, USE_CLOCKID = 25;

const BREAKPOINTS = table('HW_BREAKPOINT_???', () => ({ HW_BREAKPOINT_EMPTY: 0, HW_BREAKPOINT_R: 1, HW_BREAKPOINT_W: 2, HW_BREAKPOINT_RW: 3, HW_BREAKPOINT_X: 4, HW_BREAKPOINT_INVALID: 7 }));
const BRANCHES = table('PERF_SAMPLE_BRANCH_???', () => ({
  PERF_SAMPLE_BRANCH_USER: 1, PERF_SAMPLE_BRANCH_KERNEL: 2, PERF_SAMPLE_BRANCH_HV: 4, PERF_SAMPLE_BRANCH_ANY: 8, PERF_SAMPLE_BRANCH_ANY_CALL: 0x10, PERF_SAMPLE_BRANCH_ANY_RETURN: 0x20, PERF_SAMPLE_BRANCH_IND_CALL: 0x40,
  PERF_SAMPLE_BRANCH_ABORT_TX: 0x80, PERF_SAMPLE_BRANCH_IN_TX: 0x100, PERF_SAMPLE_BRANCH_NO_TX: 0x200, PERF_SAMPLE_BRANCH_COND: 0x400, PERF_SAMPLE_BRANCH_CALL_STACK: 0x800, PERF_SAMPLE_BRANCH_IND_JUMP: 0x1000,
  PERF_SAMPLE_BRANCH_CALL: 0x2000, PERF_SAMPLE_BRANCH_NO_FLAGS: 0x4000, PERF_SAMPLE_BRANCH_NO_CYCLES: 0x8000, PERF_SAMPLE_BRANCH_TYPE_SAVE: 0x10000, PERF_SAMPLE_BRANCH_HW_INDEX: 0x20000,
}));

const named64 = (names: NameTable, value: bigint): string => value < 2n ** 31n ? choice(names, Number(value)) : unnamed(value, names);

function configText(type: number, config: bigint): string {
  const part = (names: NameTable, shift: bigint): string => choice(names, Number(config >> shift & 0xffn));
  switch (type) {
    case HARDWARE: return named64(abi.PERF_HW, config);
    case SOFTWARE: return named64(abi.PERF_SW, config);
    case TRACEPOINT: return String(config);
    case HW_CACHE: return `${config >> 24n ? `${hexNumber(config >> 24n)}<<24|` : ''}${part(abi.PERF_CACHE_RESULT, 16n)}<<16|${part(abi.PERF_CACHE_OP, 8n)}<<8|${part(abi.PERF_CACHE, 0n)}`;
    default: return hexNumber(config);
  }
}

/** The attributes at argument `i`, or their address. */
export function perfEventAttr(p: Printer, i: number): string {
  const head = p.read(p.num(i), 8), told = head ? readNumber(head, 4, 'u32') : 0, size = told === 0 ? VER0 : Math.min(told, 128);
  const given = head && size >= VER0 ? p.read(p.num(i), size) : null;
  if (!given) return p.address(i);
  const b = new Uint8Array(128);
  b.set(given);
  const u32 = (at: number): number => readNumber(b, at, 'u32'), u64 = (at: number): bigint => readBig(b, at, 'u64'), word = u64(40), bit = (k: number): boolean => (word >> BigInt(k) & 1n) !== 0n;
  const type = u32(0), sample = u64(24), { verbose } = p.options;
  const parts = [
    `type=${choice(abi.PERF_TYPES, type | 0)}`, `size=${choice(abi.PERF_ATTR_SIZES, told | 0)}`, `config=${configText(type, u64(8))}`, `sample_${bit(FREQ) ? 'freq' : 'period'}=${u64(16)}`,
    `sample_type=${flags64(abi.PERF_SAMPLE, u32(24), u32(28))}`, `read_format=${flags64(abi.PERF_FORMAT, u32(32), u32(36))}`,
  ];
  for (const [k, name] of BITS.entries()) {
    if (name === 'precise_ip') parts.push(`precise_ip=${Number(word >> 15n & 3n)} /* ${SKIDS[Number(word >> 15n & 3n)]} */`);
    else if (name !== '' && (verbose || bit(k))) parts.push(`${name}=${bit(k) ? 1 : 0}`);
  }
  if (word >> 38n) parts.push(`__reserved_1=${hexNumber(word >> 38n)} /* Bits 63..38 */`);
  if (!verbose) return `{${parts.join(', ')}, ...}`;
  parts.push(bit(WATERMARK) ? `wakeup_watermark=${u32(48)}` : `wakeup_events=${u32(48)}`);
  if (type === BREAKPOINT) parts.push(`bp_type=${choice(BREAKPOINTS, u32(52) | 0)}`);
  parts.push(`${type === BREAKPOINT ? 'bp_addr' : 'config1'}=${hexNumber(u64(56))}`);
  if (size > 64) parts.push(type === BREAKPOINT ? `bp_len=${u64(64)}` : `config2=${hexNumber(u64(64))}`);
  if (size > 72 && sample & BigInt(BRANCH_STACK)) parts.push(`branch_sample_type=${flags(BRANCHES, u32(72))}`);
  if (size > 80) {
    parts.push(`sample_regs_user=${hexNumber(u64(80))}`);
    if (sample & BigInt(STACK_USER)) parts.push(`sample_stack_user=${hexNumber(u32(88))}`);
    if (bit(USE_CLOCKID)) parts.push(`clockid=${choice(CLOCK, readNumber(b, 92, 's32'))}`);
  }
  if (size > 96) parts.push(`sample_regs_intr=${hexNumber(u64(96))}`);
  if (size > 104) parts.push(`aux_watermark=${u32(104)}`, `sample_max_stack=${readNumber(b, 108, 'u16')}`);
  if (size > 112) parts.push(`aux_sample_size=${u32(112)}`);
  if (size > 120) parts.push(`sig_data=${hexNumber(u64(120))}`);
  return `{${parts.join(', ')}${told > 128 ? ', ...' : ''}}`;
}
