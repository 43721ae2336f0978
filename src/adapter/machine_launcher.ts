// The launcher of the product: the emulated machine with this computer as its host, and the client's console as the program's terminal.
import { statSync } from 'node:fs';
import path from 'node:path';
import { assert } from '../base/assert';
import { UserError } from '../base/errors';
import { kernelCatalog } from '../debugger/catalog';
import { symbolOpener } from '../debugger/open_symbols';
import { nodeCodeStore } from '../host/node/code_store';
import { nodeHost } from '../host/node/host';
import { inflate } from '../host/node/inflate';
import { readRecording } from '../host/node/recording';
import type { LaunchOptions } from '../machine/assemble';
import { EventHistory } from '../machine/event_history';
import type { ConsoleKind, Host, HostConsole } from '../machine/host';
import { recordedHost } from '../machine/recording';
import { launchMachine } from '../machine/launch';
import { LogRows } from '../machine/log_rows';
import { realCallPrices } from '../machine/real_calls';
import { TimingFeed } from '../trace/timing_feed';
import { parseEpoch, type LaunchConfig } from './launchOptions';
import type { Launched, LaunchListener } from './launcher';

let launches = 0;

/** Of the memory that a trace may take; the rest is for what the panel is told beside the events. */
const SHARES = { events: 0.85, log: 1 / 16 };

/** Throws UserError when the program cannot run. */
export function launchInMachine(config: LaunchConfig, listener: LaunchListener): Launched {
  const console = new ClientConsole((unit, bytes) => listener.output(unit, bytes));
  const { options, host } = config.recording.file === undefined ? programOf(config, console) : recordedProgram(config.recording.file, listener);
  const { sysroot = '/' } = options;
  const isProgramUnchanged = config.recording.file === undefined ? watchFile(path.join(sysroot, utf8(options.program))) : () => true;
  let trace: { feed: TimingFeed; log: LogRows } | undefined;
  const session = launchMachine(options, host, made => {
    made.machine.listen({ notice: sentence => listener.notice(sentence) });
    const feed = new TimingFeed(made.eventLog(config.trace.memoryMB * SHARES.events), made.logSource);
    made.machine.listen(feed);
    trace = { feed, log: new LogRows(made, utf8, config.trace.memoryMB * SHARES.log * 2 ** 20) };
  });
  assert(trace, 'a session that was not attached to');
  const target = session.target(config.recording.memoryMB), { timeline } = target, { feed, log } = trace;
  const history = new EventHistory(timeline, feed);
  log.follow(timeline);
  timeline.onMark = position => { history.mark(position); log.mark(position); };
  timeline.onForget = () => { history.beforeForget(); log.beforeForget(); };
  return {
    target, catalog: kernelCatalog(), openSymbols: symbolOpener(sentence => listener.notice(sentence), inflate),
    programPath: utf8(options.program), cwd: utf8(options.cwd), toHostPath: guest => sysroot === '/' || guest.startsWith('[') ? guest : path.join(sysroot, guest),
    writtenFiles: () => session.writtenFiles(), wait: milliseconds => console.wait(milliseconds), type: text => console.type(text), close: () => console.close(),
    isProgramUnchanged, log, printed: () => session.machine.parts.console.written,
    timing: {
      feed, derived: index => history.feedWith(index), run: ++launches, nowNs: () => session.machine.parts.clock.now(), realCallNs: realCallPrices(session.machine.parts.clock.costs),
    },
  };
}

/** Whether a file is as it is now, by its time and size. */
function watchFile(file: string): () => boolean {
  const facts = (): string => {
    const { mtimeMs = 0, size = 0, ino = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
    return `${mtimeMs} ${size} ${ino}`;
  };
  const before = facts();
  return () => facts() === before;
}

/** The program that the configuration names, with this computer as its host. */
function programOf(config: LaunchConfig, console: HostConsole): { options: LaunchOptions; host: Host } {
  const sysroot = path.resolve(config.sysroot ?? '/');
  const hostProgram = path.resolve(config.cwd ?? '.', config.program);
  const program = guestPath(hostProgram, sysroot);
  const cwd = guestPath(path.resolve(config.cwd ?? path.dirname(hostProgram)), sysroot);
  const epoch = config.epoch === undefined ? undefined : parseEpoch(config.epoch);
  if (typeof epoch === 'string') throw new UserError(epoch);
  return {
    host: { ...nodeHost(console), codeStore: nodeCodeStore(__filename) },
    options: {
      program: latin1(program), argv: [program, ...config.args].map(latin1), env: environment(config.env), cwd: latin1(cwd), sysroot, ...(epoch === undefined ? {} : { epochNs: epoch }),
      costModel: config.costModel, vdso: config.vdso,
    },
  };
}

/** A run of another time, perhaps of another computer. */
function recordedProgram(file: string, listener: LaunchListener): { options: LaunchOptions; host: Host } {
  const recording = readRecording(path.resolve(file));
  return { options: recording.options, host: recordedHost(recording, (unit, bytes) => listener.output(unit, bytes), () => Number(process.hrtime.bigint())) };
}

/** Where a file of this computer is for the guest: below the sysroot, else by its own name. */
function guestPath(host: string, sysroot: string): string {
  if (sysroot === '/') return host;
  const inside = path.relative(sysroot, host);
  return inside.startsWith('..') || path.isAbsolute(inside) ? host : `/${inside.split(path.sep).join('/')}`;
}

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

function environment(changes: Readonly<Record<string, string | null>>): string[] {
  const variables = new Map(Object.entries(process.env));
  for (const [name, value] of Object.entries(changes)) variables.set(name, value ?? undefined);
  return [...variables].flatMap(([name, value]) => value === undefined ? [] : [latin1(`${name}=${value}`)]);
}

/** A terminal of 80 columns whose screen is the client's console; what is typed comes by `type`. */
class ClientConsole implements HostConsole {
  private arrived: Uint8Array[] = [];
  private wake: (() => void) | undefined;
  private isClosed = false;

  constructor(private readonly onWrite: (unit: number, bytes: Uint8Array) => void) {}

  kind(): ConsoleKind { return 'tty'; }
  windowSize(): { rows: number; columns: number } { return { rows: 24, columns: 80 }; }
  write(unit: number, bytes: Uint8Array): void { this.onWrite(unit, bytes); }
  take(unit: number): Uint8Array | 'eof' | null { return unit !== 0 || this.isClosed ? 'eof' : this.arrived.shift() ?? null; }

  type(text: string): void {
    this.arrived.push(Buffer.from(text, 'utf8'));
    this.wake?.();
  }

  close(): void {
    this.isClosed = true;
    this.wake?.();
  }

  wait(milliseconds: number): Promise<boolean> {
    const present = (): boolean => this.arrived.length > 0 || this.isClosed;
    if (present()) return Promise.resolve(true);
    return new Promise(resolve => {
      const finish = (): void => { clearTimeout(timer); this.wake = undefined; resolve(present()); };
      const timer = setTimeout(finish, Math.min(milliseconds, 0x7fffffff));
      this.wake = finish;
    });
  }
}
