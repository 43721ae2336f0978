import assert from 'node:assert/strict';
import { Debugger, type Report } from '../../src/debugger/debugger';
import type { StepKind } from '../../src/debugger/stepping';
import { disassemble } from '../../src/debugger/disassembly';
import { evaluateProgram } from '../../src/debugger/program_expression';
import type { StackFrame } from '../../src/debugger/stack';
import { formatValue } from '../../src/debugger/expression/format';
import { integerHere } from '../../src/debugger/expression/value';
import { collectLocals, memoryOf } from '../../src/debugger/variables';
import { catalog } from './catalog';
import { lineOf, openSymbols, PID, PROGRAM, ReplayTarget, SOURCE } from './replay_target';

function start(): { core: Debugger; logged: string[]; go(): Report; step(kind: StepKind, granularity?: 'line' | 'instruction'): string; where(): string; output: string[] } {
  const logged: string[] = [], output: string[] = [];
  const core = new Debugger(new ReplayTarget(text => output.push(text)), {
    openSymbols, catalog,
    listener: { breakpointChanged: () => undefined, logged: text => logged.push(text), taskStarted: () => undefined, taskExited: () => undefined, modulesChanged: () => undefined },
  });
  const go = (): Report => { for (;;) { const report = core.runSlice(() => true); if (report) return report; } };
  const where = (): string => { const frame = core.stackOf(PID).at(0); return `${frame?.name}:${frame?.line}`; };
  return { core, logged, output, go, where, step: (kind, granularity = 'line') => { core.step(PID, { kind, granularity }); const r = go(); return r.kind === 'stopped' ? where() : r.kind; } };
}

function atMain() { const s = start(); s.core.continueToMain(PROGRAM); assert.equal((s.go() as { reason?: string }).reason, 'entry'); return s; }
function at(marker: string) {
  const s = start();
  const [b] = s.core.setSourceBreakpoints(SOURCE, [{ line: lineOf(marker) }]);
  assert(b!.isVerified, b!.message);
  s.core.continue();
  const report = s.go();
  assert.equal(report.kind === 'stopped' && report.reason, 'breakpoint');
  return s;
}

const valueOf = (core: Debugger, frame: StackFrame | undefined, name: string): bigint | undefined => frame && integerHere(evaluateProgram(core.target, core.modules, frame, name).value);

