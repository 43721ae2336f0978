// One number for the whole state of a machine: registers, memory, clock, console, entropy, and the kernel's graph with the order of its maps and sets.
// Two machines with equal states hash equally, whatever ran in between and with whichever engine. Not a secret's hash.
import { assert } from '../base/assert';
import { CPU_RESERVED_BYTES, PAGE_SIZE, type RegisterName } from '../cpu/ports';
import { kobjectTypes, serial, type FieldKind, type KObject } from '../kernel/kobject';
import { kernel } from '../kernel/state';
import type { Machine } from './machine';

const REGISTERS: readonly RegisterName[] = [
  'rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip', 'rflags', 'cpl', 'es', 'cs', 'ss', 'ds', 'fs', 'gs',
  'tr', 'ldtr', 'fs_base', 'gs_base', 'kernel_gs_base', 'cr0', 'cr2', 'cr3', 'cr4', 'cr8', 'xcr0', 'efer', 'star', 'lstar', 'fmask', 'tsc_aux', 'dr6', 'dr7', 'mxcsr', 'fcw', 'fsw',
  'ftw', 'fop', 'fip', 'fdp',
];

/** The parts of a state, for a test that wants to know which one differs. */
export interface StateHash { registers: string; memory: string; graph: string; machine: string }

export function hashState(machine: Machine, memory: { readonly u32: Uint32Array }): StateHash {
  return { registers: hashRegisters(machine), memory: hashMemory(memory.u32), graph: hashGraph(), machine: hashMachine(machine) };
}

/** Two lanes of 32 bits that each word is mixed into. */
class Hash {
  private a = 0x9e3779b9 | 0;
  private b = 0x85ebca6b | 0;

  word(value: number): void {
    this.a = Math.imul(this.a ^ value, 0x01000193);
    this.a ^= this.a >>> 15;
    this.b = Math.imul(this.b + value | 0, 0xcc9e2d51 | 0);
    this.b = this.b << 13 | this.b >>> 19;
  }

  number(value: number): void {
    FLOAT[0] = value;
    this.word(WORDS[0] ?? 0);
    this.word(WORDS[1] ?? 0);
  }

  big(value: bigint): void { this.text(value.toString(16)); }

  text(value: string): void {
    this.word(value.length);
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
  }

  get value(): string { return (this.a >>> 0).toString(16).padStart(8, '0') + (this.b >>> 0).toString(16).padStart(8, '0'); }
}

const FLOAT = new Float64Array(1);
const WORDS = new Int32Array(FLOAT.buffer);

function hashRegisters({ parts: { core: { registers } } }: Machine): string {
  const hash = new Hash();
  for (const name of REGISTERS) { hash.word(registers.low(name)); hash.word(registers.high(name)); }
  for (let i = 0; i < 16; i++) for (const word of registers.getYmm(i)) hash.big(word);
  for (let i = 0; i < 8; i++) { const { significand, exponent } = registers.getSt(i); hash.big(significand); hash.word(exponent); }
  return hash.value;
}

/** Up to the last page that the kernel has given out. Pages that are all zero do not count, so that memory that nobody has touched need not be there. */
function hashMemory(words: Uint32Array): string {
  const hash = new Hash();
  const end = Math.min(words.length, kernel.page_next / 4);
  for (let at = CPU_RESERVED_BYTES / 4; at < end; at += PAGE_SIZE / 4) {
    let isEmpty = true;
    for (let i = at; i < at + PAGE_SIZE / 4; i++) if (words[i] !== 0) { isEmpty = false; break; }
    if (isEmpty) continue;
    hash.word(at);
    for (let i = at; i < at + PAGE_SIZE / 4; i++) hash.word(words[i] ?? 0);
  }
  return hash.value;
}

function hashMachine(machine: Machine): string {
  const { clock, console, entropy } = machine.parts;
  // What was written is for those who look on: it changes nothing that happens.
  const { written: _written, ...input } = console.saveState();
  const { pending, state, entryCount, hostCame, cursor } = machine.saveState();
  return [machine.instructionsRetired, entryCount, state, JSON.stringify(pending), hostCame, cursor, clock.skippedNs, clock.timerAt, JSON.stringify(input), [...entropy.state]].join(' ');
}

function hashGraph(): string {
  const hash = new Hash();
  const numbers = new Map<unknown, number>([[kernel, 0]]);
  const queue: (KObject & Record<string, unknown>)[] = [kernel as unknown as KObject & Record<string, unknown>];
  const add = (kind: FieldKind, value: unknown): void => {
    switch (kind.kind) {
      case 'int': case 'flags': return hash.number(value as number);
      case 'big': return hash.big(value as bigint);
      case 'bool': return hash.word(value ? 1 : 0);
      case 'string': return hash.text(value as string);
      case 'bytes': return hash.text(String.fromCharCode(...value as Uint8Array));
      case 'ops': return hash.text(value === null ? '' : (value as { $ops: string }).$ops);
      case 'object': {
        if (value === null) return hash.word(-1);
        let number = numbers.get(value);
        if (number === undefined) { numbers.set(value, number = numbers.size); queue.push(value as KObject & Record<string, unknown>); }
        return hash.word(number);
      }
      case 'list': { hash.word((value as unknown[]).length); for (const item of value as unknown[]) add(kind.of, item); return; }
      case 'set': { hash.word((value as Set<unknown>).size); for (const item of value as Set<unknown>) add(kind.of, item); return; }
      case 'map': { hash.word((value as Map<unknown, unknown>).size); for (const [key, item] of value as Map<unknown, unknown>) { add(kind.key, key); add(kind.of, item); } return; }
      case 'struct': for (const [name, field] of Object.entries(kind.fields)) add(field, (value as Record<string, unknown>)[name]);
    }
  };
  for (let at = 0; at < queue.length; at++) {
    const object = queue[at];
    const type = object && kobjectTypes.get(object.$type);
    assert(object && type, 'the graph holds an object that is not declared');
    hash.text(object.$type);
    hash.number(object.$id);
    for (const [name, kind] of Object.entries(type.fields)) add(kind, object[name]);
  }
  hash.number(serial.next);
  return hash.value;
}
