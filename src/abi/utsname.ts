// What uname, sysinfo, getrandom and rseq exchange. Linux: include/uapi/linux/utsname.h, sysinfo.h, random.h, rseq.h.
import { struct } from './struct';
import { table } from './table';

export const GRND = table('GRND_???', () => ({
  GRND_NONBLOCK: 1, GRND_RANDOM: 2, GRND_INSECURE: 4,
}));
export const {
  GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE,
} = GRND.values;

export const RSEQ_FLAG = table('RSEQ_FLAG_???', () => ({
  RSEQ_FLAG_UNREGISTER: 1,
}));
export const {
  RSEQ_FLAG_UNREGISTER,
} = RSEQ_FLAG.values;

export const new_utsname = struct('struct new_utsname', {
  sysname: ['u8', 65], nodename: ['u8', 65], release: ['u8', 65], version: ['u8', 65], machine: ['u8', 65], domainname: ['u8', 65],
});
export const sysinfo = struct('struct sysinfo', {
  uptime: 's64', loads: ['u64', 3], totalram: 'u64', freeram: 'u64', sharedram: 'u64', bufferram: 'u64', totalswap: 'u64', freeswap: 'u64',
  procs: 'u16', pad: 'u16', totalhigh: 'u64', freehigh: 'u64', mem_unit: 'u32',
});
export const rseq = struct('struct rseq', { cpu_id_start: 'u32', cpu_id: 'u32', rseq_cs: 'u64', flags: 'u32', node_id: 'u32', mm_cid: 'u32' });
