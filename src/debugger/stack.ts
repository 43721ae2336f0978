// The call stack as a person sees it: unwound frames with names, lines and inlined calls. Computed once per stop and task.
// Not here: finding the caller (unwind.ts).
import { kernelStackFrame, ownFrames } from './kernel_source';
import type { Module, Modules } from './modules';
import type { FunctionAt, LineRow } from './symbols';
import type { KernelFrame, Target } from './target';
import { borderBetween } from './stack_border';
import { unwind, type UnwoundFrame } from './unwind';

export interface StackFrame {
  pid: number;
  /** 0 is the innermost, inlined frames counted. */
  index: number;
  physical: UnwoundFrame;
  pc: bigint;
  ring: 0 | 3;
  module?: Module;
  name: string;
  /** The function whose code this is; absent without debug information. */
  function?: FunctionAt;
  file?: string;
  line?: number;
  column?: number;
  /** How many inlined calls of `function` enclose this frame's code: locals of that depth are its own. */
  inlineDepth: number;
  isInlined: boolean;
  /** Above this frame the stack crosses from one ring or flow to another: how it came to that, for the row that stands between. */
  border?: string;
  /** A function of the simulated kernel's own source. */
  kernel?: KernelFrame;
}

/** Frames with the words for each border: the entry into ring 0, the delivery of a signal. */
export function* walkStack(target: Target, modules: Modules, pid: number): Generator<StackFrame, void> {
  let above: StackFrame | undefined;
  for (const frame of walkFrames(target, modules, pid)) {
    const border = above && borderBetween(target, above, frame);
    yield border === undefined ? frame : { ...frame, border };
    above = frame;
  }
}

function* walkFrames(target: Target, modules: Modules, pid: number): Generator<StackFrame, void> {
  let index = 0, isFirst = true;
  for (const physical of unwind(target, modules, pid)) {
    const inside = isFirst ? ownFrames(pid === target.currentPid && target.kernel.frames.length > 0 ? target.kernel.frames : target.kernel.asleep(pid)) : [];
    isFirst = false;
    for (const frame of inside) yield kernelStackFrame(pid, index++, frame, physical, modules.at(pid, physical.lookupPc));
    for (const frame of expand(modules, pid, physical)) {
      // The entry code's stub of the same name stands for the function that has just been shown.
      if (frame.name !== inside.at(-1)?.name) yield { ...frame, index: index++ };
    }
  }
}

function* expand(modules: Modules, pid: number, physical: UnwoundFrame): Generator<StackFrame, void> {
  const { pc, ring } = physical;
  // No call stands before the trampoline that a handler returns to.
  const lookupPc = physical.isSignalFrame ? pc : physical.lookupPc;
  const module = modules.at(pid, lookupPc);
  const described = module?.functionAt(lookupPc);
  const row = lineWithNumber(module, lookupPc);
  const common = { pid, index: 0, physical, pc, ring, module };
  if (!described) {
    yield { ...common, name: modules.describe(pid, lookupPc)?.replace(/\+0x[0-9a-f]+$/, '') ?? `0x${pc.toString(16)}`, file: row?.file, line: row?.line, column: row?.column, inlineDepth: 0, isInlined: false };
    return;
  }
  let place: { file?: string; line?: number; column?: number } = { file: row?.file, line: row?.line, column: row?.column };
  for (let depth = described.inlined.length; depth > 0; depth--) {
    const call = described.inlined[depth - 1];
    if (!call) continue;
    yield { ...common, name: call.name, function: described, ...place, inlineDepth: depth, isInlined: true };
    place = { file: call.callFile, line: call.callLine, column: call.callColumn };
  }
  yield { ...common, name: described.name, function: described, ...place, inlineDepth: 0, isInlined: false };
}

/** Line 0 means code that belongs to no line: the nearest row before it within the function tells more. */
function lineWithNumber(module: Module | undefined, address: bigint): LineRow | undefined {
  let row = module?.lineAt(address);
  for (let i = 0; row && row.line === 0 && i < 16; i++) row = module?.lineAt(row.start - 1n);
  return row?.line === 0 ? undefined : row;
}

/** A call stack that is walked as far as somebody asked, and no further. */
export class LazyStack {
  private readonly frames: StackFrame[] = [];
  private readonly walk: Generator<StackFrame, void>;
  private isComplete = false;

  constructor(target: Target, modules: Modules, pid: number) { this.walk = walkStack(target, modules, pid); }

  /** The frame at `index`, or undefined past the outermost. */
  at(index: number): StackFrame | undefined {
    while (this.frames.length <= index && !this.isComplete) {
      const { value, done } = this.walk.next();
      if (done || !value) this.isComplete = true; else this.frames.push(value);
    }
    return this.frames[index];
  }

  find(matches: (frame: StackFrame) => boolean, limit = 200): StackFrame | undefined {
    for (let i = 0; i < limit; i++) {
      const frame = this.at(i);
      if (!frame || matches(frame)) return frame;
    }
    return undefined;
  }

  slice(start: number, count: number): StackFrame[] {
    this.at(start + count - 1);
    return this.frames.slice(start, start + count);
  }

  /** The number of frames when the whole stack was walked. */
  get total(): number | undefined { return this.isComplete ? this.frames.length : undefined; }
}
