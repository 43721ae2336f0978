// The commands, apart from their options: what dist/cli.js has to know before it loads the rest.

/** The commands that run a program, and what --help says of them. */
export const COMMANDS = {
  run: 'run the program',
  strace: 'run it and log its system calls as strace does',
  stat: 'run it, then print where its time went: calls, the vDSO, and advice by line',
  chart: 'run it, then draw a chart of it as SVG',
  record: 'run it and write all that it takes to run it again to a file (-o)',
  replay: 'run a recording again: what it printed, its status, with none of the files that it read',
} as const;
export type Running = keyof typeof COMMANDS;

export function isRunning(word: string): word is Running { return Object.hasOwn(COMMANDS, word); }
