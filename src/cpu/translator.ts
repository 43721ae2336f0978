// The second engine: straight runs of predecoded instructions become WebAssembly functions of the same semantics, with operands, immediates and addresses as
// constants. Registers and flags stay in memory, so that state is exact wherever a run is left; a branch back to the run's own head stays inside.
// Which runs: those that samples of the running program fall into. Used by handlers.ts' inner function where a record's handler is FIRST_BLOCK or above.
import { ENGINE, RECORD, RECORD_BYTES, STATE } from './layout';
import type { CodeCache, CodePage } from './code_cache';
import type { Form } from './decode';
import { FIRST_BLOCK, PSEUDO, type Handlers } from './handlers';
import type { PhysicalMemory } from './physical_memory';
import { Tier0, type Surroundings } from './tier0';
import { Code, type Label, type V, type Variable } from './wasm/code';
import type { LOAD_OPS, LoadName } from './wasm/ops';

const MAX_RUN = 64, SAMPLES = 2, BATCH = 6;
const FLAG_WORDS: ReadonlySet<number> = new Set([STATE.flagResult, STATE.flagCarry, STATE.flagAux]);

/** One run to translate. */
interface Run {
  readonly page: CodePage;
  readonly head: number;
  /** Records; the first is the copy of the head that the interpreter uses when the budget is short. */
  readonly records: number[];
  readonly forms: Form[];
}

/** Operands as constants; `record` is the instruction's. */
class RunEmitter extends Tier0 {
  private at = 0;
  constructor(form: Form, around: Surroundings, private readonly memory: PhysicalMemory, private readonly page: CodePage) { super(form, around); }

  turnTo(form: Form, record: number): void {
    this.at = record;
    this.record = this.i32(record);
    this.begin(form);
  }

  protected override fromRecord<N extends LoadName>(name: N, offset: number): V<(typeof LOAD_OPS)[N][1]> {
    const { view } = this.memory, at = this.at + offset;
    const value = ((): V => {
      switch (name) {
        case 'i32.load8_u': return this.i32(view.getUint8(at));
        case 'i32.load16_u': return this.i32(view.getUint16(at, true));
        case 'i32.load': return this.i32(view.getInt32(at, true));
        case 'i64.load8_u': return this.i64(view.getUint8(at));
        case 'i64.load16_u': return this.i64(view.getUint16(at, true));
        case 'i64.load32_s': return this.i64(view.getInt32(at, true));
        case 'i64.load32_u': return this.i64(view.getUint32(at, true));
        case 'i64.load': return this.i64(view.getBigInt64(at, true));
        default: throw new Error(`a record field is not read with ${name}`);
      }
    })();
    return value as V<(typeof LOAD_OPS)[N][1]>;
  }

  override offset(...[operand]: Parameters<Tier0['offset']>): V<'i64'> {
    const { view } = this.memory, u16 = (field: number): number => view.getUint16(this.at + field, true);
    const base = u16(RECORD.base), index = u16(RECORD.index), displacement = view.getInt32(this.at + RECORD.displacement, true);
    if (operand.kind.from === 'moffs' || view.getUint8(this.at + RECORD.flags) !== 0) return super.offset(operand);
    let sum: V<'i64'> | undefined;
    if (base === ENGINE.codePage) {
      const page = BigInt(this.page.linearHigh) << 32n | BigInt(this.page.linearLow);
      if (index === STATE.zero) return this.i64(page + BigInt(displacement));
      sum = this.i64(page);
    } else if (base !== STATE.zero) sum = this.state64(base);
    if (index !== STATE.zero) {
      const scale = view.getUint8(this.at + RECORD.scale), scaled = scale ? this.shl(this.state64(index), scale) : this.state64(index);
      sum = sum ? this.add(sum, scaled) : scaled;
    }
    return !sum ? this.i64(displacement) : displacement ? this.add(sum, this.i64(displacement)) : sum;
  }

  override segmentBase(): V<'i64'> {
    return this.memory.view.getUint16(this.at + RECORD.segment, true) === STATE.zero ? this.i64(0) : super.segmentBase();
  }

  override rip(): V<'i64'> {
    const page = BigInt(this.page.linearHigh) << 32n | BigInt(this.page.linearLow);
    return this.i64(page + BigInt(this.memory.view.getUint16(this.at + RECORD.pageOffset, true)));
  }

  override nextRip(): V<'i64'> {
    return this.i64((this.rip().constant ?? 0n) + BigInt(this.memory.view.getUint8(this.at + RECORD.length)));
  }
}

export class Translator {
  private readonly counts = new Map<number, number>();
  private queue: Run[] = [];
  private waiting = 0;
  private dropsSeen = 0;
  /** Runs translated, instructions in them. */
  runs = 0;
  instructions = 0;

  constructor(private readonly memory: PhysicalMemory, private readonly handlers: Handlers, private readonly code: CodeCache) {}

  /** The program is about to execute `record` of `page`. */
  sample(page: CodePage, record: number): void {
    if (this.code.drops !== this.dropsSeen) {
      this.dropsSeen = this.code.drops;
      this.counts.clear();
      this.queue = this.queue.filter(run => run.page.isValid);
    }
    const head = this.headOf(page, record);
    if (head !== 0) {
      const n = (this.counts.get(head) ?? 0) + 1;
      this.counts.set(head, n);
      if (n === SAMPLES) {
        const run = this.collect(page, head);
        if (run) this.queue.push(run);
      }
    }
    if (this.queue.length >= BATCH || (this.queue.length > 0 && ++this.waiting > 20)) this.translate();
  }

