// What the timing panel and the extension say to each other: one discriminated union each way. Types only.
import type { EventBatch } from '../trace/columns';

/** What is known of the run besides its events. */
export interface RunFacts {
  program: string;
  nowNs: number;
  isRunning: boolean;
  /** The session is over: what is shown is all there will be. */
  isOver: boolean;
  realCallNs: Record<string, number>;
  /** Where the debugger stands, when it stands before the end. */
  cursorNs?: number;
  /** The debugger can be taken to an event. */
  canGo: boolean;
}

export type ToPanel =
  /** Another run: forget the one before. */
  | { type: 'begin'; run: string; facts: RunFacts }
  | { type: 'events'; batch: EventBatch }
  /** Events from before those that the panel has; without a batch: there is no way to have them. */
  | { type: 'older'; batch?: EventBatch }
  | { type: 'facts'; facts: RunFacts };

export type FromPanel =
  /** The panel is there and has nothing yet: send all. */
  | { type: 'ready' }
  /** Event `before` is the first one that the panel has: some from before it are wanted. */
  | { type: 'older'; before: number }
  | { type: 'open'; file: string; line: number }
  | { type: 'go'; instructions: number; entry: number; pid: number }
  /** Save what was made in the panel, where the person says. */
  | { type: 'save'; name: string; text: string }
  | { type: 'debug' };
