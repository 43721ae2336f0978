// How long a frame of the timing panel's timeline takes with a million events, in headless Chromium without a GPU: the page as it ships, zoomed and panned by the wheel.
// Usage: npm run bench panel [EVENTS]      Prints milliseconds: median, 95th percentile, longest; and what taking in the events and the list cost.
import { build } from 'esbuild';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
process.chdir(root);
const out = '.cache/bench_timeline.mjs';
await build({ entryPoints: ['bench/panel/timeline_page.ts'], outfile: out, bundle: true, platform: 'node', format: 'esm', external: ['playwright-core'], logLevel: 'warning', absWorkingDir: root });
const { measure } = await import(path.join(root, out));
const events = Number(process.argv[2] ?? 1_000_000);
console.log(JSON.stringify(await measure(events), null, 2));
process.exit(0);
