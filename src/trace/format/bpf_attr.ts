// union bpf_attr by command: the fields that each command has, and how many of them there were when it was young. strace: src/bpf.c, bpf_attr.h. Not here: instructions (bpf.ts), which are told with -v there.
import * as abi from '../../abi/bpf';
import { readBig, readNumber } from '../../abi/struct';
import type { NameTable } from '../../abi/table';
import { choice, flags, flags64, named, unnamed } from './flags';
import type { Printer } from './printer';
import { hexNumber } from './text';

type Show = (p: Printer, b: Uint8Array, at: number) => string;
/** A field: its name, where it is, its text, and how many bytes there must be for it to be told; 0: it always is. */
type Field = readonly [name: string, at: number, show: Show, least?: number, when?: (b: Uint8Array) => boolean];
interface Command { readonly fields: readonly Field[]; readonly end: number; /** The name of the part of the union, in braces of its own. */ readonly part?: string }

const lo = (b: Uint8Array, at: number): number => readNumber(b, at, 'u32');
const u: Show = (_p, b, at) => String(lo(b, at));
const s: Show = (_p, b, at) => String(readNumber(b, at, 's32'));
const x: Show = (_p, b, at) => hexNumber(lo(b, at));
const x64: Show = (_p, b, at) => hexNumber(readBig(b, at, 'u64'));
const fd: Show = (p, b, at) => p.fd(readNumber(b, at, 's32'));
const ptr: Show = (p, b, at) => p.hexAddress(p.pointer(readBig(b, at, 'u64')));
const path: Show = (p, b, at) => p.path(p.pointer(readBig(b, at, 'u64')));
const text: Show = (p, b, at) => p.string(p.pointer(readBig(b, at, 'u64')));
const one = (names: NameTable): Show => (_p, b, at) => choice(names, lo(b, at));
const some = (names: NameTable): Show => (_p, b, at) => flags(names, lo(b, at));
const elements: Show = (_p, b, at) => flags64(abi.BPF_LOOKUP_FLAGS, lo(b, at), lo(b, at + 4));
const updates: Show = (_p, b, at) => lo(b, at + 4) === 0 ? choice(abi.BPF_UPDATE_FLAGS, lo(b, at) | 0) : unnamed(readBig(b, at, 'u64'), abi.BPF_UPDATE_FLAGS);
const version: Show = (_p, b, at) => named(hexNumber(lo(b, at)), `KERNEL_VERSION(${lo(b, at) >>> 16}, ${lo(b, at) >>> 8 & 255}, ${lo(b, at) & 255})`);
/** BPF_OBJ_NAME_LEN */
const name: Show = (p, b, at) => {
  const raw = b.subarray(at, at + 16), end = raw.indexOf(0);
  return end < 0 ? `${p.quoted(raw.subarray(0, 15))}...` : p.quoted(raw.subarray(0, end));
};
const sized: Show = (p, b, at) => p.bytes(p.pointer(readBig(b, at, 'u64')), lo(b, 16));

