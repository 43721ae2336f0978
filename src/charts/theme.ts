// The colours that a chart needs, by meaning. The panel fills them from VS Code's own; files are drawn with `paper`.
// The six states also differ in lightness, so that they can be told apart without colour.

/** What a task does at an instant. `waiting`: it could run, but another does. */
export const STATES = ['user', 'vdso', 'kernel', 'fault', 'waiting', 'blocked'] as const;
export type State = typeof STATES[number];

export const STATE_NAMES: Record<State, string> = { user: 'user', vdso: 'vDSO', kernel: 'kernel', fault: 'page fault', waiting: 'waiting for the CPU', blocked: 'blocked' };

export interface Theme {
  background: string;
  foreground: string;
  /** Labels of axes, and what is less important. */
  muted: string;
  /** Grid lines. */
  line: string;
  /** An edge around each bar, in high contrast; else null. */
  edge: string | null;
  /** What is selected, and where the debugger stands. */
  accent: string;
  cursor: string;
  error: string;
  states: Record<State, string>;
  /** Text upon a bar of that state. */
  on: Record<State, string>;
  font: string;
  mono: string;
  fontSize: number;
}

/** For files: dark on white. */
export const paper: Theme = {
  background: '#ffffff', foreground: '#24292f', muted: '#656d76', line: '#e4e7eb', edge: null, accent: '#0969da', cursor: '#bf8700', error: '#cf222e',
  states: { user: '#c6d3e3', vdso: '#2da44e', kernel: '#2f6fbb', fault: '#d4722a', waiting: '#e9e4f2', blocked: '#eeeeee' },
  on: { user: '#24292f', vdso: '#ffffff', kernel: '#ffffff', fault: '#ffffff', waiting: '#57606a', blocked: '#57606a' },
  font: "Inter, 'Segoe UI', system-ui, sans-serif", mono: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace", fontSize: 12,
};
