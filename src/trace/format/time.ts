// Times and timers. strace: src/print_timespec.h, print_timeval.h, itimerspec, time.c, times.c, utimes.c.
import { compat_sigevent, convertStruct, old_timex32, timex_from_old, widenWords } from '../../abi/compat';
import { itimerspec, itimerval, timespec, timeval, timex, timezone, tms, utimbuf } from '../../abi/time';
import { table } from '../../abi/table';
import { readNumber, struct, type StructLayout } from '../../abi/struct';
import { SIGEV, sigevent } from '../../abi/signal';
import { choice, flags, named, signalText } from './flags';
import type { Printer } from './printer';
import type { Format } from './scalars';
import { clockTicks } from './text';

const UTIME_NOW = 0x3fffffff;
const UTIME_OMIT = 0x3ffffffe;

export function timespecText(p: Printer, bytes: Uint8Array, base = 0): string {
  return `{tv_sec=${p.big(timespec, bytes, 'tv_sec', base)}, tv_nsec=${BigInt.asUintN(64, p.big(timespec, bytes, 'tv_nsec', base))}}`;
}

export function timevalText(p: Printer, bytes: Uint8Array, base = 0): string {
  return `{tv_sec=${p.big(timeval, bytes, 'tv_sec', base)}, tv_usec=${BigInt.asUintN(64, p.big(timeval, bytes, 'tv_usec', base))}}`;
}

/** 2023-11-14T22:13:20.000000001+0000: the comment beside a file time. */
export function isoTime(seconds: bigint, nanoseconds: number, zoneMinutes: number): string | null {
  // The year must be an int.
  if (seconds > 67_768_036_191_676_799n || seconds < -67_768_040_609_740_800n) return null;
  if (seconds === 0n && nanoseconds === 0 || nanoseconds < 0 || nanoseconds >= 1e9) return null;
  const local = Number(seconds) + zoneMinutes * 60;
  const day = Math.floor(local / 86400);
  const rest = local - day * 86400;
  const pad = (n: number, width = 2): string => String(n).padStart(width, '0');
  // Days to a civil date, Howard Hinnant's algorithm; no Date, so that every host prints alike.
  const z = day + 719468;
  const era = Math.floor(z / 146097);
  const doe = z - era * 146097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  const date = `${pad(year, 4)}-${pad(month)}-${pad(doy - Math.floor((153 * mp + 2) / 5) + 1)}`;
  const time = `${pad(Math.floor(rest / 3600))}:${pad(Math.floor(rest / 60) % 60)}:${pad(rest % 60)}`;
  const zone = `${zoneMinutes < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(zoneMinutes) / 60))}${pad(Math.abs(zoneMinutes) % 60)}`;
  return `${date}T${time}${nanoseconds > 0 ? `.${pad(nanoseconds, 9)}` : ''}${zone}`;
}

const plain = (layout: StructLayout): Format => (p, i) => p.pointed(i, layout, b => p.struct(layout, b));

/** A time of utimensat: with its comment, or one of the two special values. */
function fileTime(p: Printer, bytes: Uint8Array): string {
  const nsec = p.field(timespec, bytes, 'tv_nsec');
  if (nsec === UTIME_NOW) return named(timespecText(p, bytes), 'UTIME_NOW');
  if (nsec === UTIME_OMIT) return named(timespecText(p, bytes), 'UTIME_OMIT');
  const sec = p.big(timespec, bytes, 'tv_sec');
  const comment = isoTime(sec, nsec, zone(p));
  return `${timespecText(p, bytes)}${comment === null ? '' : ` /* ${comment} */`}`;
}

export const zone = (p: Printer): number => 'timeZoneMinutes' in p.options ? Number(p.options.timeZoneMinutes) : 0;

