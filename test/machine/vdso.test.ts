// The vDSO in programs: each way through it, what the libraries make of it, and that watching it changes nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openDebugInfo } from '../../src/dwarf/debug_info';
import { ElfFile } from '../../src/elf/elf';
import { VDSO_DATA } from '../../src/kernel/arch/x86/vdso';
import { kernel } from '../../src/kernel/state';
import type { LaunchOptions, Session } from '../../src/machine/assemble';
import { readVdsoImage } from '../../src/machine/image/vdso_image';
import { VDSO_FUNCTIONS } from '../../src/trace/event';
import { launchJourney } from './journeys';

const PATHS = path.resolve('test/programs/vdso/paths.elf');
const launch = (program: string, args: string[] = [], options: Partial<LaunchOptions> = {}, attach?: (session: Session) => void) => launchJourney({ name: program, program, args, input: [] }, options, 0, attach);

function finish(session: Session): number {
  for (;;) {
    const stop = session.machine.run(Infinity);
    if (stop.kind === 'exited') return stop.status;
    assert.equal(stop.kind, 'budget');
  }
}

describe('the vDSO', function () {
  this.timeout(120_000);
  const image = readVdsoImage();

  it('is a shared object with the functions of Linux at LINUX_2.6, and their plain names as weak symbols', () => {
    const elf = ElfFile.open(image.file);
    const symbols = new Map(VDSO_FUNCTIONS.flatMap(name => [name, `__vdso_${name}`]).map(name => [name, elf.symbols.allNamed(name)[0]]));
    for (const name of VDSO_FUNCTIONS) assert.equal(symbols.get(name)?.value, symbols.get(`__vdso_${name}`)?.value, name);
    const dynamic = spawnSync('readelf', ['-dW', '--dyn-syms', 'src/machine/image/vdso.so'], { encoding: 'utf8' });
    if (dynamic.error) return;
    assert.match(dynamic.stdout, /SONAME.*\[linux-vdso\.so\.1\]/);
    for (const name of VDSO_FUNCTIONS) {
      assert.match(dynamic.stdout, new RegExp(`GLOBAL DEFAULT +\\d+ __vdso_${name}@@LINUX_2\\.6\\n`));
      assert.match(dynamic.stdout, new RegExp(`WEAK +DEFAULT +\\d+ ${name}@@LINUX_2\\.6\\n`));
    }
  });

  it('its functions and the kernel agree on where the data is', () => {
    const defines = Object.fromEntries([...readFileSync('src/machine/image/vdso.S', 'utf8').matchAll(/^#define (\w+) (\d+)\b/gm)].map(m => [m[1], Number(m[2])]));
    const { seq, clock_mode, cycle_last, mult, shift, basetime, tz_minuteswest, tz_dsttime, hrtimer_res, size } = VDSO_DATA;
    for (const [name, value] of Object.entries({ seq, clock_mode, cycle_last, mult, shift, tz_minuteswest, tz_dsttime, hrtimer_res, basetime_sec: basetime, basetime_nsec: basetime + 8, vdso_data_size: size })) {
      assert.equal(defines[name.toUpperCase()], value, name);
    }
  });

  it('can be unwound from every instruction, and each has a line', () => {
    const debug = openDebugInfo(ElfFile.open(image.file));
    for (const { start, end } of image.functions) {
      for (let at = start; at < end; at++) assert.deepEqual(debug.unwindRow(BigInt(at))?.cfa, { kind: 'register', register: 7, offset: 8 }, at.toString(16));
      assert.equal(debug.lineAt(BigInt(start))?.file.path, '/ringside/machine/image/vdso.S');
    }
  });

  it('gdb unwinds through its image, to its caller', function () {
    if (spawnSync('gdb', ['--version']).status !== 0 || spawnSync('gcc', ['--version']).status !== 0) this.skip();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-vdso-')), program = path.join(folder, 'through');
    try {
      assert.equal(spawnSync('gcc', ['-g', '-O0', '-o', program, 'test/programs/vdso/through.c']).status, 0);
      for (const name of ['__vdso_clock_gettime', '__vdso_gettimeofday', '__vdso_time', '__vdso_getcpu', '__vdso_clock_getres']) {
        // Where it reads its data, which stands before it in a process only, the walk ends.
        const commands = ['break called', 'run', `break *${name}`, 'continue', ...Array.from({ length: 6 }, () => ['bt', 'stepi']).flat()];
        const { stdout } = spawnSync('gdb', ['-nx', '-q', '-batch', ...commands.flatMap(one => ['-ex', one]), '--args', program, path.resolve('src/machine/image/vdso.so'), name], { encoding: 'utf8' });
        const stacks = stdout.split(/^#0 +/m).slice(1);
        assert.ok(stacks.length > 0 && stacks[0]!.includes(name), stdout);
        for (const stack of stacks) assert.match(stack, /^#1 .* in called .*\n#2 .* in main /m, `${name}: ${stack}`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('each way through each function is an event from its first instruction to its return, to the nanosecond', () => {
    const { session } = launch(PATHS);
    const log = session.eventLog();
    const { machine } = session, { core, clock } = machine.parts;
    const stepped: ([name: string | undefined, startNs: number, endNs: number] | 'faulted')[] = [];
    const functionAt = (): number => {
      const at = core.registers.number('rip') - (kernel.current?.mm?.vdso ?? 0);
      return core.registers.number('cpl') === 3 ? image.functions.findIndex(f => at >= f.start && at < f.end) : -1;
    };
    let inside = -1, entered = 0, isReal = false, hasFaulted = false;
    machine.listen({ syscallEnter: () => { isReal = true; }, fault: () => { hasFaulted = true; } });
    for (;;) {
      const before = clock.now();
      const stop = machine.run(1);
      if (stop.kind === 'exited') {
        assert.equal(stop.status, 6, 'the two alarm clocks want a real-time clock, which is not there');
        break;
      }
      const now = functionAt();
      if (inside < 0 && now >= 0) {
        inside = now;
        entered = clock.now();
        isReal = hasFaulted = false;
      } else if (inside >= 0 && now < 0 && core.registers.number('cpl') === 3) {
        if (!isReal) stepped.push(hasFaulted ? 'faulted' : [VDSO_FUNCTIONS[inside], entered, clock.now()]);
        inside = -1;
      }
      assert.ok(clock.now() >= before);
    }
    const events = [...log.events()].filter(event => event.kind === 'vdso');
    const served = events.filter(event => event.isServed).map((event, i) => stepped[i] === 'faulted' ? 'faulted' : [VDSO_FUNCTIONS[event.code], event.startNs, event.endNs]);
    assert.deepEqual(served, stepped);
    assert.equal(stepped.filter(call => call === 'faulted').length, 1, 'the first brings in the pages');
    assert.ok(stepped.length > 30, `${stepped.length} calls`);
    const fallbacks = events.filter(event => !event.isServed);
    assert.deepEqual(fallbacks.filter(event => event.code === 0).map(event => event.value), [2, 3, 8, 9, -1]);
    for (const event of fallbacks) {
      const call = [...log.events()].find(other => other.kind === 'call' && other.startNs === event.startNs);
      assert.deepEqual([call?.code, call?.endNs], [event.code === 0 ? 228 : 229, event.endNs]);
    }
    for (const event of events) assert.ok(event.ip > 0x400000 && event.ip < 0x500000, 'returns to the program');
  });

  it('watching it changes neither instructions nor time', () => {
    const run = (attach?: (session: Session) => void): number[] => {
      const { session } = launch(PATHS, [], {}, attach);
      return [finish(session), session.machine.instructionsRetired, session.machine.parts.clock.now()];
    };
    const [plain, watched] = [run(), run(session => { session.eventLog(); })];
    assert.deepEqual(watched, plain);
  });

  it('is not there with vdso: false', () => {
    const { session } = launch(PATHS, [], { vdso: false });
    assert.equal(finish(session), 99);
    assert.equal(kernel.vvar_page, 0);
  });

  it('is what /proc/self/maps says, as Linux lays it out', () => {
    const { session, output } = launch('/bin/cat', ['/proc/self/maps']);
    finish(session);
    const lines = output().split('\n').filter(line => /\[v/.test(line)).map(line => line.split(/ +/));
    const [vvar = [], vdso = []] = lines;
    assert.deepEqual([vvar[1], vvar[5], vdso[1], vdso[5]], ['r--p', '[vvar]', 'r-xp', '[vdso]']);
    const [[start = 0, end = 0], [text = 0, textEnd = 0]] = [vvar, vdso].map(line => (line[0] ?? '').split('-').map(hex => parseInt(hex, 16))) as [number[], number[]];
    assert.deepEqual([end - start, text, textEnd - text], [0x4000, end, 0x2000]);
  });

  for (const [compiler, ...flags] of [['gcc'], ['gcc', '-static'], ['musl-gcc'], ['musl-gcc', '-static']] as const) {
    it(`${[compiler, ...flags].join(' ')}: the library reads the clocks through it, and they agree with the calls, also after they were set`, function () {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-vdso-'));
      const program = path.join(folder, 'clocks');
      try {
        const built = spawnSync(compiler, ['-O2', '-Wall', ...flags, '-o', program, 'test/programs/vdso/clocks.c'], { encoding: 'utf8' });
        if (built.error) {
          console.log(`    skipped: ${compiler} is missing`);
          return this.skip();
        }
        assert.equal(built.stderr, '');
        const calls: number[] = [];
        const root = { attach: (session: Session) => { session.machine.parts.ports.facts = { ...session.machine.parts.ports.facts, uid: 0, gid: 0 }; session.machine.listen({ syscallEnter: (_pid, nr) => { calls.push(nr); } }); } };
        const { session, output } = launch(program, ['set'], {}, root.attach);
        const log = session.eventLog();
        assert.equal(finish(session), 0, output());
        const served = [...log.events()].filter(event => event.kind === 'vdso' && event.isServed);
        const ids = new Set(served.filter(event => event.code === 0).map(event => event.value));
        assert.deepEqual([...ids].sort((a, b) => a - b), [0, 1, 4, 5, 6, 7, 11]);
        assert.equal(served.some(event => event.code === 1), compiler === 'gcc', 'musl makes gettimeofday of clock_gettime');
        // Every clock in each of three looks by hand, and the two of CPU time by the library before and after.
        assert.equal(calls.filter(nr => nr === 228).length, 3 * (9 + 2 * 2));
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
