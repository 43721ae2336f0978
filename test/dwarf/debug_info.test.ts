// Frames, variables and types of a running program, compared with gdb at the same stops.
import assert from 'node:assert/strict';
import { describeType, typeName } from '../../src/dwarf/ctype';
import { readVariable, resolveType } from '../../src/dwarf/locate';
import { builds, compile, hasTool, open, run } from './builds';
import { dumpWithGdb, TestFrame } from './gdb_dump';

describe('debug information', () => {
  for (const build of builds()) {
    it(`${build.name}: frames, registers and variables are gdb's`, function () {
      if (!hasTool('gdb')) { this.skip(); return; }
      this.timeout(60_000);
      const file = compile(build);
      const info = open(file);
      const wrong: string[] = [];
      let variables = 0, frames = 0;
      for (const stop of dumpWithGdb(file)) {
        let frame: TestFrame | undefined = TestFrame.innermost(info, stop);
        let scopes = info.scopeAt(frame.lookup);
        for (const theirs of stop.frames) {
          const where = `${theirs.name}:${theirs.line}`;
          if (!frame) { wrong.push(`${where}: no frame`); break; }
          frames++;
          if (frame.pc !== theirs.pc) { wrong.push(`${where}: pc ${frame.pc.toString(16)} is ${theirs.pc.toString(16)}`); break; }
          const end = scopes.findIndex(s => s.kind !== 'block');
          const own = scopes.slice(0, end + 1);
          scopes = scopes.slice(end + 1);
          if (own.at(-1)?.name !== theirs.name) wrong.push(`${where}: function ${own.at(-1)?.name}`);
          // gdb repeats variables of inner blocks, as optimised out, in the function's block.
          const all = theirs.variables.flat().reverse();
          const expected = new Map([...all.filter(v => v.bytes === null), ...all.filter(v => v.bytes !== null)].map(v => [v.name, v]));
          const ours = new Map([...own].reverse().flatMap(s => s.variables.map(v => [v.name, v] as const)));
          for (const [name, v] of expected) {
            const mine = ours.get(name);
            variables++;
            if (!mine && v.bytes === null) continue;
            if (!mine) { wrong.push(`${where}: ${name} is missing`); continue; }
            const type = typeName(resolveType(mine.type, frame));
            // gdb's Python gives a variable-length array of an outer frame the length that the innermost frame's registers make.
            if (v.type !== type && v.type !== 'int [variable length]' && (typeName(mine.type) === type || !frame.isCaller)) wrong.push(`${where}: ${name} has type ${type}, gdb ${v.type}`);
            const bytes = readVariable(mine.location, v.size, frame);
            const text = 'unavailable' in bytes ? null : Buffer.from(bytes).toString('hex');
            // gdb 13 does not find clang's location lists in .dwo files of DWARF 5 (DW_LLE_base_addressx); the unsplit build shows that ours are right.
            if (v.bytes === null && text !== null && build.isSplit && build.compiler === 'clang') continue;
            if (v.bytes === null ? v.shown.includes('<optimized out>') && !v.shown.includes('{') && text !== null : text !== v.bytes) {
              wrong.push(`${where}: ${name} = ${text ?? JSON.stringify(bytes)}, gdb ${v.bytes} ${v.shown}`);
            }
          }
          for (const name of ours.keys()) if (!expected.has(name)) wrong.push(`${where}: gdb has no ${name}`);
          if (!theirs.inlined) {
            const registers = Object.entries(theirs.registers).filter(([, v]) => v !== null);
            for (const [n, v] of frame.registers) {
              const name = ['rax', 'rdx', 'rcx', 'rbx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip'][n]!;
              const known = registers.find(([r]) => r === name);
              if (known && BigInt(known[1]!) !== v) wrong.push(`${where}: ${name} = ${v.toString(16)}`);
            }
            frame = frame.caller();
            scopes = frame ? info.scopeAt(frame.lookup) : [];
          }
        }
      }
      assert.deepEqual(wrong, []);
      assert.ok(variables > 20 && frames >= 3, `${variables} variables in ${frames} frames were compared`);
    });

    it(`${build.name}: types and globals are gdb's`, function () {
      if (!hasTool('gdb')) { this.skip(); return; }
      const file = compile(build);
      const info = open(file);
      const names = [...new Set(info.globalsNamed(/./).map(v => v.name))].filter(n => n !== 'static_long' && n !== 'huge');
      const types = ['struct outer', 'struct node', 'struct flags', 'union number', 'enum color', 'enum level', 'point_t', 'uint8_t', 'struct opaque'];
      const functions = info.functionsNamed(/./).filter(f => f.low !== undefined).map(f => f.name);
      assert.ok(names.length > 25, `${names.length} globals`);
      const commands = [...names, ...functions].flatMap(n => [`echo @whatis ${n}\\n`, `whatis ${n}`, `echo @ptype ${n}\\n`, `ptype ${n}`, `echo @address ${n}\\n`, `info address ${n}`, `info line ${n}`]).concat(types.flatMap(t => [`echo @ptype ${t}\\n`, `ptype ${t}`]));
      const wrong: string[] = [];
      const output = run('gdb', ['-batch', '-nx', ...commands.flatMap(c => ['-ex', c]), file]);
      for (const block of output.split('\n@').map(b => b.replace(/^@/, ''))) {
        const [head = '', ...rest] = block.split('\n');
        const [command, name = ''] = [head.slice(0, head.indexOf(' ')), head.slice(head.indexOf(' ') + 1)];
        const theirs = rest.join('\n').replace(/^type = /, '').trim();
        const type = info.globalsNamed(name)[0]?.type ?? info.functionsNamed(name).find(f => f.low !== undefined)?.type ?? info.typeNamed(name);
        if (theirs === '') continue;
        if (!type) { wrong.push(`${name} was not found`); continue; }
        if (command === 'whatis' && typeName(type) !== theirs) wrong.push(`whatis ${name}: ${typeName(type)}, gdb ${theirs}`);
        if (command === 'ptype' && describeType(type) !== theirs) wrong.push(`ptype ${name}: ${describeType(type)}\ngdb ${theirs}`);
      }
      assert.deepEqual(wrong, []);
    });
  }
});