/** Pairs of seconds and a rest of 32 bits each, of calls by int 0x80, as those of 64. The rest has no sign. */
function wideTimes(bytes: Uint8Array): Uint8Array {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), wide = new Uint8Array(bytes.length * 2), to = new DataView(wide.buffer);
  for (let at = 0; at < bytes.length; at += 8) {
    to.setBigInt64(at * 2, BigInt(from.getInt32(at, true)), true);
    to.setBigUint64(at * 2 + 8, BigInt(from.getUint32(at + 4, true)), true);
  }
  return wide;
}

/** A structure that i386 has its own layout of. */
const pointedAs = (p: Printer, i: number, compat: StructLayout, wide: StructLayout, show: (bytes: Uint8Array) => string): string =>
  p.isCompat ? p.pointed(i, compat, b => show(convertStruct(compat, wide, b))) : p.pointed(i, wide, show);

const pointed32 = (p: Printer, i: number, size: number, show: (bytes: Uint8Array) => string): string => {
  const bytes = p.fetch(i, size);
  return bytes ? show(wideTimes(bytes)) : p.address(i);
};

function tmsText(p: Printer, i: number, size: number): string {
  const given = p.fetch(i, size);
  if (!given) return p.address(i);
  const b = size === tms.size ? given : widenWords(given);
  return `{${Object.keys(tms.fields).map(name => `${name}=${clockTicks(p.big(tms, b, name))}`).join(', ')}}`;
}

const STA = table('STA_???', () => ({
  STA_PLL: 1, STA_PPSFREQ: 2, STA_PPSTIME: 4, STA_FLL: 8, STA_INS: 0x10, STA_DEL: 0x20, STA_UNSYNC: 0x40, STA_FREQHOLD: 0x80, STA_PPSSIGNAL: 0x100, STA_PPSJITTER: 0x200, STA_PPSWANDER: 0x400, STA_PPSERROR: 0x800, STA_CLOCKERR: 0x1000, STA_NANO: 0x2000, STA_MODE: 0x4000, STA_CLK: 0x8000,
}));
const ADJ = table('ADJ_???', () => ({
  ADJ_OFFSET_SS_READ: 0xa001, ADJ_OFFSET_SINGLESHOT: 0x8001, ADJ_OFFSET: 1, ADJ_FREQUENCY: 2, ADJ_MAXERROR: 4, ADJ_ESTERROR: 8, ADJ_STATUS: 0x10, ADJ_TIMECONST: 0x20, ADJ_TAI: 0x80, ADJ_SETOFFSET: 0x100, ADJ_MICRO: 0x1000, ADJ_NANO: 0x2000, ADJ_TICK: 0x4000,
}));

/** struct timex; its times and rates are longs. */
function timexText(p: Printer, b: Uint8Array): string {
  const number = (name: string): string => String(p.big(timex, b, name));
  const of = (names: string): string => names.split(' ').map(name => `${name}=${number(name)}`).join(', ');
  return `{modes=${flags(ADJ, p.field(timex, b, 'modes'))}, ${of('offset freq maxerror esterror')}, status=${flags(STA, p.field(timex, b, 'status') >>> 0)}, ${of('constant precision tolerance')}, time=${timevalText(p, b, timex.fields.time.offset)}, `
    + `${of('tick ppsfreq jitter shift stabil jitcnt calcnt errcnt stbcnt tai')}}`;
}

const itimerspecText = (p: Printer, b: Uint8Array): string => `{it_interval=${timespecText(p, b)}, it_value=${timespecText(p, b, 16)}}`;
const itimervalText = (p: Printer, b: Uint8Array): string => `{it_interval=${timevalText(p, b)}, it_value=${timevalText(p, b, 16)}}`;

const timespecPair = struct('struct timespec [2]', { first: timespec, second: timespec });
const utimbuf32 = struct('struct old_utimbuf32', { actime: 's32', modtime: 's32' });

const fileTimes = (p: Printer, b: Uint8Array): string => p.items([fileTime(p, b.subarray(0, 16)), fileTime(p, b.subarray(16))]);

