// Which breakpoints of a place hold, and what their log points say: conditions, hit counts and messages, read in the program or in the kernel.
// Not here: where breakpoints stand (breakpoints.ts), filters of system calls (syscall_filter.ts), what a stop becomes (debugger.ts).
import { UserError } from '../base/errors';
import type { Breakpoint } from './breakpoints';
import { namesOf } from './kernel_source';
import type { Modules } from './modules';
import { evaluateKernel, isKernelTrue } from './objects/evaluate';
import { formatKernel } from './objects/format';
import { isProgramTrue, programText } from './program_expression';
import type { StackFrame } from './stack';
import type { KernelFrame, Target } from './target';

/** Those that stop; `failure`: a condition could not be evaluated. */
export type Hits = Breakpoint[] & { failure?: string };

/** How conditions and log messages of breakpoints are read at a place. */
interface Viewpoint { holds(breakpoint: Breakpoint): boolean; text(expression: string): string }

export class HitCounter {
  /** What happens now is only looked at: hit counts do not decide, and nothing is logged. */
  isLooking = false;

  constructor(private readonly target: Target, private readonly modules: Modules, private readonly logged: (text: string, frame: StackFrame | undefined) => void) {}

  /** Those of the program's places. */
  inProgram(breakpoints: readonly Breakpoint[], frame: StackFrame | undefined): Hits {
    const { target, modules } = this;
    const here = (): StackFrame => {
      if (!frame) throw new UserError('the place is not known');
      return frame;
    };
    return this.counted(breakpoints, frame, {
      holds: ({ condition }) => condition === undefined || isProgramTrue(target, modules, here(), condition),
      text: expression => programText(target, modules, here(), expression),
    });
  }

  /** Those of the kernel's own statements. */
  inKernel(breakpoints: readonly Breakpoint[], frame: KernelFrame): Hits {
    const names = namesOf(this.target.kernel, frame);
    return this.counted(breakpoints, undefined, {
      holds: ({ kernelCondition }) => kernelCondition === undefined || isKernelTrue(kernelCondition.evaluate(names)),
      text: expression => formatKernel(evaluateKernel(expression, names)),
    });
  }

  /** Those whose conditions hold, log points aside. A condition that cannot be evaluated stops, and says why. */
  private counted(breakpoints: readonly Breakpoint[], frame: StackFrame | undefined, seen: Viewpoint): Hits {
    const hit: Hits = [];
    for (const breakpoint of breakpoints) {
      try {
        if (!seen.holds(breakpoint)) continue;
        breakpoint.hits++;
        if (breakpoint.hitCondition && !this.isLooking && !breakpoint.hitCondition(breakpoint.hits)) continue;
        if (breakpoint.logMessage === undefined) hit.push(breakpoint);
        else if (!this.isLooking) this.logged(interpolate(breakpoint.logMessage, seen), frame);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        hit.failure = `the condition of a breakpoint cannot be evaluated: ${error.message}`;
        hit.push(breakpoint);
      }
    }
    return hit;
  }
}

function interpolate(message: string, seen: Viewpoint): string {
  return message.replace(/\{([^{}]+)\}/g, (_, expression: string) => {
    try {
      return seen.text(expression);
    } catch (error) {
      if (error instanceof UserError) return `{${error.message}}`;
      throw error;
    }
  });
}
