// The cost model against a real computer: the calibration program inside, compared with what it and its like cost there. All of it is virtual time.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { native } from '../../bench/calibration/native';
import { costTable, costModels, type CostModelName } from '../../src/machine/cost_model';
import { launchJourney } from './journeys';

const PROGRAM = path.resolve('bench/calibration/calibration.elf');

/** One batch of each operation: nanoseconds by name. */
function measure(costModel: CostModelName): Map<string, number> {
  const { session, output } = launchJourney({ name: 'calibration', program: PROGRAM, args: ['1', '10'], input: [] }, { costModel });
  for (;;) {
    const stop = session.machine.run(Infinity);
    if (stop.kind === 'exited') {
      assert.equal(stop.status, 0, output());
      break;
    }
    assert.equal(stop.kind, 'budget', output());
  }
  const rows = new Map(output().trim().split('\n').map(line => /^(.+?) +[\d.]+ +([\d.]+)$/.exec(line)).map(m => [m?.[1] ?? '', Number(m?.[2])]));
  if (!existsSync('/bin/true')) rows.delete('fork + execve + wait: dynamic');
  return rows;
}

const ranks = (values: readonly number[]): number[] => values.map(value => values.filter(other => other < value).length + (values.filter(other => other === value).length - 1) / 2);

/** Pearson's correlation of the ranks, with ties at their mean. */
function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  const sum = (f: (i: number) => number): number => x.reduce((total, _, i) => total + f(i), 0);
  const [dx, dy] = [(i: number): number => (x[i] ?? 0) - mean, (i: number): number => (y[i] ?? 0) - mean];
  return sum(i => dx(i) * dy(i)) / Math.sqrt(sum(i => dx(i) ** 2) * sum(i => dy(i) ** 2));
}

describe('the cost model', function () {
  this.timeout(120_000);
  const models = {} as Record<CostModelName, Map<string, number>>;
  before(() => { for (const name of ['bare-metal', 'pti', 'vm'] as const) models[name] = measure(name); });
  const at = (name: CostModelName, row: string): number => {
    const ns = models[name].get(row);
    assert.ok(ns !== undefined && Number.isFinite(ns), row);
    return ns;
  };

  it('vm: nine of ten operations are within a factor of two of the medians of a real virtual machine', () => {
    const rows = Object.entries(native).filter(([name]) => models.vm.has(name)).map(([name, [, median]]) => ({ name, ratio: at('vm', name) / median }));
    const outside = rows.filter(({ ratio }) => ratio < 0.5 || ratio > 2);
    assert.ok(rows.length >= 50, `${rows.length} rows`);
    assert.ok(outside.length <= rows.length / 10, outside.map(({ name, ratio }) => `${name}: ${ratio.toFixed(2)} times`).join(', '));
  });

  for (const model of ['bare-metal', 'pti', 'vm'] as const) {
    it(`${model}: operations stand in the order of the real ones (Spearman at least 0.9)`, () => {
      const names = Object.keys(native).filter(name => models[model].has(name));
      const rho = spearman(names.map(name => at(model, name)), names.map(name => native[name]?.[1] ?? 0));
      assert.ok(rho >= 0.9, `${rho}`);
    });
  }

  it('bare metal: a getpid costs 60 to 150 ns, a clock_gettime through the vDSO 15 to 30; page-table isolation makes the getpid 200 to 400', () => {
    const [getpid, vdso, isolated] = [at('bare-metal', 'getpid'), at('bare-metal', 'clock_gettime vDSO'), at('pti', 'getpid')];
    assert.ok(getpid >= 60 && getpid <= 150, `${getpid}`);
    assert.ok(vdso >= 15 && vdso <= 30, `${vdso}`);
    assert.ok(isolated >= 200 && isolated <= 400, `${isolated}`);
  });

  it('a run gives the same figures again', () => assert.deepEqual([...measure('bare-metal')], [...models['bare-metal']]));

  it('every price is a number with a source, and no model is cheaper than bare metal', () => {
    for (const { name, bareMetal, pti, vm, source } of costTable()) {
      assert.ok(bareMetal >= 0 && pti >= bareMetal && vm >= bareMetal, name);
      assert.ok(source.length > 0, name);
    }
    assert.deepEqual(Object.keys(costModels), ['bare-metal', 'pti', 'vm']);
  });
});