function fileTimevals(p: Printer, b: Uint8Array): string {
  const one = (base: number): string => {
    const comment = isoTime(p.big(timeval, b, 'tv_sec', base), p.field(timeval, b, 'tv_usec', base) * 1000, zone(p));
    return `${timevalText(p, b, base)}${comment === null ? '' : ` /* ${comment.replace(/(\.\d{6})000/, '$1')} */`}`;
  };
  return p.items([one(0), one(16)]);
}

function utimbufText(p: Printer, b: Uint8Array): string {
  const one = (name: string): string => {
    const comment = isoTime(p.big(utimbuf, b, name), 0, zone(p));
    return `${name}=${p.big(utimbuf, b, name)}${comment === null ? '' : ` /* ${comment} */`}`;
  };
  return `{${one('actime')}, ${one('modtime')}}`;
}

/** A time in seconds with its comment, in brackets. */
export function secondsText(p: Printer, seconds: bigint): string {
  const comment = isoTime(seconds, 0, zone(p));
  return `[${seconds}${comment === null ? '' : ` /* ${comment} */`}]`;
}

export const times: Record<string, Format> = {
  timespec: (p, i) => p.pointed(i, timespec, b => timespecText(p, b)),
  timeval: (p, i) => p.pointed(i, timeval, b => timevalText(p, b)),
  timespec32: (p, i) => pointed32(p, i, 8, b => timespecText(p, b)),
  timeval32: (p, i) => pointed32(p, i, 8, b => timevalText(p, b)),
  itimerspec: (p, i) => p.pointed(i, itimerspec, b => itimerspecText(p, b)),
  itimerspec32: (p, i) => pointed32(p, i, 16, b => itimerspecText(p, b)),
  itimerval: (p, i) => p.pointed(i, itimerval, b => itimervalText(p, b)),
  itimerval32: (p, i) => pointed32(p, i, 16, b => itimervalText(p, b)),
  timex: (p, i) => p.pointed(i, timex, b => timexText(p, b)),
  timex32: (p, i) => p.pointed(i, old_timex32, b => timexText(p, timex_from_old(b))),
  time32: (p, i) => {
    const b = p.fetch(i, 4);
    return b ? secondsText(p, BigInt(readNumber(b, 0, 's32'))) : p.address(i);
  },
  timezone: plain(timezone),
  tms: (p, i) => p.isCompat ? tmsText(p, i, 16) : tmsText(p, i, tms.size),
  utimbuf: (p, i) => p.pointed(i, utimbuf, b => utimbufText(p, b)),
  utimbuf32: (p, i) => p.pointed(i, utimbuf32, b => utimbufText(p, widenWords(b))),
  timespecs: (p, i) => p.pointed(i, timespecPair, b => fileTimes(p, b)),
  timespecs32: (p, i) => pointed32(p, i, 16, b => fileTimes(p, b)),
  timevals: (p, i) => p.pointed(i, timespecPair, b => fileTimevals(p, b)),
  timevals32: (p, i) => pointed32(p, i, 16, b => fileTimevals(p, b)),
  sigevent: (p, i) => pointedAs(p, i, compat_sigevent, sigevent, (b) => {
    const notify = p.field(sigevent, b, 'sigev_notify');
    const value = p.big(sigevent, b, 'sigev_value');
    const parts: string[] = [];
    if (value !== 0n) parts.push(`sigev_value={sival_int=${BigInt.asIntN(32, value)}, sival_ptr=0x${value.toString(16)}}`);
    const signo = p.field(sigevent, b, 'sigev_signo');
    parts.push(`sigev_signo=${notify === 0 || notify === 4 ? signalText(signo) : signo >>> 0}`, `sigev_notify=${choice(SIGEV, notify)}`);
    if (notify === 4) parts.push(`sigev_notify_thread_id=${p.field(sigevent, b, 'sigev_notify_thread_id')}`);
    return `{${parts.join(', ')}}`;
  }),
};
