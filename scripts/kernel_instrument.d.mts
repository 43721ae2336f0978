// Types of kernel_instrument.mjs for its test.
export interface Table { files: { path: string; text: string }[]; probes: [number, number, number, string[]][]; functions: { name: string }[] }
export interface Links { files: Map<string, unknown> }
export function newTable(): Table;
export function instrument(source: string, file: string, table: Table, links?: Links): { toString(): string };
