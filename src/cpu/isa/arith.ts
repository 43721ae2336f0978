// Addition, subtraction, logic and their neighbours: 00-3F, 80-83, inc, dec, neg, not, test, cmpxchg, xadd, adc and sbb. SDM 2A, 2B.
import { rows, type Semantics } from './machine';
import { AL, Eb, Ev, Gb, Gv, Ib, Iz, rAX } from './operands';

const add: Semantics = (m, [dst, src]) => {
  const a = m.update(dst!), b = m.read(src!), r = m.add(a, b);
  m.write(dst!, r);
  m.arith('add', a, b, r);
};

const cmp: Semantics = (m, [left, right]) => {
  const a = m.read(left!), b = m.read(right!);
  m.arith('sub', a, b, m.sub(a, b));
};

const and: Semantics = (m, [dst, src]) => {
  const r = m.and(m.update(dst!), m.read(src!));
  m.write(dst!, r);
  m.logic(r);
};

export const arith = rows([
  ['00', 'add', [Eb, Gb], 'm--mmmmm', add, { lock: true }],
  ['01', 'add', [Ev, Gv], 'm--mmmmm', add, { lock: true, hot: true }],
  ['03', 'add', [Gv, Ev], 'm--mmmmm', add, { hot: true }],
  ['04', 'add', [AL, Ib], 'm--mmmmm', add],
  ['05', 'add', [rAX, Iz], 'm--mmmmm', add],
  ['81 /0', 'add', [Ev, Iz], 'm--mmmmm', add, { lock: true, hot: true }],
  ['39', 'cmp', [Ev, Gv], 'm--mmmmm', cmp, { hot: true }],
  ['21', 'and', [Ev, Gv], '0--mmum0', and, { lock: true, hot: true }],
]);
