// A program of test/programs/time that is debugged with its source, without an adapter: stops, steps and places.
import assert from 'node:assert/strict';
import path from 'node:path';
import { kernelCatalog } from '../../src/debugger/catalog';
import { Debugger, type Report, type StopReport } from '../../src/debugger/debugger';
import { symbolOpener } from '../../src/debugger/open_symbols';
import { SourceMap } from '../../src/debugger/source_map';
import type { Granularity, StepKind } from '../../src/debugger/stepping';
import type { LaunchOptions, Session } from '../../src/machine/assemble';
import type { StateHash } from '../../src/machine/state_hash';
import type { Timeline } from '../../src/machine/timeline';
import { formatPosition } from '../../src/trace/position';
import { hashOf, launchJourney } from '../machine/journeys';

const FOLDER = path.resolve('test/programs/time');
const PID = 1001;

export class Walk {
  readonly core: Debugger;
  readonly logged: string[] = [];
  readonly output: () => string;
  private readonly session: Session;
  private slices = 0;

  constructor(program = 'walk0.elf', options: Partial<LaunchOptions> = {}, attach?: (session: Session) => void) {
    const { session, output } = launchJourney({ name: 'walk', program: path.join(FOLDER, program), args: [], input: [] }, options, 10_000, attach);
    this.output = output;
    this.session = session;
    this.core = new Debugger(session.target(), {
      sourceMap: new SourceMap({ '/walk': FOLDER }), catalog: kernelCatalog(), openSymbols: symbolOpener(() => undefined),
      listener: { breakpointChanged: () => undefined, logged: text => { this.logged.push(text); }, taskStarted: () => undefined, taskExited: () => undefined, modulesChanged: () => undefined },
    });
  }

  finish(): Report {
    for (let i = 0; i < 1e5; i++) {
      const report = this.core.runSlice(() => ++this.slices % 3 === 0);
      if (report && report.kind !== 'idle') return report;
    }
    assert.fail('no stop');
  }

  stop(): StopReport {
    const report = this.finish();
    assert.ok(report.kind === 'stopped', report.kind);
    return report;
  }

  toMain(): void { this.core.continueToMain(''); this.stop(); }
  step(kind: StepKind, granularity: Granularity = 'line', pid = PID): Report { this.core.step(pid, { kind, granularity }); return this.finish(); }
  back(granularity: Granularity = 'line', pid = PID): StopReport { this.core.stepBack(pid, granularity); return this.stop(); }

  /** The machine's own. */
  get timeline(): Timeline { return this.session.target().timeline; }

  get hash(): StateHash { return hashOf(this.session); }

  get place(): string { return this.placeOf(PID); }

  placeOf(pid: number): string {
    const frame = this.core.stackOf(pid).at(0);
    return `${formatPosition(this.core.target.timeline.position)} ${frame?.name ?? '?'}:${frame?.line ?? '?'} 0x${frame?.pc.toString(16) ?? ''}`;
  }

  get line(): string {
    const frame = this.core.stackOf(PID).at(0);
    return `${frame?.name ?? '?'}:${frame?.line ?? '?'}`;
  }
}
