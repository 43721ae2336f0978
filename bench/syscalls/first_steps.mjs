// What the first look inside the kernel takes, and the first steps after a stop in a large entry: over the adapter as it ships, in new processes, at a person's pace and as fast as they are answered.
// Usage: node bench/syscalls/first_steps.mjs [PROCESSES [CASE]]
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const STEPS = 8;
/** A place in the kernel's source, and how often it is passed before the stop. */
const CASES = [
  { what: 'getdents64, at its end', program: '/bin/ls', args: ['-l', '/usr/bin'], file: 'fs/readdir.ts', text: 'fsnotify_access(file)', hit: 1 },
  { what: 'getdents64, 500 names in', program: '/bin/ls', args: ['-l', '/usr/bin'], file: 'fs/readdir.ts', text: 'const stored = copy_to_user', hit: 500 },
  { what: 'execve, at its end', program: '/bin/sh', args: ['-c', '/bin/true; /bin/true'], file: 'fs/exec.ts', text: 'start_thread(', hit: 1 },
  { what: 'exit_group, at its end', program: '/bin/ls', args: ['-l', '/usr/bin'], file: 'kernel/exit.ts', text: 'exit_notify(', hit: 1 },
  { what: 'write, in vfs_write', program: `${root}/examples/hello_write`, args: [], file: 'fs/read_write.ts', text: 'const done = file.f_op.write_iter', hit: 1 },
];
const PAUSES = [1000, 100, 0];
const processes = Number(process.argv[2] ?? 5), only = process.argv[3] ?? '';

class Client {
  constructor() {
    this.adapter = spawn(process.execPath, [path.join(root, 'dist/adapter.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.seq = 0;
    this.answers = new Map();
    this.waiting = [];
    this.rest = Buffer.alloc(0);
    this.adapter.stdout.on('data', data => { this.rest = Buffer.concat([this.rest, data]); this.take(); });
  }
  take() {
    for (;;) {
      const end = this.rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/\d+/.exec(this.rest.subarray(0, end).toString())[0]);
      if (this.rest.length < end + 4 + length) return;
      const message = JSON.parse(this.rest.subarray(end + 4, end + 4 + length).toString());
      this.rest = this.rest.subarray(end + 4 + length);
      if (message.type === 'response') this.answers.get(message.request_seq)?.(message);
      else this.waiting = this.waiting.filter(({ event, resolve }) => event !== message.event || (resolve(message), false));
    }
  }
  send(command, args) {
    const seq = ++this.seq, body = JSON.stringify({ seq, type: 'request', command, arguments: args });
    this.adapter.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    return new Promise((resolve, reject) => this.answers.set(seq, answer => answer.success ? resolve(answer.body) : reject(new Error(`${command}: ${answer.message}`))));
  }
  event(event) { return new Promise(resolve => this.waiting.push({ event, resolve })); }
  async stop(command, args) {
    const [stopped] = await Promise.all([this.event('stopped'), this.send(command, args)]);
    return stopped.body;
  }
  /** Milliseconds of processor time of the thread that answers. */
  cpu() {
    const { pid } = this.adapter;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  }
}

async function launch(program, args) {
  const client = new Client(), initialized = client.event('initialized');
  await client.send('initialize', { adapterID: 'ringside', clientID: 'vscode', linesStartAt1: true, columnsStartAt1: true, pathFormat: 'path', supportsVariableType: true });
  await Promise.all([client.send('launch', { program, args, stopOnEntry: true, epoch: 0 }), initialized]);
  return client;
}

async function end(client) {
  const gone = new Promise(resolve => client.adapter.once('exit', resolve));
  await client.send('disconnect', { terminateDebuggee: true });
  client.adapter.stdin.end();
  await gone;
}

/** A breakpoint on vfs_write is set at the program's entry, and the program runs to it. */
async function look(pauseMs) {
  const client = await launch(`${root}/examples/hello_write.static`, []);
  await client.stop('configurationDone');
  await new Promise(resolve => setTimeout(resolve, pauseMs));
  const before = client.cpu();
  await client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'vfs_write' }] });
  const set = client.cpu();
  await client.stop('continue', { threadId: 1001 });
  const times = [set - before, client.cpu() - set];
  await end(client);
  return times;
}

async function measure({ program, args, file, text, hit }, pauseMs) {
  const source = readFileSync(path.join(root, 'src/kernel', file), 'utf8').split('\n');
  const line = source.findIndex(one => one.includes(text) && !one.includes('function ') && !one.startsWith('import')) + 1;
  const client = await launch(program, args);
  const { breakpoints: [set] } = await client.send('setBreakpoints', { source: { path: `ringside-kernel:/${file}` }, breakpoints: [{ line, ...(hit > 1 && { hitCondition: String(hit) }) }] });
  if (!set.verified) throw new Error(`${file}:${line}: ${set.message}`);
  await client.stop('configurationDone');
  let { threadId } = await client.stop('continue', { threadId: 1001 });
  const times = [];
  for (let step = 0; step < STEPS; step++) {
    const { stackFrames: [top] } = await client.send('stackTrace', { threadId, startFrame: 0, levels: 20 });
    const { scopes } = await client.send('scopes', { frameId: top.id });
    await client.send('variables', { variablesReference: scopes[0].variablesReference });
    await new Promise(resolve => setTimeout(resolve, pauseMs));
    const before = client.cpu();
    ({ threadId } = await client.stop('next', { threadId }));
    times.push(client.cpu() - before);
  }
  await end(client);
  return times;
}

const median = values => [...values].sort((a, b) => a - b)[values.length >> 1];
const shown = values => values.map(value => value.toFixed(1)).join(' ');
console.log(`# milliseconds of processor time of the thread that answers, by step: median and worst of ${processes} processes`);
/** Of each step the median and the worst. */
async function row(what, make) {
  const runs = [];
  while (runs.length < processes) runs.push(await make());
  const steps = runs[0].map((_, step) => runs.map(times => times[step]));
  console.log(`${what}: ${shown(steps.map(median))}; worst ${shown(steps.map(times => Math.max(...times)))}`);
}
if ('first look'.includes(only)) for (const pauseMs of [1000, 0]) await row(`first look, ${pauseMs} ms after the program's entry: a breakpoint on vfs_write is set, and come to`, () => look(pauseMs));
for (const one of CASES.filter(({ what }) => what.includes(only))) {
  for (const pauseMs of PAUSES) await row(`${one.what}, ${pauseMs} ms between steps`, () => measure(one, pauseMs));
}
