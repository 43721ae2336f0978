// Types of kernel_probes.mjs for its test.
import type { Links, Table } from './kernel_instrument.mjs';
export function callGraph(table: Table, links: Links): { calls: number[][]; handlers: Record<string, number>; ops: Record<string, Record<string, number>>; loaded: number[] };