describe('debugger', () => {
  describe('entry and breakpoints', () => {
    it('stops at main behind its prologue', () => assert.equal(atMain().where(), `main:${lineOf('main-first')}`));
    it('stops at a line, tells which breakpoint it was, and runs on to the end', () => {
      const { core, go, where } = at('leaf');
      assert.equal(where(), `leaf:${lineOf('leaf')}`);
      assert.deepEqual(core.lastStop?.hitBreakpointIds, [1]);
      core.continue();
      const end = go();
      assert.equal(end.kind, 'exited');
      assert.equal(end.kind === 'exited' && end.status, 21);
    });
    it('stops at a function by name, glob and regular expression', () => {
      for (const name of ['leaf', 'le?f', 'l*f', '/re ^leaf$']) {
        const { core, go, where } = start();
        const [b] = core.setFunctionBreakpoints([{ name }]);
        assert(b!.isVerified, name);
        core.continue();
        const report = go();
        assert.equal(report.kind === 'stopped' && report.reason, 'function breakpoint');
        assert.equal(where(), `leaf:${lineOf('leaf')}`);
      }
    });
    it('a line without code moves to the next one that has some; one in a file that is not there stays unverified, with the reason', () => {
      const { core } = start();
      const [moved] = core.setSourceBreakpoints(SOURCE, [{ line: lineOf('leaf') - 3 }]);
      assert(moved!.isVerified && moved!.line! >= lineOf('leaf') - 3);
      const [nowhere] = core.setSourceBreakpoints('/nowhere/x.c', [{ line: 1 }]);
      assert(!nowhere!.isVerified && /Not bound yet/.test(nowhere!.message!));
    });
    const conditions: [string, Partial<{ condition: string; hitCondition: string }>, number][] = [
      ['condition on a local', { condition: 'i == 2' }, 2], ['condition on a member', { condition: 'origin.x == 7 && i > 0' }, 1], ['condition on a string', { condition: 'greeting ~ "^hel" && i == 1' }, 1],
      ['condition on a register', { condition: '$rip > 0 && i >= 2' }, 2], ['hit condition', { hitCondition: '2' }, 1], ['hit condition %', { hitCondition: '%3' }, 2],
    ];
    for (const [name, options, i] of conditions) it(`honours a ${name}`, () => {
      const { core, go } = start();
      core.setSourceBreakpoints(SOURCE, [{ line: lineOf('loop-body'), ...options }]);
      core.continue();
      assert.equal(go().kind, 'stopped');
      assert.equal(valueOf(core, core.stackOf(PID).at(0), 'i'), BigInt(i));
    });
    it('a condition that cannot be parsed leaves the breakpoint unverified; one that cannot be evaluated stops and says why', () => {
      const { core, go } = start();
      const [bad] = core.setSourceBreakpoints(SOURCE, [{ line: lineOf('leaf'), condition: 'a ==' }]);
      assert(!bad!.isVerified && /the expression ends/.test(bad!.message!));
      core.setSourceBreakpoints(SOURCE, [{ line: lineOf('leaf'), condition: 'nothing == 1' }]);
      core.continue();
      const report = go();
      assert(report.kind === 'stopped' && report.reason === 'error' && /No symbol "nothing" in current context/.test(report.text!));
    });
    it('a log point logs and does not stop', () => {
      const { core, go, logged } = start();
      core.setSourceBreakpoints(SOURCE, [{ line: lineOf('loop-body'), logMessage: 'i is {i}, twice {i * 2}' }]);
      core.continue();
      assert.equal(go().kind, 'exited');
      assert.deepEqual(logged, ['i is 0, twice 0', 'i is 1, twice 2', 'i is 2, twice 4']);
    });
    it('a data breakpoint stops after the write', () => {
      const { core, go, where } = atMain();
      const value = evaluateProgram(core.target, core.modules, core.stackOf(PID).at(0)!, 'counter').value;
      core.setDataBreakpoints([{ address: value.place.address!, size: 4, access: 'write' }]);
      core.continue();
      const report = go();
      assert.equal(report.kind === 'stopped' && report.reason, 'data breakpoint');
      assert.match(where(), /^leaf:/);
    });
  });

  describe('stepping', () => {
    it('over a call stays in the function', () => {
      const { step } = atMain();
      assert.equal(step('over'), `main:${lineOf('loop')}`);
      assert.equal(step('over'), `main:${lineOf('loop-body')}`);
      assert.equal(step('over'), `main:${lineOf('loop')}`);
    });
    it('into a call stops behind its prologue, and out of it returns to the line of the call', () => {
      const { step } = atMain();
      assert.match(step('into'), /^middle:/);
      assert.equal(step('out'), `main:${lineOf('main-first')}`);
      assert.equal(step('over'), `main:${lineOf('loop')}`);
    });
    it('over the last line of a function comes back to its caller', () => {
      const { step } = at('leaf-return');
      assert.match(step('over'), /^leaf:/);
      assert.equal(step('over'), `middle:${lineOf('middle-call')}`);
      assert.equal(step('over'), `middle:${lineOf('middle-after')}`);
    });
    it('over a recursive call does not stop in a deeper one', () => {
      const { step, core } = at('recursion');
      core.setSourceBreakpoints(SOURCE, []);
      assert.match(step('over'), /^factorial:/);
      assert.equal(core.stackOf(PID).slice(0, 20).filter(f => f.name === 'factorial').length, 1);
    });
    it('out of a recursive call returns one level', () => {
      const s = start();
      s.core.setSourceBreakpoints(SOURCE, [{ line: lineOf('factorial'), condition: 'n == 2' }]);
      s.core.continue(); s.go();
      const depth = s.core.stackOf(PID).slice(0, 20).length;
      s.core.setSourceBreakpoints(SOURCE, []);
      assert.equal(s.step('out'), `factorial:${lineOf('recursion')}`);
      assert.equal(s.core.stackOf(PID).slice(0, 20).length, depth - 1);
    });
    it('a breakpoint inside a call that is stepped over stops there', () => {
      const { core, step } = atMain();
      core.setSourceBreakpoints(SOURCE, [{ line: lineOf('leaf') }]);
      assert.equal(step('over'), `leaf:${lineOf('leaf')}`);
      assert.equal(core.lastStop?.reason, 'breakpoint');
    });
    it('by instruction goes one instruction, and over a call to behind it', () => {
      const { core, step } = at('middle-call');
      const pc = () => core.stackOf(PID).at(0)!.pc;
      for (let i = 0; i < 30; i++) {
        const before = pc();
        const depth = core.stackOf(PID).slice(0, 20).length;
        step('over', 'instruction');
        assert(pc() > before && pc() - before <= 15n, 'falls through');
        assert.equal(core.stackOf(PID).slice(0, 20).length, depth);
        if (pc() >= core.stackOf(PID).at(0)!.function!.high - 1n) break;
        if (core.stackOf(PID).at(0)!.line === lineOf('middle-return')) break;
      }
    });
    it('over a line with a system call comes to the next line', () => {
      const { step } = at('main-write');
      assert.equal(step('over'), `main:${lineOf('main-end')}`);
    });
    it('steps to the end of the program', () => {
      const { step } = atMain();
      for (let i = 0; i < 100; i++) if (step('over') === 'exited') return;
      assert.fail('did not end');
    });
  });

  describe('system calls', () => {
    it('stops in ring 0 at the entry of a call, with the user frames below', () => {
      const { core, go } = start();
      core.setFilters([{ filter: 'syscall', condition: 'write if fd == 1' }]);
      core.continue();
      const report = go();
      assert(report.kind === 'stopped' && report.reason === 'syscall' && report.phase === 'enter' && report.text!.startsWith('write(1'));
      const names = core.stackOf(PID).slice(0, 10).map(f => `${f.ring} ${f.name}:${f.line}`);
      assert.match(names[0]!, /^0 /);
      assert.deepEqual(names.slice(1), [`3 write1:${lineOf('syscall')}`, `3 main:${lineOf('main-write')}`, names[3]!]);
      assert.match(names[3]!, /^3 _start:/);
    });
    it('next at such a stop acts on the first frame with source', () => {
      const { core, go, where } = start();
      core.setFilters([{ filter: 'syscall', condition: 'write' }]);
      core.continue(); go();
      core.setFilters([]);
      core.step(PID, { kind: 'over', granularity: 'line' });
      go();
      assert.match(where(), /^write1:/);
      assert.notEqual(where(), `write1:${lineOf('syscall')}`);
    });
    it('stepOut at such a stop leaves the first frame with source', () => {
      const { core, go, where } = start();
      core.setFilters([{ filter: 'syscall', condition: 'write' }]);
      core.continue(); go();
      core.step(PID, { kind: 'out', granularity: 'line' });
      go();
      // The call's result is not used: the return address begins the next line.
      assert.equal(where(), `main:${lineOf('main-end')}`);
    });
    it('a condition on ret stops at the return', () => {
      const { core, go } = start();
      core.setFilters([{ filter: 'syscall', condition: 'write if ret == 5' }]);
      core.continue();
      const report = go();
      assert(report.kind === 'stopped' && report.phase === 'exit' && report.call?.ret === 5n);
    });
    it('a wrong condition is unverified, with the reason', () => {
      const [bad] = start().core.setFilters([{ filter: 'syscall', condition: 'wriet' }]);
      assert(!bad!.isVerified && /neither a system call nor an argument/.test(bad!.message!));
    });
    it('a filter that is not met does not stop', () => {
      const { core, go, output } = start();
      core.setFilters([{ filter: 'syscall', condition: 'write if fd == 7' }, { filter: 'syscall-fail', condition: '' }]);
      core.continue();
      assert.equal(go().kind, 'exited');
      assert.deepEqual(output, ['hello']);
    });
  });

  describe('state', () => {
    it('shows the stack with arguments and locals as gdb prints them', () => {
      const { core } = at('middle-after');
      const frame = core.stackOf(PID).at(0)!;
      const context = memoryOf(core.target, core.modules, PID);
      const { args, locals } = collectLocals(core.target, frame);
      const text = Object.fromEntries([...args, ...locals].map(v => [v.name, formatValue(v.value, context)]));
      assert.deepEqual(args.map(a => a.name), ['a', 'p', 'name']);
      assert.equal(text['a'], '3');
      assert.match(text['p']!, /^\(struct point \*\) 0x[0-9a-f]+ <origin>$/);
      assert.match(text['name']!, /^0x[0-9a-f]+ <greeting> "hello"$/);
      assert.equal(text['numbers'], '{1, 2, 3}');
      assert.equal(text['half'], '0.5');
      assert.equal(text['colour'], 'GREEN');
      assert.equal(text['total'], '10');
      assert.match(formatValue(evaluateProgram(core.target, core.modules, frame, '*p').value, context), /^\{x = 7, y = -8, next = 0x[0-9a-f]+ <origin>, low = 5, high = 17\}$/);
      assert.equal(valueOf(core, frame, 'p->next->y'), -8n);
      assert.equal(valueOf(core, frame, 'numbers[2]'), 3n);
      assert.equal(valueOf(core, frame, 'p->high'), 17n);
    });
    it('the caller\'s locals are seen in its frame', () => {
      const { core } = at('leaf');
      const names = core.stackOf(PID).slice(0, 9).map(f => f.name);
      assert.deepEqual(names, ['leaf', 'middle', 'main', '_start']);
      assert.equal(valueOf(core, core.stackOf(PID).at(1), 'a'), 3n);
      assert.equal(valueOf(core, core.stackOf(PID).at(1), 'colour'), 5n);
    });
    it('disassembles exactly as many rows as asked for, before and after', async () => {
      const { core } = at('leaf');
      const pc = core.stackOf(PID).at(0)!.pc;
      const rows = await disassemble(core.target, core.modules, PID, pc, -8, 20);
      assert.equal(rows.length, 20);
      assert.equal(rows[8]!.address, pc);
      for (let i = 4; i < 19; i++) assert.equal(rows[i + 1]!.address, rows[i]!.address + BigInt(rows[i]!.bytes.length));
      assert(rows.some(r => r.symbol === 'leaf' && /push\s+rbp/.test(r.text)));
    });
    it('disassembly of unmapped memory is invalid rows', async () => {
      const { core } = atMain();
      const rows = await disassemble(core.target, core.modules, PID, 0x10n, -4, 8);
      assert.equal(rows.length, 8);
      assert(rows.every(r => !r.isValid));
    });
  });
});
