// Runs a program and keeps what charts are made of: its events with names, texts and lines.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Run } from '../charts/chart';
import { CallSiteFinder } from '../debugger/call_sites';
import { Modules } from '../debugger/modules';
import { symbolOpener } from '../debugger/open_symbols';
import { SourceMap } from '../debugger/source_map';
import { inflate } from '../host/node/inflate';
import type { HostConsole } from '../machine/host';
import { realCallPrices } from '../machine/real_calls';
import type { MachineTarget } from '../machine/target';
import { EventTable } from '../trace/columns';
import { TimingFeed } from '../trace/timing_feed';
import type { CommandLine } from './arguments';
import type { Ending } from './drive';
import type { LoadProgram } from './run';

const SLICE = 2_000_000;
/** The newest events are charted when there are more. */
const MOST_EVENTS = 1 << 21;
const PIECE = 65536;

export interface Measured { run: Run; status: number }

/** Runs what `line` says to its end. Throws UserError. */
export async function measure(line: CommandLine, loadProgram: LoadProgram): Promise<Measured> {
  const events = new EventTable(MOST_EVENTS);
  let feed: TimingFeed | null = null;
  const { session, console, finish } = loadProgram(line, made => {
    const log = made.eventLog();
    const target = made.target();
    const opener = symbolOpener(() => undefined, inflate);
    const sources = new SourceMap({}, guest => line.options.sysroot === '/' ? guest : path.join(line.options.sysroot, guest));
    const known = new Map<string, string | undefined>();
    const finder = new CallSiteFinder(target, new Modules(target, opener), (file, module) => {
      const key = `${module.path}\0${file}`;
      if (!known.has(key)) {
        const local = sources.toLocal(file, module.path);
        known.set(key, existsSync(local) ? local : undefined);
      }
      return known.get(key);
    });
    feed = new TimingFeed(log, made.logSource, finder);
    made.machine.listen(feed);
  });
  const drain = (): void => { while (feed?.hasNews) events.append(feed.take(PIECE)); };
  const { status } = await finish(() => driveTarget(session.target(), console, drain));
  drain();
  return { status, run: { events, program: path.basename(line.program), nowNs: session.machine.parts.clock.now(), realCallNs: realCallPrices(session.machine.parts.clock.costs) } };
}

async function driveTarget(target: MachineTarget, console: HostConsole, onSlice: () => void): Promise<Ending> {
  for (;;) {
    const stop = target.run(SLICE);
    if (stop.kind === 'exited' || stop.kind === 'deadlock') return stop;
    if (stop.kind === 'idle') await console.wait(stop.waitMs);
    else if (stop.kind === 'budget') {
      onSlice();
      await new Promise(resolve => setImmediate(resolve));
    }
  }
}
