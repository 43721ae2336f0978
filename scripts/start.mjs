// `npm start`: debugs examples/hello_write as an editor would, over DAP, and prints what a person would see there.
// A call is followed from main into the kernel and one step back. Exit status 0 when every stop came as it should.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../esbuild.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const TIMEOUT_MS = 60_000;

/** A DAP client on the adapter's standard streams. */
class Client {
  #seq = 1;
  #waiting = new Map();
  #events = [];
  #listeners = [];
  #buffer = Buffer.alloc(0);
  constructor(child) {
    this.child = child;
    child.stdout.on('data', data => this.#receive(data));
    child.on('exit', code => { for (const { reject } of this.#waiting.values()) reject(new Error(`the adapter ended with status ${code}`)); });
  }

  request(command, args = {}) {
    const seq = this.#seq++;
    const json = Buffer.from(JSON.stringify({ seq, type: 'request', command, arguments: args }));
    this.child.stdin.write(`Content-Length: ${json.length}\r\n\r\n`);
    this.child.stdin.write(json);
    return new Promise((resolve, reject) => this.#waiting.set(seq, { resolve, reject, command }));
  }

  /** The next event of one of these names that has not been taken yet. */
  event(...names) {
    const index = this.#events.findIndex(e => names.includes(e.event));
    if (index >= 0) return Promise.resolve(this.#events.splice(index, 1)[0]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no event ${names.join(' or ')} within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
      this.#listeners.push({ names, resolve: event => { clearTimeout(timer); resolve(event); } });
    });
  }

  onOutput = () => undefined;

  #receive(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      const length = end < 0 ? NaN : Number(/Content-Length: (\d+)/.exec(this.#buffer.subarray(0, end).toString())?.[1]);
      if (!(this.#buffer.length >= end + 4 + length)) return;
      const message = JSON.parse(this.#buffer.subarray(end + 4, end + 4 + length).toString());
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#dispatch(message);
    }
  }

  #dispatch(message) {
    if (message.type === 'response') {
      const waiting = this.#waiting.get(message.request_seq);
      this.#waiting.delete(message.request_seq);
      if (message.success) waiting.resolve(message.body);
      else waiting.reject(new Error(`${waiting.command}: ${message.message}`));
    } else if (message.event === 'output') this.onOutput(message.body);
    else if (message.event !== 'ringside/trace') {
      const index = this.#listeners.findIndex(l => l.names.includes(message.event));
      if (index >= 0) this.#listeners.splice(index, 1)[0].resolve(message);
      else this.#events.push(message);
    }
  }
}

const title = text => console.log(`\n\u001b[1m${text}\u001b[0m`);

/** The lines around a frame's place: of a file here, else of the text that the adapter has of it (the kernel's own source). */
async function showSource(client, { source, line }) {
  const text = source.sourceReference ? (await client.request('source', { source, sourceReference: source.sourceReference })).content : readFileSync(source.path, 'utf8');
  const lines = text.split('\n');
  for (let n = Math.max(1, line - 1); n <= Math.min(lines.length, line + 1); n++) console.log(`${n === line ? ' ->' : '   '} ${String(n).padStart(3)}  ${lines[n - 1]}`);
}

/** Prints a stop: the decoded reason, the source, the call stack, and the scopes that `wants` names (of the frame with the user's source: Locals). */
async function showStop(client, stopped, wants = ['Locals']) {
  const { threadId, reason, description } = stopped.body;
  title(description ?? `Paused on ${reason}`);
  const { stackFrames } = await client.request('stackTrace', { threadId });
  const hasText = frame => frame.source?.sourceReference || (frame.source?.path && existsSync(frame.source.path));
  const inKernel = stackFrames[0].source?.path?.endsWith('.ts');
  const top = inKernel ? stackFrames[0] : stackFrames.find(f => !f.source?.sourceReference && hasText(f));
  if (top) await showSource(client, top);
  console.log('  call stack');
  for (const f of stackFrames) console.log(f.presentationHint === 'label' ? `    -- ${f.name}` : `    ${f.name}${f.source ? `  ${f.source.name}:${f.line}` : `  ${f.instructionPointerReference}`}`);
  const { scopes } = await client.request('scopes', { frameId: stackFrames[0].id });
  const shown = top ? [...(await client.request('scopes', { frameId: top.id })).scopes.filter(s => s.name === 'Locals'), ...scopes.filter(s => s.name !== 'Locals')] : scopes;
  for (const scope of shown.filter(s => wants.includes(s.name))) {
    const { variables } = await client.request('variables', { variablesReference: scope.variablesReference });
    console.log(`  ${scope.name.toLowerCase()}`);
    if (scope.name === 'Registers') {
      const plain = variables.filter(v => v.variablesReference === 0);
      for (const v of plain.filter(x => x.name === 'ring' || x.name === 'errno')) console.log(`    ${v.name} = ${v.value}`);
      const words = plain.filter(x => x.name !== 'ring' && x.name !== 'errno').map(v => `${v.name.padEnd(8)} ${v.value}`);
      for (let i = 0; i < words.length; i += 3) console.log(`    ${words.slice(i, i + 3).map(w => w.padEnd(30)).join('')}`.trimEnd());
    } else for (const v of variables) console.log(`    ${v.name} = ${v.value}`);
  }
  return { top, reason, threadId };
}

async function main() {
  await ensureBuilt();
  const dynamic = path.join(root, 'examples/hello_write');
  const fixed = path.join(root, 'examples/hello_write.static');
  const hasGlibc = existsSync('/lib64/ld-linux-x86-64.so.2');
  const program = !hasGlibc && existsSync(fixed) ? fixed : dynamic;
  const client = new Client(spawn(process.execPath, [path.join(root, 'dist/adapter.js')], { stdio: ['pipe', 'pipe', 'inherit'] }));
  client.onOutput = ({ category, output }) => process.stdout.write(category === 'stdout' ? output : `  [${category}] ${output}`);
  process.on('exit', () => client.child.kill());
  const problems = [];
  const check = (holds, sentence) => { if (!holds) problems.push(sentence); };

  await client.request('initialize', { adapterID: 'ringside', linesStartAt1: true, columnsStartAt1: true });
  const initialized = client.event('initialized');
  await client.request('launch', { program, stopOnEntry: true });
  await initialized;
  const { breakpoints } = await client.request('setExceptionBreakpoints', { filters: [], filterOptions: [{ filterId: 'syscall', condition: 'write' }] });
  check(breakpoints.every(b => b.verified), `the syscall filter is not verified: ${breakpoints[0]?.message}`);
  await client.request('configurationDone');

  title(`Debugging ${path.relative(root, program)}, as F5 does`);
  let stopped = await client.event('stopped', 'terminated');
  check(stopped.event === 'stopped', 'the program ended before main');
  if (stopped.event === 'stopped') {
    const entry = await showStop(client, stopped);
    check(entry.reason === 'entry' && entry.top, 'the first stop is not main with its source');
    await client.request('continue', { threadId: entry.threadId });
    stopped = await client.event('stopped', 'terminated');
    check(stopped.event === 'stopped', 'the program ended without a stop at write');
  }
  if (stopped.event === 'stopped') {
    const call = await showStop(client, stopped, ['Locals', 'Syscall', 'Registers', 'CPU state', 'Kernel']);
    check(/write\(/.test(stopped.body.description ?? ''), 'the second stop does not show the decoded call');
    check(call.top && /write/.test(readFileSync(call.top.source.path, 'utf8').split('\n')[call.top.line - 1] ?? ''), 'the second stop is not on the C line of write');

    await client.request('setExceptionBreakpoints', { filters: [] });
    await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'vfs_write' }] });
    await client.request('continue', { threadId: call.threadId });
    const inside = await showStop(client, await client.event('stopped', 'terminated'));
    check(inside.reason === 'function breakpoint' && inside.top?.name === 'vfs_write', "the third stop is not in the kernel's vfs_write");

    await client.request('setFunctionBreakpoints', { breakpoints: [] });
    title('One step back');
    await client.request('stepBack', { threadId: inside.threadId, granularity: 'statement' });
    const back = await showStop(client, await client.event('stopped', 'terminated'));
    check(back.reason === 'step', `the step back ended by ${back.reason}`);

    title('Forwards again, to where the run has come so far');
    await client.request('continue', { threadId: back.threadId });
    const furthest = await showStop(client, await client.event('stopped', 'terminated'));
    check(furthest.top?.name === 'vfs_write', 'the way forwards does not end in vfs_write');

    title('Going on to the end');
    await client.request('continue', { threadId: furthest.threadId });
    await client.event('terminated');
  }
  const exited = await Promise.race([client.event('exited'), new Promise(resolve => { setTimeout(() => resolve(undefined), 1000); })]);
  title('strace log');
  process.stdout.write((await client.request('ringside/traceLog')).text);
  console.log(`\nExit status: ${exited?.body.exitCode ?? 'none'}`);
  check(exited?.body.exitCode === 0, `the exit status is ${exited?.body.exitCode ?? 'missing'}`);
  await client.request('disconnect');
  client.child.kill();
  for (const problem of problems) console.error(`npm start: ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

await main().catch(error => { console.error(`npm start: ${error.message}`); process.exit(1); });