const BPF_F_NUMA_NODE = 4, BPF_F_REPLACE = 4;
/** By number. */
function makeCommands(): Readonly<Record<number, Command>> {
  const element = (tail: readonly Field[], end: number): Command => ({ fields: [['map_fd', 0, fd], ['key', 8, ptr], ...tail], end });
  const lookup = element([['value', 16, ptr], ['flags', 24, elements, 25]], 32);
  const ids = (first: string, second: string): Command => ({ fields: [[first, 0, u], [second, 4, u], ['open_flags', 8, some(abi.BPF_FILE_FLAGS), 9]], end: 12 });
  const object: Command = { fields: [['pathname', 0, path], ['bpf_fd', 8, fd], ['file_flags', 12, some(abi.BPF_FILE_FLAGS), 13]], end: 16 };
  const batch = (...head: readonly Field[]): Command => ({ part: 'batch', fields: [...head, ['count', 32, u], ['map_fd', 36, fd], ['elem_flags', 40, elements], ['flags', 48, x64]], end: 56 });
  const keys: Field = ['keys', 16, ptr], values: Field = ['values', 24, ptr];
  const lookupBatch = batch(['in_batch', 0, ptr], ['out_batch', 8, ptr], keys, values);

  return {
    0: {
      fields: [
        ['map_type', 0, one(abi.BPF_MAP_TYPES)], ['key_size', 4, u], ['value_size', 8, u], ['max_entries', 12, u], ['map_flags', 16, some(abi.BPF_MAP_FLAGS), 17], ['inner_map_fd', 20, fd, 21],
        ['numa_node', 24, u, 25, b => (lo(b, 16) & BPF_F_NUMA_NODE) !== 0], ['map_name', 28, name, 29], ['map_ifindex', 44, u, 45], ['btf_fd', 48, fd, 49], ['btf_key_type_id', 52, u, 53], ['btf_value_type_id', 56, u, 57],
        ['btf_vmlinux_value_type_id', 60, u, 61], ['map_extra', 64, x64, 65],
      ], end: 72,
    },
    1: lookup, 2: element([['value', 16, ptr], ['flags', 24, updates]], 32), 3: element([], 16), 4: element([['next_key', 16, ptr]], 24),
    5: {
      fields: [
        ['prog_type', 0, one(abi.BPF_PROG_TYPES)], ['insn_cnt', 4, u], ['insns', 8, ptr], ['license', 16, text], ['log_level', 24, u, 25], ['log_size', 28, u, 25], ['log_buf', 32, ptr, 25], ['kern_version', 40, version, 41],
        ['prog_flags', 44, some(abi.BPF_PROG_FLAGS), 45], ['prog_name', 48, name, 49], ['prog_ifindex', 64, u, 65], ['expected_attach_type', 68, one(abi.BPF_ATTACH_TYPES), 69], ['prog_btf_fd', 72, fd, 73],
        ['func_info_rec_size', 76, u, 77], ['func_info', 80, ptr, 81], ['func_info_cnt', 88, u, 89], ['line_info_rec_size', 92, u, 93], ['line_info', 96, ptr, 97], ['line_info_cnt', 104, u, 105],
        ['attach_btf_id', 108, u, 109], ['attach_prog_fd', 112, fd, 113], ['fd_array', 120, ptr, 121],
      ], end: 128,
    },
    6: object, 7: object,
    8: { fields: [['target_fd', 0, fd], ['attach_bpf_fd', 4, fd], ['attach_type', 8, one(abi.BPF_ATTACH_TYPES)], ['attach_flags', 12, some(abi.BPF_ATTACH_FLAGS)], ['replace_bpf_fd', 16, fd, 17]], end: 20 },
    9: { fields: [['target_fd', 0, fd], ['attach_type', 8, one(abi.BPF_ATTACH_TYPES)]], end: 12 },
    10: {
      part: 'test', fields: [
        ['prog_fd', 0, fd], ['retval', 4, u], ['data_size_in', 8, u], ['data_size_out', 12, u], ['data_in', 16, ptr], ['data_out', 24, ptr], ['repeat', 32, u], ['duration', 36, u],
        ['ctx_size_in', 40, u, 41], ['ctx_size_out', 44, u, 41], ['ctx_in', 48, ptr, 41], ['ctx_out', 56, ptr, 41], ['flags', 64, x, 65], ['cpu', 68, u, 65], ['batch_size', 72, u, 65],
      ], end: 76,
    },
    11: ids('start_id', 'next_id'), 12: ids('start_id', 'next_id'), 13: ids('prog_id', 'next_id'), 14: ids('map_id', 'next_id'),
    15: { part: 'info', fields: [['bpf_fd', 0, fd], ['info_len', 4, u], ['info', 8, ptr]], end: 16 },
    16: { part: 'query', fields: [['target_fd', 0, fd], ['attach_type', 4, one(abi.BPF_ATTACH_TYPES)], ['query_flags', 8, some(abi.BPF_QUERY_FLAGS)], ['attach_flags', 12, some(abi.BPF_ATTACH_FLAGS)], ['prog_ids', 16, ptr], ['prog_cnt', 24, u]], end: 28 },
    17: { part: 'raw_tracepoint', fields: [['name', 0, text], ['prog_fd', 8, fd]], end: 12 },
    18: { fields: [['btf', 0, sized], ['btf_log_buf', 8, ptr], ['btf_size', 16, u], ['btf_log_size', 20, u], ['btf_log_level', 24, u]], end: 28 },
    19: { fields: [['btf_id', 0, u]], end: 4 },
    20: {
      part: 'task_fd_query', fields: [
        ['pid', 0, s], ['fd', 4, fd], ['flags', 8, u], ['buf_len', 12, u], ['buf', 16, text], ['prog_id', 24, u], ['fd_type', 28, one(abi.BPF_FD_TYPES)], ['probe_offset', 32, x64], ['probe_addr', 40, x64],
      ], end: 48,
    },
    21: lookup, 22: { fields: [['map_fd', 0, fd]], end: 4 }, 23: ids('start_id', 'next_id'), 24: lookupBatch, 25: lookupBatch, 26: batch(keys, values), 27: batch(keys),
    28: { part: 'link_create', fields: [['prog_fd', 0, fd], ['target_fd', 4, fd], ['attach_type', 8, one(abi.BPF_ATTACH_TYPES)], ['flags', 12, x]], end: 16 },
    29: { part: 'link_update', fields: [['link_fd', 0, fd], ['new_prog_fd', 4, fd], ['flags', 8, some(abi.BPF_ATTACH_FLAGS)], ['old_prog_fd', 12, fd, 0, b => (lo(b, 8) & BPF_F_REPLACE) !== 0]], end: 16 },
    30: { fields: [['link_id', 0, u]], end: 4 }, 31: ids('start_id', 'next_id'),
  };
}

let commands: Readonly<Record<number, Command>> | undefined;

/** The attributes of bpf(cmd, attr, size), or their address. */
export function bpfAttributes(p: Printer, cmd: number, i: number, size: number): string {
  const command = (commands ??= makeCommands())[cmd], given = command && size > 0 ? p.read(p.num(i), Math.min(size, 4096)) : null;
  if (!command || !given) return p.address(i);
  const b = new Uint8Array(Math.max(128, given.length));
  b.set(given.subarray(0, command.end));
  const shown = command.fields.filter(([, , , least = 0, when]) => size >= least && (when?.(b) ?? true)).map(([field, at, show]) => `${field}=${show(p, b, at)}`).join(', ');
  return `{${command.part === undefined ? shown : `${command.part}={${shown}}`}${extraText(p, given, command.end)}}`;
}

/** Bytes beyond what the command has, where they are not zero. */
function extraText(p: Printer, given: Uint8Array, end: number): string {
  const extra = given.subarray(end);
  if (!extra.some(byte => byte !== 0)) return '';
  return p.options.verbose ? `, extra_data=${p.quoted(extra, extra, 'all')} /* bytes ${end}..${given.length - 1} */` : ', ...';
}
