// The debug adapter's entry: DAP on stdin and stdout, or with --server=PORT on TCP of this computer, one session a connection.
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
  server.on('close', () => { server.session.close(); process.exit(0); });
  server.start(process.stdin, process.stdout);
}

/** The kernel's state is one a process: a second client waits for the first to leave. */
function serveTcp(port: number): void {
  let isBusy = false;
  const listener = net.createServer(socket => {
    if (isBusy) { socket.destroy(); process.stderr.write('refused a second client: one session at a time\n'); return; }
    isBusy = true;
    const server = new AdapterServer(launchInMachine, () => socket.end());
    socket.on('close', () => { server.session.close(); isBusy = false; });
    server.on('error', (event: { body?: unknown }) => process.stderr.write(`${String(event.body)}\n`));
    server.start(socket, socket);
  });
  listener.on('error', error => { process.stderr.write(`cannot listen on port ${port}: ${error.message}\n`); process.exitCode = 1; });
  listener.listen(port, '127.0.0.1', () => {
    const address = listener.address();
    process.stderr.write(`waiting for a debug adapter client on port ${typeof address === 'object' && address ? address.port : port}\n`);
  });
}

main(process.argv.slice(2));
