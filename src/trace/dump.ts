// The data that a call moved, as -e read= and -e write= show it below the call's line: sixteen bytes a line in hexadecimal and as text. strace: src/util.c (dumpstr, dumpiov_upto), syscall.c (dumpio).
import { readBig, readNumber } from '../abi/struct';
import type { Printer } from './format/printer';
import { readExactly } from './memory';
import type { StraceOptions } from './options';

const READS = new Set(['read', 'pread64', 'recv', 'recvfrom', 'mq_timedreceive']), WRITES = new Set(['write', 'pwrite64', 'send', 'sendto', 'mq_timedsend']);
const READS_VECTORS = new Set(['readv', 'preadv', 'preadv2']), WRITES_VECTORS = new Set(['writev', 'pwritev', 'pwritev2', 'vmsplice']);

/** Lines of the data of a call that has returned; '' when nobody asked for it. */
export function dumpText(p: Printer, ret: number, dumps: NonNullable<StraceOptions['dumps']>): string {
  const { name } = p.call, fd = p.int(0);
  if (fd < 0 || ret < 0) return '';
  if (dumps.read.has(fd)) {
    if (READS.has(name)) return bytesText(p, p.num(1), ret);
    if (READS_VECTORS.has(name)) return vectorText(p, p.num(1), p.num(2), ret);
    if (name === 'recvmsg') return messageText(p, p.num(1), ret);
    if (name === 'recvmmsg') return messagesText(p, ret);
  }
  if (dumps.write.has(fd)) {
    if (WRITES.has(name)) return bytesText(p, p.num(1), p.num(2));
    if (WRITES_VECTORS.has(name)) return vectorText(p, p.num(1), p.num(2), Infinity);
    if (name === 'sendmsg') return messageText(p, p.num(1), Infinity);
    if (name === 'sendmmsg') return messagesText(p, ret);
  }
  return '';
}

const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0');
const isText = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;
const LINE = 16, COLUMN = 49;

function bytesText(p: Printer, at: number, length: number): string {
  const bytes = length <= 0 || length >= 2 ** 32 ? null : readExactly(p.memory, at, length);
  if (!bytes) return '';
  // Offsets have five digits, and more where there is more.
  const digits = Math.max(5, (length - 1).toString(16).length);
  let text = '';
  for (let from = 0; from < bytes.length; from += LINE) {
    const line = Array.from(bytes.subarray(from, from + LINE));
    const hex = [line.slice(0, 8), line.slice(8)].map(half => half.map(byte => `${hexByte(byte)} `).join('')).join(' ');
    text += ` | ${from.toString(16).padStart(digits, '0')}  ${hex.padEnd(COLUMN)} ${line.map(byte => isText(byte) ? String.fromCharCode(byte) : '.').join('').padEnd(LINE)} |\n`;
  }
  return text;
}

function vectorText(p: Printer, at: number, count: number, moved: number): string {
  let left = moved, text = '';
  for (let i = 0; i < count && left > 0; i++) {
    const entry = readExactly(p.memory, at + i * 16, 16);
    if (!entry) break;
    const length = Math.min(readNumber(entry, 8, 'u64'), left);
    left -= length;
    if (length > 0) text += ` * ${length} bytes in buffer ${i}\n${bytesText(p, p.pointer(readBig(entry, 0, 'u64')), length)}`;
  }
  return text;
}

/** The data of a struct msghdr. */
function messageText(p: Printer, at: number, moved: number): string {
  const header = readExactly(p.memory, at, 56);
  return header ? vectorText(p, readNumber(header, 16, 'u64'), readNumber(header, 24, 'u64'), moved) : '';
}

/** That of as many struct mmsghdr. */
function messagesText(p: Printer, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) {
    const at = p.num(1) + i * 64, length = readExactly(p.memory, at + 56, 4);
    if (!length) break;
    text += ` = ${readNumber(length, 0, 'u32')} bytes in buffer ${i}\n${messageText(p, at, readNumber(length, 0, 'u32'))}`;
  }
  return text;
}
