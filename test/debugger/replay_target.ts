// A target that replays a recorded execution of test/debugger/programs/steps.elf: real code, real registers, real debug information, no machine.
// At a `syscall` instruction it passes through two instants in ring 0, as a machine does: before the kernel's handler and after it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openDebugInfo } from '../../src/dwarf/debug_info';
import { ElfFile } from '../../src/elf/elf';
import { findErrno } from '../../src/abi/errno';
import { ElfSymbolFile } from '../../src/debugger/symbol_file';
import type { OpenSymbols } from '../../src/debugger/modules';
import type { CallFacts, KernelCode, Mapping, RegisterFile, Stop, StopRequests, TaskFacts, Target, Timeline } from '../../src/debugger/target';
import { comparePositions, type Position } from '../../src/trace/position';
import { call } from './catalog';

export const FOLDER = path.resolve('test/debugger/programs');
export const PROGRAM = path.join(FOLDER, 'steps.elf');
export const SOURCE = path.join(FOLDER, 'steps.c');
export const PID = 1001;

interface Recording { regions: { address: string; bytes: string }[]; registers: Record<string, string>; steps: { r: Record<string, string>; w?: [string, string][] }[] }

const recording = JSON.parse(readFileSync(path.join(FOLDER, 'steps.trace.json'), 'utf8')) as Recording;
const elf = ElfFile.open(readFileSync(PROGRAM));
const KERNEL_ENTRY = 0xffffffff81000040n;

/** The line of a marker comment in steps.c. */
export function lineOf(marker: string): number {
  const index = readFileSync(SOURCE, 'utf8').split('\n').findIndex(line => line.includes(`// BP:${marker}`) && line.trimEnd().endsWith(`// BP:${marker}`));
  if (index < 0) throw new Error(`no marker ${marker}`);
  return index + 1;
}

export const openSymbols: OpenSymbols = (file, contents) => {
  if (file === '[kernel]') return undefined;
  const opened = ElfFile.open(contents);
  return new ElfSymbolFile(opened, openDebugInfo(opened, { path: file }));
};

export class ReplayTarget implements Target {
  readonly currentPid = PID;
  /** A recording of text has no memory of its own: going back is starting again. */
  readonly timeline: Timeline;
  /** Its kernel is not ours to look into. */
  readonly kernel: KernelCode = {
    frames: [], asleep: () => [], returned: null, structs: {}, functions: [], sources: [], statementsAt: () => undefined, lines: () => [], constant: () => undefined, distancesFrom: () => new Map(), callees: () => [], rehearse: () => true, prepare: () => true,
    stepBack: () => false, continueBack: () => false, goTo: () => false, goToEvent: () => false,
  };
  private end: Position | undefined;
  private entries = 0;
  instructionsRetired = 0;
  readonly written: string[] = [];
  private values: Record<string, bigint> = {};
  private regions: { address: bigint; bytes: Uint8Array }[] = [];
  private position = 0;
  private ring0: 'enter' | 'exit' | undefined;
  private requests: StopRequests = { breakpoints: new Set(), watchpoints: [], syscallEnter: null, syscallExit: null, signals: null };
  runs = 0;

  constructor(private readonly onWrite: (text: string) => void = () => undefined) {
    this.reset();
    const here = (): Position => ({ instructions: this.instructionsRetired, entry: this.entries, probe: 0 });
    const isInPast = (): boolean => this.end !== undefined && comparePositions(here(), this.end) < 0;
    const end = (): Position => this.end && isInPast() ? this.end : here();
    const start = here();
    this.timeline = {
      get position() { return here(); }, start, get isInPast() { return isInPast(); },
      get end() { return end(); }, checkpointBefore: () => start, forgetFuture: () => { this.end = undefined; },
      goTo: position => {
        if (!isInPast()) this.end = here();
        if (comparePositions(position, here()) < 0) this.reset();
        while (comparePositions(here(), position) < 0 && isInPast()) this.advance();
        return true;
      },
    };
  }

  private reset(): void {
    this.values = { fs_base: 0n };
    for (const [name, value] of Object.entries(recording.registers)) this.values[name === 'eflags' ? 'rflags' : name] = BigInt(value);
    this.regions = recording.regions.map(r => ({ address: BigInt(r.address), bytes: new Uint8Array(Buffer.from(r.bytes, 'hex')) }));
    this.position = this.entries = this.instructionsRetired = 0;
    this.ring0 = undefined;
  }

  tasks(): TaskFacts[] { return [{ pid: PID, tgid: PID, name: 'steps.elf', state: 'running' }]; }

  registers(_pid: number, level: 'innermost' | 'user'): RegisterFile {
    const isKernel = level === 'innermost' && this.ring0 !== undefined;
    const user = (name: string): bigint | undefined => this.ring0 && name === 'rip' ? (this.values['rip'] ?? 0n) + 2n : this.values[name];
    return {
      read: name => isKernel ? { rip: KERNEL_ENTRY, rsp: 0xffff888001003f58n, cs: 0x10n }[name] ?? this.values[name] : user(name),
      write: (name, value) => { if (isKernel || !(name in this.values)) return false; this.values[name] = value; return true; },
    };
  }

