// A machine without a processor: memory, a clock and the host's files. Tests make calls by writing pt_regs, as the entry code would.
import { lstatSync, openSync, readSync, closeSync, readdirSync, readlinkSync } from 'node:fs';
import type { HostStat, MachinePorts, PhysicalPages, SignalFacts, ThreadContext } from '../../src/kernel/arch/x86/ports';
import { boot, do_syscall_64, exc, timer_interrupt, type Resume } from '../../src/kernel/arch/x86/entry';
import { CS, ORIG_RAX, R10, R8, R9, RAX, RDI, RDX, RSI, get_reg_big, set_reg, set_reg_big, task_pt_regs } from '../../src/kernel/arch/x86/pt_regs';
import { peek_user } from '../../src/kernel/mm/uaccess';
import { current, kernel } from '../../src/kernel/state';
import { syscallsByName } from '../../src/kernel/syscall';
import { costModels } from '../../src/machine/cost_model';

const START = 0x100000;
const ENOENT = 2;

class Ram implements PhysicalPages {
  readonly start = START;
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  constructor(readonly end: number) {
    this.bytes = new Uint8Array(end);
    this.view = new DataView(this.bytes.buffer);
  }
  get words() { return new Uint32Array(this.view.buffer); }
  read8(pa: number) { return this.view.getUint8(pa); }
  read16(pa: number) { return this.view.getUint16(pa, true); }
  read32(pa: number) { return this.view.getUint32(pa, true); }
  read64(pa: number) { return Number(this.view.getBigUint64(pa, true)); }
  readBig64(pa: number) { return this.view.getBigUint64(pa, true); }
  write8(pa: number, value: number) { this.view.setUint8(pa, value); }
  write16(pa: number, value: number) { this.view.setUint16(pa, value, true); }
  write32(pa: number, value: number) { this.view.setUint32(pa, value, true); }
  write64(pa: number, value: number) { this.view.setBigInt64(pa, BigInt(value), true); }
  writeBig64(pa: number, value: bigint) { this.view.setBigUint64(pa, BigInt.asUintN(64, value), true); }
  readBytes(pa: number, length: number) { return this.bytes.slice(pa, pa + length); }
  viewBytes(pa: number, length: number) { return this.bytes.subarray(pa, pa + length); }
  readText(pa: number, most: number) { const text = String.fromCharCode(...this.bytes.slice(pa, pa + most)), end = text.indexOf('\0'); return end < 0 ? text : text.slice(0, end); }
  writeBytes(pa: number, bytes: Uint8Array) { this.bytes.set(bytes, pa); }
  fill(pa: number, length: number, value: number) { this.bytes.fill(value, pa, pa + length); }
  copy(toPa: number, fromPa: number, length: number) { this.bytes.copyWithin(toPa, fromPa, fromPa + length); }
}

export interface FakeMachine {
  ports: MachinePorts;
  /** What was told: one line an event. */
  log: string[];
  output: string;
  nowNs: number;
  timerNs: number;
  faultAddress: number;
}

