// What is waited for: pollfd, fd_set, epoll_event. strace: src/poll.c, desc.c, epoll.c.
import { epoll_event, EPOLL_EVENTS, POLL_EVENTS, pollfd } from '../../abi/poll';
import { flags } from './flags';
import { readExactly } from '../memory';
import type { Printer } from './printer';
import type { Format } from './scalars';

export function pollfdsText(p: Printer, i: number, at: number, count: number): string {
  return p.array(i, at, count, pollfd.size, (b) => {
    const fd = p.field(pollfd, b, 'fd');
    const text = `{fd=${p.fd(fd)}`;
    return fd < 0 ? `${text}}` : `${text}, events=${flags(POLL_EVENTS, p.field(pollfd, b, 'events') & 0xffff)}}`;
  });
}

/** Those with results: what stands after the number of ready descriptors. */
export function readyText(p: Printer, at: number, count: number): string {
  const parts: string[] = [];
  for (let k = 0; k < count && parts.length < p.ret; k++) {
    const b = p.read(at + k * pollfd.size, pollfd.size);
    if (!b) break;
    const revents = p.field(pollfd, b, 'revents') & 0xffff;
    if (p.field(pollfd, b, 'fd') < 0 || revents === 0) continue;
    if (!p.options.verbose && parts.length >= p.options.stringLimit) { parts.push('...'); break; }
    parts.push(`{fd=${p.field(pollfd, b, 'fd')}, revents=${flags(POLL_EVENTS, revents)}}`);
  }
  return `[${parts.join(', ')}]`;
}

/** The descriptors of an fd_set, or null when it cannot be read. */
export function fdsetMembers(p: Printer, at: number, count: number): number[] | null {
  const limit = Math.max(0, Math.min(count, 1024 * 1024));
  const word = p.isCompat ? 4 : 8, b = readExactly(p.memory, at, Math.ceil(limit / (word * 8)) * word);
  if (!b) return null;
  const members: number[] = [];
  for (let fd = 0; fd < limit; fd++) if ((b[fd >> 3] ?? 0) & (1 << (fd & 7))) members.push(fd);
  return members;
}

export function fdsetText(p: Printer, at: number, count: number): string {
  if (at === 0) return 'NULL';
  const members = p.options.dereferences ? fdsetMembers(p, at, count) : null;
  if (!members) return p.hexAddress(at);
  return `[${members.map(fd => p.fd(fd)).join(' ')}]`;
}

export function epollEventText(p: Printer, b: Uint8Array): string {
  const data = p.big(epoll_event, b, 'data');
  return `{events=${flags(EPOLL_EVENTS, p.field(epoll_event, b, 'events'))}, data={u32=${BigInt.asUintN(32, data)}, u64=${data}}}`;
}

export const polls: Record<string, Format> = {
  pollfds: (p, i, type) => pollfdsText(p, i, p.num(i), p.named(type.length)),
  fdset: (p, i, type) => fdsetText(p, p.num(i), p.named(type.length) | 0),
  epollEvent: (p, i) => p.pointed(i, epoll_event, b => epollEventText(p, b)),
  epoll_event: (p, i) => p.pointed(i, epoll_event, b => epollEventText(p, b)),
  epollEvents: (p, i) => !p.failed && p.ret === 0 && p.num(i) !== 0 ? '[]' : p.failed ? p.address(i) : p.array(i, p.num(i), p.ret, epoll_event.size, b => epollEventText(p, b)),
};
