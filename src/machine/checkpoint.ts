// Everything that a machine is at one moment, beside the pages of its memory: registers, clock, console, entropy, the kernel's graph and the run loop's own state.
// Not here: pages (page_history.ts), when to take one (timeline.ts).
import type { Position } from '../trace/position';
import type { ConsoleState } from './console';
import type { GraphImage, GraphStore } from './graph';
import type { Machine, MachineState } from './machine';
import { newMoment, type Moment } from './page_history';

export interface Checkpoint extends Moment {
  readonly position: Position;
  /** What it takes to run here from the start, in ns, as the clock told of the run's stretches. */
  ranNs: number;
  readonly graph: GraphImage;
  readonly cpu: Uint8Array;
  readonly machine: MachineState;
  readonly clock: { extraNs: number; timer: number };
  readonly console: ConsoleState;
  readonly entropy: Uint32Array;
  /** The person has changed something here: running on from an earlier checkpoint does not lead to this state. */
  isEdited: boolean;
  /** Taken because the person came by, closer to others than the pace asks for. */
  isVisited: boolean;
  /** In the order of taking. */
  serial: number;
}

export function takeCheckpoint(machine: Machine, graph: GraphStore, moment: Moment = newMoment()): Checkpoint {
  const { core, clock, console, entropy } = machine.parts;
  return {
    ...moment, position: machine.position, ranNs: 0, graph: graph.save(), cpu: core.saveState(), machine: machine.saveState(), clock: clock.saveState(), console: console.saveState(),
    entropy: entropy.state.slice(), isEdited: false, isVisited: false, serial: 0,
  };
}

/** Everything but memory, which must have been put back before. */
export function loadCheckpoint(machine: Machine, graph: GraphStore, checkpoint: Checkpoint): void {
  const { core, clock, console, entropy } = machine.parts;
  graph.load(checkpoint.graph);
  core.loadState(checkpoint.cpu);
  machine.loadState(checkpoint.machine);
  clock.loadState(checkpoint.clock);
  console.loadState(checkpoint.console);
  entropy.state.set(checkpoint.entropy);
}
