// What the extension and the webviews know of the adapter beyond DAP: custom events and requests, one discriminated union each way. Types only.

export interface FileWritten {
  /** Absolute, as the guest names it. */
  path: string;
  size: number;
  /** The contents in base64, for files of up to 1 MiB. */
  data?: string;
}

/** A system call at which the program stands, and the C line that made it. */
export interface CallNote {
  path: string;
  line: number;
  phase: 'enter' | 'exit';
  /** As strace prints it. */
  text: string;
  /** Of a refused call: the errno's name, and the check that refused it. */
  errno?: string;
  because?: string;
}

/** Custom DAP events. */
export type RingsideEvent =
  /** Before `terminated`, when the program has written files in the sandbox. */
  | { event: 'ringside/filesWritten'; body: { files: FileWritten[] } }
  /** The call of a stop; without one when the program goes on. */
  | { event: 'ringside/callNote'; body: { note?: CallNote } }
  /** Text of the strace log, whole lines. */
  | { event: 'ringside/trace'; body: { text: string } };

/** Custom DAP requests. */
export type RingsideRequest =
  /** A file of the guest; answered until the session disconnects. */
  | { command: 'ringside/readFile'; arguments: { path: string }; body: { data: string } }
  /** Text for the program's terminal. */
  | { command: 'ringside/input'; arguments: { text: string }; body: undefined }
  /** The strace log from its beginning. */
  | { command: 'ringside/traceLog'; arguments: Record<string, never>; body: { text: string } };

/** Files longer than this come by `ringside/readFile` only. */
export const FILE_DATA_LIMIT = 1 << 20;
