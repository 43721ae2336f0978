// Calls of the vDSO as events. They happen in ring 3, so nobody tells of them: this sees the RDTSC or the marking NOP that each call executes, and knows how
// many instructions of the function come before and after it, since vdso.S has but one way through for each kind of clock. Nothing of the run changes.
// A call that falls back is seen as the real call that it makes, and has that call's times. One that the timer interrupts ends as if it had not.
import { syscallsByName } from '../kernel/syscall';
import { VDSO_FUNCTIONS } from '../trace/event';
import { clock_getres, clock_gettime, getcpu, gettimeofday, time, type VdsoPath } from './image/vdso_paths';
import { PAGE, PT_REGS } from './image/layout';
import type { VdsoImage } from './image/vdso_image';
import type { Machine } from './machine';

/** By place in VDSO_FUNCTIONS. */
const PATHS: readonly ((clock: number, rdi: boolean, rsi: boolean) => VdsoPath)[] = [clock_gettime, gettimeofday, time, getcpu, clock_getres];
const NOWHERE: VdsoPath = { before: 0, after: 0 };
const [CLOCK_GETTIME, , , , CLOCK_GETRES] = VDSO_FUNCTIONS.keys();

/** Tells the machine's listeners of every call of the vDSO from now on; the result ends that. */
export function watchVdso(machine: Machine, image: VdsoImage): () => void {
  const { core, clock, ports, events, facts } = machine.parts;
  const { registers } = core;
  const [RIP, RDI, RSI, RSP, R10] = (['rip', 'rdi', 'rsi', 'rsp', 'r10'] as const).map(name => registers.slotOf(name)) as [number, number, number, number, number];
  const fallbacks = new Map<number, { fn: number; startNs: number; clock: number; instructions: number; returnAddress: number }>();

  /** By number: the calls that vDSO functions make when they cannot answer. */
  const isFallback: (boolean | undefined)[] = [];
  for (const name of VDSO_FUNCTIONS) isFallback[syscallsByName.get(name)?.nr ?? 0] = true;

  const isClocked = (fn: number): boolean => fn === CLOCK_GETTIME || fn === CLOCK_GETRES;

  // Between two entries of the kernel task, vDSO and page tables are the same: who runs, and the page of its stack that was read last.
  const seenAt = { entry: -1, pid: 0, vdsoLow: 0, stackPage: -1, stackPa: 0 };
  const lookAround = (): void => {
    const entry = machine.kernelEntries;
    if (entry === seenAt.entry) return;
    seenAt.entry = entry;
    seenAt.pid = facts.currentPid();
    seenAt.vdsoLow = facts.currentVdso() >>> 0;
    seenAt.stackPage = -1;
  };
  const returnAddress = (rsp: number): number => {
    const offset = rsp % PAGE, page = rsp - offset;
    if (page !== seenAt.stackPage) {
      const found = core.translate(BigInt(page), 'read');
      if (!('pa' in found)) return 0;
      seenAt.stackPage = page;
      seenAt.stackPa = found.pa;
    }
    return ports.phys.read64(seenAt.stackPa + offset);
  };

  // One object for all of them: whoever listens takes the numbers out.
  const call = { pid: 0, fn: 0, startNs: 0, endNs: 0, clock: -1, isServed: true, returnAddress: 0, instructions: 0 };

  /** A call that has come to the place where it is seen; `chargedNs` of the time are the RDTSC's. */
  const seen = (places: ReadonlyMap<number, number>, chargedNs: number): void => {
    lookAround();
    const fn = places.get(registers.lowAt(RIP) - seenAt.vdsoLow);
    if (fn === undefined) return;
    const retired = core.instructionsRetired, clockId = registers.lowAt(RDI) | 0;
    const path = fn === CLOCK_GETTIME ? clock_gettime(clockId) : PATHS[fn]?.(clockId, registers.numberAt(RDI) !== 0, registers.numberAt(RSI) !== 0) ?? NOWHERE;
    call.pid = seenAt.pid;
    call.fn = fn;
    call.instructions = retired - path.before;
    call.startNs = clock.at(call.instructions) - chargedNs;
    call.endNs = clock.at(retired + path.after);
    call.clock = isClocked(fn) ? clockId : -1;
    call.returnAddress = returnAddress(registers.numberAt(RSP));
    events.vdso(call);
  };

  // R10 counts how often the reading began again because the kernel wrote meanwhile: such a call has been told of.
  machine.onTimeStamp = chargedNs => { if (registers.lowAt(R10) === 0) seen(image.timeStamps, chargedNs); };
  core.onMark = () => seen(image.marks, 0);
  // Told of what is repeated, too: whoever derives events again hears of these calls as at first.
  const stop = events.watch({
    syscallEnter(pid, nr, abi, args) {
      if (!isFallback[nr]) return;
      const vdso = facts.currentVdso();
      const user = facts.currentRegs();
      const at = vdso === 0 ? -1 : ports.phys.read64(user + PT_REGS.rip) - vdso;
      if (at < 0 || at >= image.pages.length) return;
      const fn = abi === 'x86-64' ? image.functions.find(f => at >= f.start && at < f.end)?.fn : undefined;
      if (fn === undefined) return;
      lookAround();
      const returns = returnAddress(ports.phys.read64(user + PT_REGS.rsp));
      fallbacks.set(pid, { fn, startNs: clock.now(), clock: isClocked(fn) ? (args[0] ?? 0) | 0 : -1, instructions: core.instructionsRetired, returnAddress: returns });
    },
    syscallExit(pid) {
      if (fallbacks.size === 0) return;
      const real = fallbacks.get(pid);
      if (!real) return;
      fallbacks.delete(pid);
      events.vdso({ pid, endNs: clock.now(), isServed: false, ...real });
    },
    exit(pid) { fallbacks.delete(pid); },
    forgetFuture() { seenAt.entry = -1; fallbacks.clear(); },
  });
  return () => {
    stop();
    machine.onTimeStamp = null;
    core.onMark = null;
  };
}