  /** The nearest jump target at or before a record, in its own sequence; 0 when the record is translated already. */
  private headOf(page: CodePage, record: number): number {
    const { u16 } = this.memory;
    let from = 0;
    for (let i = 0; i < page.ranges.length; i += 2) if (record >= (page.ranges[i] as number) && record < (page.ranges[i + 1] as number)) from = page.ranges[i] as number;
    if (from === 0) return 0;
    for (let at = record; at >= from; at -= RECORD_BYTES) {
      const handler = u16[at >> 1] as number;
      if (handler >= FIRST_BLOCK) return 0;
      if (handler < PSEUDO.count) return at === record ? 0 : at + RECORD_BYTES;
      if (page.targets[u16[(at + RECORD.pageOffset) >> 1] as number] === 1 || at === from) return at;
    }
    return 0;
  }

  /**
   * The run from `head` on. A head's record is overwritten, and helpers read their record whenever they are called - also from a run that goes through it -
   * so that an instruction with a helper is never a head: the run begins after it.
   */
  private collect(page: CodePage, start: number): Run | undefined {
    const { u16 } = this.memory, records: number[] = [], forms: Form[] = [];
    let head = start;
    for (let form = this.handlers.formOf(u16[head >> 1] as number); form && this.handlers.usesHelper(form) && !form.encoding.options.ends; form = this.handlers.formOf(u16[head >> 1] as number)) head += RECORD_BYTES;
    for (let at = head; records.length < MAX_RUN; at += RECORD_BYTES) {
      const form = this.handlers.formOf(u16[at >> 1] as number);
      if (!form || (u16[at >> 1] as number) >= FIRST_BLOCK) break;
      records.push(at);
      forms.push(form);
      if (form.encoding.options.ends) break;
    }
    return records.length < 2 ? undefined : { page, head, records, forms };
  }

  private translate(): void {
    const { queue } = this;
    this.queue = [];
    this.waiting = 0;
    const ready: { run: Run; copy: number }[] = [];
    for (const run of queue) {
      if ((this.memory.u16[run.head >> 1] as number) >= FIRST_BLOCK || !run.page.isValid) continue;
      const copy = this.code.copyHead(run.page, run.head);
      if (copy === 0) return;
      ready.push({ run, copy });
    }
    const numbers = this.handlers.compileBlocks(ready.map(({ run, copy }) => around => this.emit(run, copy, around)));
    if (!numbers) return;
    ready.forEach(({ run }, i) => {
      const { u16, u32 } = this.memory;
      u16[run.head >> 1] = numbers[i] as number;
      u32[(run.head + RECORD.immediate) >> 2] = run.records.length;
      u32[(run.head + RECORD.immediate + 4) >> 2] = (ready[i] as { copy: number }).copy;
      this.runs++;
      this.instructions += run.records.length;
    });
  }

  /** The function (record, left) -> next record, 0 to look up ENGINE.target, -1 to leave at ENGINE.record. */
  private emit(run: Run, copy: number, outside: Pick<Surroundings, 'slowPath' | 'callHelper' | 'helperNumber' | 'routine' | 'table'>): Code {
    const { memory } = this, { records, forms, page } = run, n = records.length;
    let k = 0, done: Variable<'i32'> | undefined, readTlb: V<'i32'> | undefined, writeTlb: V<'i32'> | undefined, top: Label | undefined;
    const left = new Code().parameter('i32', 1);
    const headLow = page.linearLow + (memory.u16[(run.head + RECORD.pageOffset) >> 1] as number), headHigh = page.linearHigh;
    const retired = (m: Code, extra: number): void => m.store('i32.store', m.i32(0), ENGINE.blockRetired, m.op('i32.add', (done as Variable<'i32'>).get(), m.i32(extra)));
    const at = (): number => k === 0 ? copy : records[k] as number;
    const m = new RunEmitter(forms[0] as Form, {
      ...outside, record: new Code().parameter('i32', 0),
      tlb: (_, access) => (access === 'w' ? writeTlb : readTlb) as V<'i32'>,
      leave: c => {
        c.store('i32.store', c.i32(0), ENGINE.record, c.i32(at()));
        retired(c, k);
        c.return(c.i32(-1));
      },
      jumpTo: (c, target) => {
        c.store('i64.store', c.i32(0), ENGINE.target, target);
        retired(c, k);
        c.return(c.i32(0));
      },
      branchTo: c => {
        const { u32 } = memory, record = records[k] as number, target = at();
        if (u32[(target + RECORD.immediate) >> 2] === headLow && u32[(target + RECORD.immediate + 4) >> 2] === headHigh && top) {
          const again = top;
          const total = c.op('i32.add', (done as Variable<'i32'>).get(), c.i32(k + 1));
          c.when(c.op('i32.le_s', c.op('i32.add', total, c.i32(n - 1)), left), () => { (done as Variable<'i32'>).set(total); c.br(again); });
          retired(c, k);
          c.return(c.i32(run.head));
          return;
        }
        const link = c.load('i32.load', c.i32(record), RECORD.link);
        c.when(link, () => { retired(c, k); c.return(link); });
        c.store('i64.store', c.i32(0), ENGINE.target, c.i64(memory.view.getBigInt64(target + RECORD.immediate, true)));
        retired(c, k);
        c.return(c.i32(0));
      },
    }, memory, page);
    done = m.variable(m.i32(0));
    readTlb = m.load('i32.load', m.i32(0), ENGINE.readTlb);
    writeTlb = m.load('i32.load', m.i32(0), ENGINE.writeTlb);
    m.loop(again => {
      top = again;
      for (k = 0; k < n; k++) {
        m.turnTo(forms[k] as Form, at());
        m.build();
      }
      k = n - 1;
      retired(m, k);
      m.return(m.i32((records[n - 1] as number) + RECORD_BYTES));
    });
    m.dropDeadStores(FLAG_WORDS);
    return m;
  }
}
