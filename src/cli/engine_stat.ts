// `ringside stat --engine`: how the processor ran a program - by which engine, what regions cost, what kept it from running on, where the time went.
import { Modules } from '../debugger/modules';
import { symbolOpener } from '../debugger/open_symbols';
import { inflate } from '../host/node/inflate';
import type { CommandLine } from './arguments';
import type { LoadProgram } from './run';
import { TraceOutput } from './trace_output';

/** Instructions between two looks at what the new addresses are called. */
const SLICE = 500_000;
const MOST_BLOCKS = 20, MOST_HELPERS = 12;

/** The exit status: the program's. Throws UserError. */
export async function runEngineStat(line: CommandLine, loadProgram: LoadProgram): Promise<number> {
  const output = new TraceOutput(line.options.output), clock = (): number => performance.now();
  const { session, console, finish } = loadProgram(line, () => undefined);
  const { core } = session.machine.parts, target = session.target(), modules = new Modules(target, symbolOpener(() => undefined, inflate));
  const profile = core.startProfile(clock);
  const names = new Map<bigint, string>();
  const nameNew = (): void => {
    for (const { address } of profile.blocks.values()) {
      if (names.has(address)) continue;
      const name = target.tasks().map(({ pid }) => modules.describe(pid, address) ?? modules.at(pid, address)?.path.replace(/.*\//, '')).find(found => found !== undefined);
      names.set(address, name ?? '');
    }
  };
  const began = clock();
  const { status } = await finish(async () => {
    for (;;) {
      profile.resume();
      const stop = target.run(SLICE);
      if (stop.kind === 'exited' || stop.kind === 'deadlock') return stop;
      nameNew();
      if (stop.kind === 'idle') await console.wait(stop.waitMs);
      else await new Promise(resolve => setImmediate(resolve));
    }
  });
  const elapsed = clock() - began;

  const retired = core.instructionsRetired, share = profile.samples > 0 ? profile.translated / profile.samples : 0;
  const count = (n: number): string => Math.round(n).toLocaleString('en-US'), ms = (n: number): string => `${n.toFixed(1)} ms`;
  const rows = (list: readonly (readonly [string, string])[]): string[] => { const width = Math.max(0, ...list.map(([figure]) => figure.length)); return list.map(([figure, text]) => `  ${figure.padStart(width)}  ${text}`); };
  const lines = ['', `${count(retired)} instructions in ${ms(elapsed)}: ${count(retired / elapsed / 1000)} million a second`];
  lines.push(...rows([[count(retired * share), `in regions (${(100 * share).toFixed(1)} % of ${count(profile.samples)} samples)`], [count(retired * (1 - share)), 'interpreted']]), '');
  if (profile.regions) {
    const { regions, kept, instructions, bytes, compileMs, dropped, forgotten, stale } = profile.regions;
    lines.push('Regions', ...rows([[count(regions), `compiled, of ${count(instructions)} instructions, ${count(bytes)} bytes of WebAssembly, in ${ms(compileMs)}`], [count(kept), 'of them taken over from an earlier run'], [count(dropped), 'dropped again'], [count(forgotten), 'times all were forgotten, for want of room'], [count(stale), 'entered after translations or MXCSR had changed']]), '');
  }
  lines.push('Memory', ...rows([[count(profile.slowAccesses), 'accesses that the TLB did not answer: misses, pages crossed, faults, writes to pages with code']]), '');
  lines.push("Exits of the interpreter's inner function", ...rows(profile.exitsByCause().map(exit => [count(exit.count), exit.cause] as const)), '');
  lines.push('Exits of regions', ...rows(profile.regionExits().map(({ cause, count: n }) => [count(n), cause] as const)), '');
  lines.push('Kernel', ...rows([[count(profile.hypercalls), 'calls of the TypeScript kernel']]), '');
  const helpers = [...profile.helpers].sort((a, b) => b[1] - a[1]);
  lines.push('Instructions run by TypeScript', ...rows(helpers.slice(0, MOST_HELPERS).map(([mnemonic, n]) => [count(n), mnemonic] as const)), '');
  const functions = new Map<string, { ms: number; samples: number; translated: number }>();
  for (const block of profile.blocks.values()) {
    const name = names.get(block.address)?.replace(/\+0x[0-9a-f]+$/, '') || `${block.isUser ? '' : 'kernel '}0x${block.address.toString(16)}`, sum = functions.get(name) ?? { ms: 0, samples: 0, translated: 0 };
    functions.set(name, { ms: sum.ms + block.ms, samples: sum.samples + block.samples, translated: sum.translated + block.translated });
  }
  const hottest = <T extends { ms: number }>(list: T[]): T[] => list.sort((a, b) => b.ms - a.ms).slice(0, MOST_BLOCKS);
  const engine = (one: { samples: number; translated: number }): string => one.translated === one.samples ? 'region' : one.translated === 0 ? 'interpreted' : `${(100 * one.translated / one.samples).toFixed(0)} % region`;
  lines.push('Functions by time', ...rows(hottest([...functions].map(([name, sum]) => ({ name, ...sum }))).map(one => [ms(one.ms), `${one.name}, ${engine(one)}`] as const)), '');
  lines.push('Blocks by time', ...rows(hottest([...profile.blocks.values()]).map(one => [ms(one.ms), `0x${one.address.toString(16)} ${names.get(one.address) || (one.isUser ? '' : 'kernel')}, ${engine(one)}`] as const)), '');
  output.write(`${lines.join('\n')}\n`);
  output.close();
  return status;
}
