// Types of kernel_probes.mjs for its test.
export interface Table { files: { path: string; text: string }[]; probes: [number, number, number, string[]][]; functions: { name: string }[] }
export function newTable(): Table;
export function instrument(source: string, file: string, table: Table, links?: { files: Map<string, unknown> }): { toString(): string };
export function callGraph(table: Table, links: { files: Map<string, unknown> }): { calls: number[][]; handlers: Record<string, number>; loaded: number[] };
