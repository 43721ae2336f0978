// Calls of the vDSO as events. They happen in ring 3, so nobody tells of them: this sees the RDTSC or the marking NOP that each call executes, and knows how
// many instructions of the function come before and after it, since vdso.S has but one way through for each kind of clock. Nothing of the run changes.
// A call that falls back is seen as the real call that it makes, and has that call's times. One that the timer interrupts ends as if it had not.
import { VDSO_FUNCTIONS } from '../trace/event';
import { clock_getres, clock_gettime, getcpu, gettimeofday, time, type VdsoPath } from './image/vdso_paths';
import { PT_REGS } from './image/layout';
import type { VdsoImage } from './image/vdso_image';
import type { Machine } from './machine';

/** By place in VDSO_FUNCTIONS. */
const PATHS: readonly ((clock: number, rdi: boolean, rsi: boolean) => VdsoPath)[] = [clock_gettime, gettimeofday, time, getcpu, clock_getres];
const [CLOCK_GETTIME, , , , CLOCK_GETRES] = VDSO_FUNCTIONS.keys();

/** Tells the machine's listeners of every call of the vDSO from now on; the result ends that. */
export function watchVdso(machine: Machine, image: VdsoImage): () => void {
  const { core, clock, ports, events, facts } = machine.parts;
  const { registers } = core;
  const fallbacks = new Map<number, { fn: number; startNs: number; clock: number; instructions: number; returnAddress: number }>();

  const isClocked = (fn: number): boolean => fn === CLOCK_GETTIME || fn === CLOCK_GETRES;
  const returnAddress = (rsp: bigint): number => {
    const found = core.translate(rsp, 'read');
    return 'pa' in found ? ports.phys.read64(found.pa) : 0;
  };

  /** A call that has come to the place where it is seen; `chargedNs` of the time are the RDTSC's. */
  const seen = (places: ReadonlyMap<number, number>, chargedNs: number): void => {
    const fn = places.get(registers.number('rip') - facts.currentVdso());
    if (fn === undefined || registers.number('cpl') !== 3) return;
    const clockId = registers.low('rdi') | 0;
    const { before, after } = PATHS[fn]?.(clockId, registers.number('rdi') !== 0, registers.number('rsi') !== 0) ?? { before: 0, after: 0 };
    const instructions = core.instructionsRetired - before;
    events.vdso({
      pid: facts.currentPid(), fn, startNs: clock.at(instructions) - chargedNs, endNs: clock.at(core.instructionsRetired + after), clock: isClocked(fn) ? clockId : -1, isServed: true,
      returnAddress: returnAddress(registers.get('rsp')), instructions,
    });
  };

  // R10 counts how often the reading began again because the kernel wrote meanwhile: such a call has been told of.
  machine.onTimeStamp = chargedNs => { if (registers.number('r10') === 0) seen(image.timeStamps, chargedNs); };
  core.onMark = () => seen(image.marks, 0);
  const stop = machine.listen({
    syscallEnter(pid, _nr, abi, args) {
      const vdso = facts.currentVdso();
      const user = facts.currentRegs();
      const at = vdso === 0 ? -1 : ports.phys.read64(user + PT_REGS.rip) - vdso;
      const fn = abi === 'x86-64' ? image.functions.find(f => at >= f.start && at < f.end)?.fn : undefined;
      if (fn === undefined) return;
      const returns = returnAddress(BigInt(ports.phys.read64(user + PT_REGS.rsp)));
      fallbacks.set(pid, { fn, startNs: clock.now(), clock: isClocked(fn) ? (args[0] ?? 0) | 0 : -1, instructions: core.instructionsRetired, returnAddress: returns });
    },
    syscallExit(pid) {
      const call = fallbacks.get(pid);
      if (!call) return;
      fallbacks.delete(pid);
      events.vdso({ pid, endNs: clock.now(), isServed: false, ...call });
    },
    exit(pid) { fallbacks.delete(pid); },
  });
  return () => {
    stop();
    machine.onTimeStamp = null;
    core.onMark = null;
  };
}