  readMemory(_pid: number, address: bigint, length: number): Uint8Array {
    for (const region of this.regions) {
      const offset = Number(address - region.address);
      if (offset >= 0 && offset < region.bytes.length) return region.bytes.slice(offset, offset + length);
    }
    for (const s of elf.segments) {
      if (s.type !== 1 || address < s.vaddr || address >= s.vaddr + BigInt(s.memsz)) continue;
      const bytes = new Uint8Array(Math.min(length, Number(s.vaddr + BigInt(s.memsz) - address)));
      bytes.set(elf.segmentData(s).subarray(Number(address - s.vaddr), Number(address - s.vaddr) + bytes.length));
      return bytes;
    }
    return new Uint8Array(0);
  }

  changeKernel(): void { throw new Error('its kernel is not ours'); }

  writeMemory(_pid: number, address: bigint, bytes: Uint8Array): number {
    for (const region of this.regions) {
      const offset = Number(address - region.address);
      if (offset >= 0 && offset + bytes.length <= region.bytes.length) { region.bytes.set(bytes, offset); return bytes.length; }
    }
    return 0;
  }

  mappings(): Mapping[] {
    const page = (n: bigint): bigint => n & ~0xfffn;
    return [
      ...elf.segments.filter(s => s.type === 1).map(s => ({
        start: page(s.vaddr), end: page(s.vaddr + BigInt(s.memsz) + 0xfffn), offset: page(BigInt(s.offset)), permissions: `r${s.flags & 2 ? 'w' : '-'}${s.flags & 1 ? 'x' : '-'}p`, path: PROGRAM,
      })),
      { start: this.regions[0]!.address, end: this.regions[0]!.address + BigInt(this.regions[0]!.bytes.length), offset: 0n, permissions: 'rw-p', path: '[stack]' },
      { start: 0xffffffff81000000n, end: 0xffffffff81001000n, offset: 0n, permissions: 'r-xp', path: '[kernel]' },
    ];
  }

  readFile(file: string): Uint8Array | undefined { return file === PROGRAM ? elf.bytes : undefined; }
  setStopRequests(requests: StopRequests): void { this.requests = requests; }

  run(budget: number, stepPid?: number): Stop {
    this.runs++;
    for (let i = 0; i < budget; i++) {
      const stop = this.advance();
      if (stop) return stop;
      if (stepPid !== undefined) return { kind: 'step', pid: PID };
      const pc = this.ring0 ? KERNEL_ENTRY : this.values['rip']!;
      if (this.end && !this.timeline.isInPast) { this.end = undefined; return { kind: 'recording-end' }; }
      if (this.requests.breakpoints.has(pc)) return { kind: 'breakpoint', pid: PID, address: pc };
    }
    return { kind: 'budget' };
  }

  /** One instruction, or one half of a system call. */
  private advance(): Stop | undefined {
    const [a, b] = this.readMemory(PID, this.values['rip']!, 2);
    if (a === 0x0f && b === 0x05 && this.ring0 !== 'exit') {
      const nr = Number(this.values['rax']);
      if (this.ring0 === undefined) {
        this.ring0 = 'enter';
        if (this.requests.syscallEnter?.(nr, 'x86-64')) return { kind: 'syscall', phase: 'enter', pid: PID, call: this.facts(nr) };
        return undefined;
      }
      this.ring0 = 'exit';
      this.entries++;
      if (nr === 1 && !this.end) this.onWrite(Buffer.from(this.readMemory(PID, this.values['rsi']!, Number(this.values['rdx']))).toString());
      if (nr === 231) return { kind: 'exited', status: Number(this.values['rdi']! & 0xffn) };
      if (this.requests.syscallExit?.(nr, 'x86-64', false)) return { kind: 'syscall', phase: 'exit', pid: PID, call: this.facts(nr, 5) };
      return undefined;
    }
    this.ring0 = undefined;
    const step = recording.steps[this.position++];
    if (!step) return { kind: 'exited', status: 0 };
    this.instructionsRetired++;
    for (const [name, value] of Object.entries(step.r)) this.values[name === 'eflags' ? 'rflags' : name] = BigInt(value);
    let watch: Stop | undefined;
    for (const [at, bytes] of step.w ?? []) {
      const address = BigInt(at);
      const data = Buffer.from(bytes, 'hex');
      this.writeMemory(PID, address, data);
      const hit = this.requests.watchpoints.find(w => w.access !== 'read' && address < w.address + BigInt(w.size) && w.address < address + BigInt(data.length));
      if (hit) watch = { kind: 'watchpoint', pid: PID, address, size: data.length, access: 'write' };
    }
    return watch;
  }

  private facts(nr: number, ret?: number): CallFacts {
    if (ret !== undefined && ret < 0) throw new Error(findErrno(-ret)?.name);
    return nr === 1 ? call('write', { fd: 1, buf: 0x404000, count: 5 }, ret) : call('exit_group', { error_code: Number(this.values['rdi']) }, ret);
  }
}
