// pt_regs as the entry code leaves them against PTRACE_GETREGS of the host's kernel, at the same calls of the same program; its calls of both ABIs against the host's strace.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readKernelImage } from '../../../src/machine/image/kernel_image';
import type { MachinePorts } from '../../../src/kernel/arch/x86/ports';
import { proc_root_stuff } from '../../../src/kernel/fs/proc/base';
import type { task_struct } from '../../../src/kernel/kernel/types';
import { kernel, useKernel } from '../../../src/kernel/state';
import { start } from '../../debugger/objects/guest';
import { runNative, runRingside, whyNoJudge, type Outcome } from '../programs/compare';
import { hostOfInt80 } from '../programs/int80';

const SOURCES = path.resolve('test/native/entry');
/** Linux: arch/x86/include/asm/user_64.h, which begins as struct pt_regs does. */
const NAMES = ['r15', 'r14', 'r13', 'r12', 'rbp', 'rbx', 'r11', 'r10', 'r9', 'r8', 'rax', 'rcx', 'rdx', 'rsi', 'rdi', 'orig_rax', 'rip', 'cs', 'eflags', 'rsp', 'ss', 'fs_base', 'gs_base', 'ds', 'es', 'fs', 'gs'];
const PT_REGS_WORDS = 21, GETPID_I386 = '14';

function whyNot(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the host is not x86-64 Linux';
  return spawnSync('gcc', ['--version']).error ? 'gcc is missing' : null;
}

describe('the way into the kernel, compared with the host', function () {
  this.timeout(60_000);
  let folder = '';
  const program = (): string => path.join(folder, 'regs');
  before(function () {
    const why = whyNot();
    if (why) { console.log(`      skipped: ${why}`); return this.skip(); }
    folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-entry-'));
    chmodSync(folder, 0o755);
    for (const args of [['-o', path.join(folder, 'tracer'), path.join(SOURCES, 'tracer.c')], ['-nostdlib', '-static', '-no-pie', '-Wl,--build-id=none', '-o', program(), path.join(SOURCES, 'regs.S')]]) {
      const done = spawnSync('gcc', args, { encoding: 'utf8' });
      assert.equal(done.status, 0, done.stderr);
    }
  });
  after(() => { if (folder) rmSync(folder, { recursive: true }); });

  it('pt_regs in the kernel\'s memory hold what ptrace shows, word by word, at entry and exit of syscall and int 0x80', function () {
    const traced = hostOfInt80('regs.S under ptrace', () => {
      const { stdout, stderr, status } = spawnSync(path.join(folder, 'tracer'), [program()], { encoding: 'utf8' });
      return { stdout, stderr, status, log: [] };
    });
    const native = traced.stderr.trim().split('\n');
    if (!native[0]?.startsWith('enter ')) { console.log('      skipped: the host does not allow ptrace'); return this.skip(); }

    const { session } = start(program());
    const target = session.target();
    target.setStopRequests({ breakpoints: new Set(), watchpoints: [], signals: null, syscallEnter: () => true, syscallExit: () => true });
    const ours: string[] = [];
    for (let i = 0; i < 100; i++) {
      const stop = target.run(1_000_000);
      if (stop.kind === 'exited') break;
      if (stop.kind !== 'syscall' || stop.call.name === 'execve') continue;
      const user = target.registers(stop.pid, 'user'), cpu = target.registers(stop.pid, 'innermost');
      const rsp0 = word(target.readMemory(stop.pid, (cpu.read('tr_base') ?? 0n) + 4n, 8), 0);
      const memory = target.readMemory(stop.pid, rsp0 - BigInt(PT_REGS_WORDS * 8), PT_REGS_WORDS * 8);
      const words = [...Array.from({ length: PT_REGS_WORDS }, (_, k) => word(memory, k)), ...['fs_base', 'gs_base', 'ds', 'es', 'fs', 'gs'].map(name => user.read(name) ?? -1n)];
      ours.push(`${stop.phase} ${words.map(one => one.toString(16)).join(' ')}`);
    }
    assert.deepEqual(ours.map(named), native.map(named));
  });

  it('the calls of both ABIs give the output, the exit status and the log that they give on the host', function () {
    const why = whyNoJudge();
    if (why) { console.log(`      skipped: ${why}`); return this.skip(); }
    const run = { program: program(), cwd: folder };
    const inFolder = ({ log, ...rest }: Outcome): Outcome => ({ ...rest, log: log.map(line => line.replaceAll(path.basename(folder), 'FOLDER')) });
    const { stderr, ...ours } = inFolder(runRingside(run));
    assert.equal(stderr, 'ringside: System call number 600 is not implemented; regs got ENOSYS.\n');
    assert.deepEqual({ ...ours, stderr: '' }, hostOfInt80('regs.S', () => inFolder(runNative(run))));
  });
  it('ring 3 that touches what is ring 0\'s gets the signals that it gets on the host', () => {
    const touch = path.join(folder, 'touch');
    const done = spawnSync('gcc', ['-O0', '-no-pie', '-static', '-w', '-o', touch, path.join(SOURCES, 'touch.c')], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    const native = spawnSync(touch, { encoding: 'utf8' }), ours = spawnSync(process.execPath, [path.resolve('dist/cli.js'), 'run', '--', touch], { encoding: 'utf8' });
    assert.equal(native.stdout.trim().split('\n').length, 24);
    assert.equal(ours.stdout, native.stdout);
  });

  it('/proc/kallsyms lists the image as nm does, with zeros for who may not know', function () {
    const nm = spawnSync('nm', ['src/machine/image/kernel.elf'], { encoding: 'utf8' });
    if (nm.error) { console.log('      skipped: nm is missing'); return this.skip(); }
    const expected = nm.stdout.trim().split('\n').filter(line => !/ [aA] /.test(line)).sort();
    const lines = (isRoot: boolean): string[] => {
      const ports: Partial<MachinePorts> = { kallsyms: () => readKernelImage().symbols() };
      useKernel(kernel, ports as MachinePorts);
      const task = { cred: { cap_effective: isRoot ? (1n << 41n) - 1n : 0n } } as task_struct;
      return proc_root_stuff['kallsyms']!.show(task).trim().split('\n');
    };
    assert.deepEqual(lines(true).sort(), expected);
    assert.ok(lines(false).every(line => line.startsWith('0000000000000000 ')));
  });
});

function word(bytes: Uint8Array, index: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(index * 8, true);
}

/** A stop with its registers by name; the result of getpid is each machine's own. */
function named(line: string): Record<string, string> {
  const [phase = '', ...words] = line.split(' ');
  const registers: Record<string, string> = Object.fromEntries(NAMES.map((name, i) => [name, words[i] ?? '']));
  if (phase === 'exit' && registers['orig_rax'] === GETPID_I386) registers['rax'] = 'PID';
  return { phase, ...registers };
}
