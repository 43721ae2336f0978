// The interpreter's code for what programs meet at their start. Building it takes a tenth of a second of cold JavaScript, so the bundler puts the result
// of prebuild.ts here (esbuild.mjs, the plugin `prebuilt`). Without the bundler there is none and the processor makes it itself: the same code.
import type { RowIndex } from './decode';

export interface Prebuilt {
  /** The inner function's module and the module of handlers. */
  readonly inner: Uint8Array<ArrayBuffer>;
  readonly outer: Uint8Array<ArrayBuffer>;
  /** Handlers in the inner function. */
  readonly hot: readonly number[];
  readonly rows: RowIndex;
  /** Of all rows: isa/index.ts:mnemonicsOf. */
  readonly mnemonics: string;
  /** Encoding number and form key of each handler. */
  readonly forms: readonly (readonly [encoding: number, key: number])[];
  /** Helper numbers: index into forms, and which of the form's helpers; those of the outer module, then those of the inner function. */
  readonly helpers: readonly (readonly [form: number, ordinal: number])[];
  /** Constant tables in the order of their places. */
  readonly tables: readonly (readonly number[])[];
}

export const prebuilt: Prebuilt | undefined = undefined;
