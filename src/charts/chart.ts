// How a chart is declared: a pure model of the events, the picture of the model as echarts takes it, and the table that says the same in words.
// Who shows charts - panel, command line, golden tests - enumerates the registry and knows no chart by name.
import type { EChartsCoreOption } from 'echarts/core';
import type { EventTable } from '../trace/columns';
import type { Lanes } from './lanes';
import type { Theme } from './theme';

export interface Window { fromNs: number; toNs: number }

/** What models are made of. */
export interface Run {
  events: EventTable;
  /** The program's name. */
  program: string;
  /** Virtual time now: the end of the timeline. */
  nowNs: number;
  /** What the real call would cost for each function of the vDSO, by the cost model; absent ones are not known. */
  realCallNs: Readonly<Record<string, number>>;
  /** The lanes of `events`, where somebody keeps them up to date. */
  lanes?: Lanes;
  /** The part of the time that the person looks at; absent: all. */
  window?: Window;
  /** While it moves, on a slow computer: so many steps of a dense picture are one. */
  coarse?: number;
  /** The event that the person has selected. */
  selected?: number;
  /** The instant at which the debugger stands, where that is not the end. */
  cursorNs?: number;
}

/** How much room there is, and what colours. */
export interface View { width: number; height: number; theme: Theme }

export interface Column { id: string; title: string; /** Numbers stand at the right, and sort as numbers. */ isNumber: boolean; /** One sentence: what the column says. */ help?: string }
/** A cell: text for a person, beside what it sorts by and exports as where that is another thing. */
export type Cell = string | { text: string; value: number | string };
export interface Table { columns: Column[]; rows: Cell[][] }

export interface ChartDeclaration<M> {
  id: string;
  title: string;
  /** What its axis measures. */
  unit: string;
  model(run: Run): M;
  option(model: M, view: View): EChartsCoreOption;
  /** Pixels that the picture wants at this width. */
  height(model: M, width: number): number;
  /** The chart's twin for who cannot see it. */
  table(model: M): Table;
  /** What it shows in one sentence, with figures; null: there is nothing to show, and `empty` says why. */
  sentence(model: M): string | null;
  empty: string;
}

export type Chart = ChartDeclaration<unknown>;

/** Declares a chart. */
export function chart<M>(declaration: ChartDeclaration<M>): Chart {
  // A model goes only to the declaration that made it.
  return declaration as Chart;
}

export const textOf = (cell: Cell): string => typeof cell === 'string' ? cell : cell.text;
export const valueOf = (cell: Cell): number | string => typeof cell === 'string' ? cell : cell.value;
