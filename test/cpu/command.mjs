// npm run test:cpu -- [--cases=N] [--rows=REGEX] [--seed=N] [--show=N] [--shard=I/N] [--programs=N] [--decode=whole]: every row against this processor's silicon, N cases each (default 1000) in both engines, the tests of the decoder
// (whole: every byte of large programs) and N random programs. Prints its seed; the same seed gives the same cases. --shard=2/4: the second quarter of the rows.
const settings = { cases: '1000', seed: String(Math.floor(Math.random() * 2 ** 31)), rows: '.', show: '2', shard: '1/1', programs: '50', decode: 'sample' };
for (const argument of process.argv.slice(2)) {
  const [, name, value] = /^--(\w+)=(.+)$/.exec(argument) ?? [];
  if (!(name in settings)) { console.error(`test:cpu: '${argument}' is not one of ${Object.keys(settings).map(k => `--${k}=`).join(' ')}`); process.exit(2); }
  settings[name] = value;
}
console.log(`test:cpu: ${settings.cases} cases a row, seed ${settings.seed}`);
Object.assign(process.env, { CASES: settings.cases, SEED: settings.seed, ROWS: settings.rows, SHOW: settings.show, SHARD: settings.shard, PROGRAMS: settings.programs, DECODE: settings.decode });
process.argv.splice(2, Infinity, '--only', settings.rows === '.' && settings.shard === '1/1' ? 'cpu/silicon,cpu/decode,cpu/random' : 'cpu/silicon');
await import('../run.mjs');
