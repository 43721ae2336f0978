// This computer as the machine's host.
import type { Host, HostConsole } from '../../machine/host';
import { NodeFiles } from './files';
import { nodeFacts } from './facts';

/** The host of a machine that runs in this process; the console is the caller's (a terminal's, an editor's). */
export function nodeHost(console: HostConsole): Host {
  return {
    files: new NodeFiles(), console, facts: nodeFacts(), epochNs: BigInt(Date.now()) * 1_000_000n,
    elapsedNs: () => Number(process.hrtime.bigint()),
  };
}
