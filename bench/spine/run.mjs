// What a person waits for: a program's start, a log of its calls, the stop at main; and the interpreter alone.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { loader, plugins } from '../../esbuild.mjs';
import { cli, has, keep, root, time } from '../tools.mjs';

const lines = [];
const say = (name, value, unit, ratio = '') => { const line = `${name} ${value.toPrecision(3)} ${unit}${ratio && ` ${ratio}`}`; console.log(line); lines.push(line); };
const node = (...args) => time(process.execPath, [cli, ...args], { runs: 3 })?.seconds ?? NaN;
const floor = time(process.execPath, ['-e', '0'], { runs: 5 }).seconds;
say('node -e 0', floor * 1e3, 'ms');
say('run /bin/true', node('run', '--', '/bin/true') * 1e3, 'ms');
const ls = node('run', '--', '/bin/ls', '-l', '/usr/bin'), traced = node('strace', '-o', '/dev/null', '--', '/bin/ls', '-l', '/usr/bin');
say('run ls -l /usr/bin', ls * 1e3, 'ms');
const native = has('strace') ? time('strace', ['-o', '/dev/null', '/bin/ls', '-l', '/usr/bin'])?.seconds : undefined;
say('strace ls -l /usr/bin', traced * 1e3, 'ms', native && `${(native / traced).toPrecision(3)} times the speed of the host under strace`);
const CALLS = 300_000, calls = [path.join(root, 'bench/syscalls/calls.elf'), 'getpid'];
const [few, many] = [1, CALLS].map(n => node('strace', '-o', '/dev/null', '--', ...calls, String(n)));
say('a traced getpid', (many - few) * 1e9 / CALLS, 'ns');
const launches = [await stopAtMain(), await stopAtMain(), await stopAtMain()];
say('launch request to the stop at main', Math.min(...launches), 'ms');
for (const program of has('gcc') ? ['sieve', 'sha256'] : []) say(`interpreter, ${program}`, await interpreted(program), 'MIPS');
keep('spine', lines);

/** Million instructions a second of the interpreter alone, over the first 60 million. */
async function interpreted(name) {
  const folder = path.join(root, '.cache', 'bench_spine'), program = path.join(folder, name), bundle = path.join(folder, 'interpreted.mjs');
  mkdirSync(folder, { recursive: true });
  spawnSync('gcc', ['-O2', '-static', '-o', program, path.join(root, 'bench/cpu/programs', `${name}.c`)], { stdio: 'inherit' });
  await build({ absWorkingDir: root, entryPoints: ['bench/spine/interpreted.ts'], outfile: bundle, bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', plugins: plugins(), loader, logLevel: 'warning' });
  return Number(spawnSync(process.execPath, [bundle, program], { encoding: 'utf8', cwd: root }).stdout);
}

/** Milliseconds from the launch request to the stop, over the protocol. */
function stopAtMain() {
  return new Promise((resolve, reject) => {
    const adapter = spawn(process.execPath, [path.join(root, 'dist/adapter.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
    let seq = 1, began = 0, text = '';
    const send = (command, args) => { const body = JSON.stringify({ seq: seq++, type: 'request', command, arguments: args }); adapter.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`); };
    adapter.on('error', reject);
    adapter.stdout.on('data', chunk => {
      text += chunk;
      for (let head = /Content-Length: (\d+)\r\n\r\n/.exec(text); head; head = /Content-Length: (\d+)\r\n\r\n/.exec(text)) {
        const from = head.index + head[0].length, to = from + Number(head[1]);
        if (text.length < to) return;
        const message = JSON.parse(text.slice(from, to));
        text = text.slice(to);
        if (message.type === 'response' && message.command === 'initialize') { began = performance.now(); send('launch', { program: path.join(root, 'examples/hello_write'), stopOnEntry: true }); }
        if (message.type === 'event' && message.event === 'initialized') send('configurationDone', {});
        if (message.type === 'event' && message.event === 'stopped') { const took = performance.now() - began; adapter.on('exit', () => resolve(took)); adapter.stdin.end(); }
      }
    });
    send('initialize', { adapterID: 'ringside' });
  });
}
