// What a restart takes as a client sees it: from the request to the stop at main, of programs that were stopped there and have run on a little.
// On the wall, and of the processor (all threads of the adapter, as the scheduler counted them). Usage: node bench/time/run.mjs restart [ROUNDS [COMMAND ...]]
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const ROUNDS = 5, RESTARTS = 4;
/** How long the program runs on, in ms, before it is started again; those that would be over by then make a few steps. */
const ON_MS = 200, STEPS = 5;
const SHORT = ['/bin/true', 'examples/hello_write', '/bin/ls /'], LONG = ['/bin/ls -lR /usr/lib', '/usr/bin/python3 -c while(1):pass'];

/** A client of an adapter over its standard input and output. */
class Client {
  #adapter = spawn(process.execPath, ['dist/adapter.js'], { stdio: ['pipe', 'pipe', 'ignore'] });
  #seq = 0;
  #rest = Buffer.alloc(0);
  #waiting = new Map();

  constructor() { this.#adapter.stdout.on('data', bytes => this.#read(bytes)); }

  request(command, args = {}) {
    const seq = ++this.#seq, body = JSON.stringify({ type: 'request', seq, command, arguments: args });
    this.#adapter.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    return this.#wait(`answer ${seq}`);
  }

  event(name) { return this.#wait(name); }

  /** Nanoseconds of the processor that the adapter has had. */
  get usedNs() {
    const tasks = `/proc/${this.#adapter.pid}/task`;
    return readdirSync(tasks).reduce((sum, task) => sum + Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]), 0);
  }

  close() { this.#adapter.kill(); }

  #wait(key) { return new Promise(resolve => { this.#waiting.set(key, [...this.#waiting.get(key) ?? [], resolve]); }); }

  #read(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const head = this.#rest.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#rest.toString('latin1', 0, head))[1]), end = head + 4 + length;
      if (this.#rest.length < end) return;
      const message = JSON.parse(this.#rest.toString('utf8', head + 4, end));
      this.#rest = this.#rest.subarray(end);
      if (message.event === 'terminated') throw new Error('the program is over, and would be launched anew');
      const key = message.type === 'response' ? `answer ${message.request_seq}` : message.event;
      if (message.type === 'response' && !message.success) throw new Error(`${message.command}: ${message.message}`);
      for (const resolve of this.#waiting.get(key) ?? []) resolve(message.body);
      this.#waiting.delete(key);
    }
  }
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

/** [wall, processor] in ms of each restart of one session. */
async function session(command) {
  const [name, ...args] = command.split(' '), program = path.resolve(name);
  const client = new Client(), figures = [];
  await client.request('initialize', { adapterID: 'ringside', linesStartAt1: true, columnsStartAt1: true });
  const initialized = client.event('initialized'), launched = client.request('launch', { program, args, stopOnEntry: true });
  await initialized;
  const first = client.event('stopped');
  await client.request('configurationDone');
  await Promise.all([launched, first]);
  for (let i = 0; i < RESTARTS; i++) {
    if (SHORT.includes(command)) for (let step = 0; step < STEPS; step++) await Promise.all([client.event('stopped'), client.request('next', { threadId: 1001, granularity: 'instruction' })]);
    else {
      // Started again, it stops where the recording ends, unless it is paused before.
      const stop = client.event('stopped');
      await client.request('continue', { threadId: 1001 });
      await sleep(ON_MS);
      await Promise.all([stop, client.request('pause', { threadId: 1001 })]);
    }
    const stopped = client.event('stopped'), used = client.usedNs, before = process.hrtime.bigint();
    await Promise.all([client.request('restart'), stopped]);
    const wall = Number(process.hrtime.bigint() - before) / 1e6;
    figures.push([wall, (client.usedNs - used) / 1e6]);
  }
  client.close();
  return figures;
}

const median = list => list.slice().sort((a, b) => a - b)[list.length >> 1];

const [rounds = ROUNDS, ...given] = process.argv.slice(2);
process.chdir(path.resolve(import.meta.dirname, '../..'));
for (const command of given.length > 0 ? given : [...SHORT, ...LONG]) {
  const all = [];
  for (let i = 0; i < Number(rounds); i++) all.push(await session(command));
  const say = (name, of) => {
    const wall = of.map(([one]) => one), used = of.map(([, one]) => one);
    console.log(`${`the ${name} restart of ${command}`.padEnd(75)} least ${Math.min(...wall).toFixed(0)}, median ${median(wall).toFixed(0)} ms; of the processor least ${Math.min(...used).toFixed(0)}, median ${median(used).toFixed(0)} ms`);
  };
  say('first', all.map(([one]) => one));
  say('later', all.flatMap(one => one.slice(1)));
}
