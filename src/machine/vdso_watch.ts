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
  const { registers } = core, { phys } = ports;
  const [RIP, RDI, RSI, RSP, R10] = (['rip', 'rdi', 'rsi', 'rsp', 'r10'] as const).map(name => registers.slotOf(name)) as [number, number, number, number, number];
  const fallbacks = new Map<number, { fn: number; extraNs: number; clock: number; instructions: number; returnAddress: number }>();

  /** The calls that vDSO functions make when they cannot answer. */
  const calls = new Set(VDSO_FUNCTIONS.flatMap(name => syscallsByName.get(name)?.nr ?? []));

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
  /** Where the word at a stack pointer is in memory; -1: nowhere. */
  const placeOf = (rsp: number): number => {
    const offset = rsp % PAGE, page = rsp - offset;
    if (page !== seenAt.stackPage) {
      const found = core.translate(BigInt(page), 'read');
      if (!('pa' in found)) return -1;
      seenAt.stackPage = page;
      seenAt.stackPa = found.pa;
    }
    return seenAt.stackPa + offset;
  };
  const returnAddress = (rsp: number): number => {
    const place = placeOf(rsp);
    return place < 0 ? 0 : phys.read64(place);
  };

  let serial = 0;
  // One object for all of them: whoever listens takes the numbers out.
  const call = { pid: 0, fn: 0, clock: -1, isServed: true, returnAddress: 0, instructions: 0, passedNs: 0, serial: 0 };
  // What the last call that had come to its place looked like there: in a loop the next one looks the same.
  const last = { entry: -1, rip: 0, rdi: 0, rdiHigh: 0, rsi: 0, rsiHigh: 0, rsp: 0, rspHigh: 0, place: -1, returnLow: 0, returnHigh: 0, before: 0 };
  const isLast = (): boolean => {
    const { words } = registers;
    return ((words[RIP] as number) | 0) === last.rip && machine.kernelEntries === last.entry && ((words[RDI] as number) | 0) === last.rdi && ((words[RDI + 1] as number) | 0) === last.rdiHigh &&
      ((words[RSI] as number) | 0) === last.rsi && ((words[RSI + 1] as number) | 0) === last.rsiHigh && ((words[RSP] as number) | 0) === last.rsp && ((words[RSP + 1] as number) | 0) === last.rspHigh &&
      last.place >= 0 && (phys.read32(last.place) | 0) === last.returnLow && (phys.read32(last.place + 4) | 0) === last.returnHigh;
  };

  /** A call that has come to the place where it is seen; `chargedNs` of the time are the RDTSC's. */
  const seen = (places: ReadonlyMap<number, number>, chargedNs: number): void => {
    if (isLast() || look(places, chargedNs)) events.vdso(call, core.instructionsRetired - last.before);
  };
  /** False: this is none of the places. */
  const look = (places: ReadonlyMap<number, number>, chargedNs: number): boolean => {
    last.entry = -1;
    lookAround();
    const fn = places.get(registers.lowAt(RIP) - seenAt.vdsoLow);
    if (fn === undefined) return false;
    const clockId = registers.lowAt(RDI) | 0, rsp = registers.numberAt(RSP);
    const path = PATHS[fn]?.(clockId, registers.numberAt(RDI) !== 0, registers.numberAt(RSI) !== 0) ?? NOWHERE;
    call.pid = seenAt.pid;
    call.fn = fn;
    call.clock = isClocked(fn) ? clockId : -1;
    const place = placeOf(rsp);
    call.returnAddress = place < 0 ? 0 : phys.read64(place);
    call.instructions = path.before + path.after;
    call.passedNs = chargedNs;
    call.serial = ++serial;
    Object.assign(last, {
      entry: seenAt.entry, rip: registers.lowAt(RIP) | 0, rdi: clockId, rdiHigh: registers.lowAt(RDI + 1) | 0, rsi: registers.lowAt(RSI) | 0, rsiHigh: registers.lowAt(RSI + 1) | 0,
      rsp: registers.lowAt(RSP) | 0, rspHigh: registers.lowAt(RSP + 1) | 0, place, returnLow: call.returnAddress | 0, returnHigh: call.returnAddress / 2 ** 32 | 0, before: path.before,
    });
    return true;
  };

  // R10 counts how often the reading began again because the kernel wrote meanwhile: such a call has been told of.
  machine.onTimeStamp = chargedNs => { if (registers.lowAt(R10) === 0) seen(image.timeStamps, chargedNs); };
  core.onMark = () => seen(image.marks, 0);
  // Told of what is repeated, too: whoever derives events again hears of these calls as at first.
  const stop = events.watch({
    calls,
    syscallEnter(pid, _nr, abi, args) {
      const vdso = facts.currentVdso();
      const user = facts.currentRegs();
      const at = vdso === 0 ? -1 : phys.read64(user + PT_REGS.rip) - vdso;
      if (at < 0 || at >= image.pages.length) return;
      const fn = abi === 'x86-64' ? image.functions.find(f => at >= f.start && at < f.end)?.fn : undefined;
      if (fn === undefined) return;
      lookAround();
      const returns = returnAddress(phys.read64(user + PT_REGS.rsp));
      fallbacks.set(pid, { fn, extraNs: clock.skippedNs, clock: isClocked(fn) ? (args[0] ?? 0) | 0 : -1, instructions: core.instructionsRetired, returnAddress: returns });
    },
    syscallExit(pid) {
      const real = fallbacks.get(pid);
      if (!real) return;
      fallbacks.delete(pid);
      const { instructions, extraNs, ...what } = real;
      events.vdso({ pid, isServed: false, serial: ++serial, ...what, instructions: core.instructionsRetired - instructions, passedNs: clock.skippedNs - extraNs }, instructions);
    },
    exit(pid) { fallbacks.delete(pid); },
    forgetFuture() { seenAt.entry = last.entry = -1; fallbacks.clear(); },
  });
  return () => {
    stop();
    machine.onTimeStamp = null;
    core.onMark = null;
  };
}
