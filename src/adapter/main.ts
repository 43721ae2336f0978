// The debug adapter's entry: DAP on stdin and stdout, or with --server=PORT on TCP of this computer, one session a connection.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { launchInMachine } from './machine_launcher';
import { AdapterServer } from './server';

const USAGE = 'usage: adapter.js [--server=PORT]';

function main(args: readonly string[]): void {
  const port = /^--server=(\d+)$/.exec(args[0] ?? '')?.[1];
  if (args.length > 0 && (port === undefined || args.length > 1 || Number(port) > 65535)) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  if (port === undefined) serveStdio();
  else serveTcp(Number(port));
}

function serveStdio(): void {
  const server = new AdapterServer(launchInMachine, () => { process.stdout.write('', () => process.exit(0)); });
  const leave = (): void => { server.session.close(); process.exit(0); };
  server.on('close', leave);
  process.stdout.on('error', leave);
  server.on('error', report);
  server.start(process.stdin, process.stdout);
}

/** The kernel's state is one a process: a client that comes while another is there gets a process of its own. */
function serveTcp(port: number): void {
  let current: net.Socket | undefined;
  const listener = net.createServer(socket => {
    if (current) return serveApart(socket);
    current = socket;
    const leave = (): void => { if (current === socket) current = undefined; };
    const server = new AdapterServer(launchInMachine, () => { leave(); socket.end(); });
    socket.on('close', () => { server.session.close(); leave(); });
    server.on('error', report);
    server.start(socket, socket);
  });
  listener.on('error', error => { process.stderr.write(`cannot listen on port ${port}: ${error.message}\n`); process.exitCode = 1; });
  listener.listen(port, '127.0.0.1', () => {
    const address = listener.address();
    process.stderr.write(`waiting for a debug adapter client on port ${typeof address === 'object' && address ? address.port : port}\n`);
  });
}

function serveApart(socket: net.Socket): void {
  const adapter = spawn(process.execPath, [...process.execArgv.filter(option => !option.startsWith('--inspect')), ...process.argv.slice(1, 2)], { stdio: ['pipe', 'pipe', 'inherit'] });
  adapter.on('error', error => { process.stderr.write(`cannot start a second adapter: ${error.message}\n`); socket.destroy(); });
  // Either end may go first; the adapter leaves when its input ends.
  for (const stream of [socket, adapter.stdin, adapter.stdout]) stream.on('error', () => socket.destroy());
  socket.pipe(adapter.stdin);
  adapter.stdout.pipe(socket);
  socket.on('close', () => { adapter.stdin.end(); adapter.stdout.destroy(); });
}

/** What is wrong with the connection: unheard, it would end the process. */
function report(event: { body?: unknown }): void { process.stderr.write(`${String(event.body)}\n`); }

main(process.argv.slice(2));