export function fakeMachine(megabytes = 64): FakeMachine {
  const fake: FakeMachine = { ports: null as unknown as MachinePorts, log: [], output: '', nowNs: 1e9, timerNs: Infinity, faultAddress: 0 };
  let fsBase = 0;
  let gsBase = 0;
  const kinds = (e: { isDirectory(): boolean; isSymbolicLink(): boolean }) => e.isDirectory() ? 4 : e.isSymbolicLink() ? 10 : 8;
  const fails = <T>(act: () => T): T | number => {
    try { return act(); } catch (error) { return (error as { errno?: number }).errno ? -(error as { errno: number }).errno : ENOENT; }
  };
  const at = (root: string, path: string) => `${root === '/' ? '' : root}${path}` || '/';
  fake.ports = {
    phys: new Ram(megabytes * 1024 * 1024),
    cpu: {
      loadCr3() {}, flushTlb() {}, invlpg() {}, flushTlbRange() {},
      get fsBase() { return fsBase; }, get userGsBase() { return gsBase; },
      setFsBase(address) { fsBase = address; }, setUserGsBase(address) { gsBase = address; },
      xsaveSize: 832, xsave() {}, xrstor() {}, resetFpu() {},
      get faultAddress() { return fake.faultAddress; }, takeDebugStatus: () => 0, instructionsRetired: 0,
      switchTo(prev: ThreadContext | null, next: ThreadContext) {
        if (prev) Object.assign(prev, { sp: 0, fsBase, gsBase });
        fsBase = next.fsBase;
        gsBase = next.gsBase;
      },
    },
    clock: { now: () => fake.nowNs, bootEpochNs: 1_700_000_000_000_000_000n, tscPerNs: 2, charge: (_work, count = 1) => { fake.nowNs += 10 * count; return 10 * count; }, prices: costModels['bare-metal'].work, spend: () => { fake.nowNs += 10; return 10; }, chargeCopy: bytes => { fake.nowNs += 10 * (bytes + 1); return 10 * (bytes + 1); }, chargeCall: () => { fake.nowNs += 50; return 50; }, setTimer: ns => { fake.timerNs = ns; } },
    files: {
      lstat: (root, path) => fails((): HostStat => {
        const s = lstatSync(at(root, path), { bigint: true });
        const n = Number;
        return { dev: n(s.dev), ino: n(s.ino), mode: n(s.mode), nlink: n(s.nlink), uid: n(s.uid), gid: n(s.gid), rdev: n(s.rdev), size: n(s.size), blksize: n(s.blksize), blocks: n(s.blocks), mtimeNs: s.mtimeNs, ctimeNs: s.ctimeNs };
      }),
      readlink: (root, path) => fails(() => readlinkSync(at(root, path))),
      readdir: (root, path) => fails(() => readdirSync(at(root, path), { withFileTypes: true }).map(e => ({ name: e.name, type: kinds(e), ino: 1 }))),
      read: (root, path, offset, length) => fails(() => {
        const fd = openSync(at(root, path), 'r');
        const bytes = new Uint8Array(length);
        const got = readSync(fd, bytes, 0, length, offset);
        closeSync(fd);
        return bytes.subarray(0, got);
      }),
    },
    console: {
      kind: () => 'pipe', write: (_unit, bytes) => { fake.output += Buffer.from(bytes).toString('latin1'); }, read: () => new Uint8Array(0), isReadable: () => true,
      windowSize: () => ({ rows: 24, columns: 80 }),
      newWindowSize: () => null,
    },
    facts: {
      uid: 1000, gid: 1000, groups: [1000], umask: 0o22, nodename: 'ringside',
      rlimits: Array.from({ length: 16 }, (_, i) => ({ cur: i === 3 ? 0x800000n : i === 7 ? 1024n : i === 4 ? 0n : 2n ** 64n - 1n, max: 2n ** 64n - 1n })),
    },
    entropy: { fill: bytes => { bytes.forEach((_, i) => { bytes[i] = i * 7 + 1; }); } },
    events: {
      syscallEnter() {},
      syscallExit: (pid, nr, ret, because) => fake.log.push(`${pid} ${nr} = ${ret}${because ? ` (${because})` : ''}`),
      signal: (pid, signo, info: SignalFacts) => fake.log.push(`${pid} signal ${signo} code ${info.code}`),
      exit: (pid, _tgid, status) => fake.log.push(`${pid} exit ${status}`),
      superseded() {}, stopped() {},
      fork: (parent, child) => fake.log.push(`${parent} fork ${child}`),
      exec: (pid, path) => fake.log.push(`${pid} exec ${path}`),
      switch: (prev, next) => fake.log.push(`switch ${prev} ${next}`),
      fault() {}, vdso() {}, notice: sentence => fake.log.push(sentence),
    },
  };
  return fake;
}

/** Boots `path` of the host's own files. */
export function bootHost(fake: FakeMachine, path: string, argv = [path], envp: string[] = []) {
  return boot(fake.ports, { path, argv, envp, cwd: '/', sysroot: '/', vdso: null, swapper_pg_dir: fakePgd(fake) });
}

/** A kernel half of the page tables below the memory that the kernel manages. */
function fakePgd(fake: FakeMachine): number {
  fake.ports.phys.fill(0x1000, 4096, 0);
  return 0x1000;
}

/** Makes a call as the current task and gives what the kernel wants next. */
export function enter(name: string, ...args: (number | bigint)[]): Resume {
  const declaration = syscallsByName.get(name);
  if (!declaration) throw new Error(`no system call ${name}`);
  return enterNumber(declaration.nr, ...args);
}

export function enterNumber(nr: number, ...args: (number | bigint)[]): Resume {
  const task = current();
  set_reg(task, ORIG_RAX, nr);
  set_reg(task, CS, 0x33);
  [RDI, RSI, RDX, R10, R8, R9].forEach((reg, i) => set_reg_big(task, reg, BigInt(args[i] ?? 0)));
  return do_syscall_64(task_pt_regs(task));
}

/** The result of a call that returns at once. */
export function call(name: string, ...args: (number | bigint)[]): number {
  enter(name, ...args);
  return result();
}

/** rax of the current task, signed. */
export function result(): number {
  return Number(BigInt.asIntN(64, get_reg_big(current(), RAX)));
}

/** A page fault of the current task at `address`. */
export function fault(fake: FakeMachine, address: number, errorCode: number): Resume {
  fake.faultAddress = address;
  set_reg(current(), CS, 0x33);
  return exc(14, errorCode, task_pt_regs(current()));
}

/** Time goes on to the next timer. */
export function passTime(fake: FakeMachine): Resume {
  fake.nowNs = Math.max(fake.nowNs, fake.timerNs);
  return timer_interrupt(task_pt_regs(current()));
}

export function peek(address: number, length: number): Uint8Array {
  const { mm } = current();
  const bytes = mm && peek_user(mm, address, length);
  if (!bytes) throw new Error(`nothing at 0x${address.toString(16)}`);
  return bytes;
}

export { kernel, current };
